// SPDX-License-Identifier: Apache-2.0

/** Random rules, events and outcomes, for the model of retries and for what is compared with it. */

import fc from 'fast-check';
import type { DecidedRelease } from './decided-release.ts';
import type { RetryModel } from './retry-model.ts';
import type { Outcome, Rules, Strategy } from './retry-rules.ts';

/** What happens between two turns. */
export type Event =
  | { readonly kind: 'resync' }
  /** The HelmRelease: other values, or nothing that matters. */
  | { readonly kind: 'edit'; readonly values: string }
  | { readonly kind: 'touch' }
  /** Values of a Secret. */
  | { readonly kind: 'input'; readonly values: string }
  | { readonly kind: 'version' }
  /** The same version with another content. */
  | { readonly kind: 'build' }
  | { readonly kind: 'ask'; readonly request: 'force' | 'reset' }
  /** Somebody else's upgrade or install, uninstall (its history kept), or one that does not end. */
  | {
      readonly kind: 'others';
      readonly does: 'release' | 'fail' | 'remove' | 'keep' | 'begin' | 'odd' | 'back';
    }
  | { readonly kind: 'hour' };

export interface Sequence {
  readonly rules: Rules;
  readonly steps: readonly { readonly event: Event; readonly outcomes: readonly Outcome[] }[];
}

const strategy: fc.Arbitrary<Strategy> = fc.record({
  name: fc.constantFrom('RemediateOnFailure', 'RemediateOnFailure', 'RetryOnFailure'),
  retries: fc.integer({ min: -1, max: 2 }),
  remediateLastFailure: fc.boolean(),
  strategy: fc.constantFrom('rollback', 'uninstall'),
  ignoreTestFailures: fc.boolean(),
});
const rules: fc.Arbitrary<Rules> = fc.oneof(
  fc.record({
    of: fc.constant('helm-operator' as const),
    keepsFailedInstall: fc.boolean(),
    rollback: fc.record({
      enable: fc.boolean(),
      retry: fc.boolean(),
      maxRetries: fc.integer({ min: 0, max: 2 }),
    }),
    test: fc.record({ enable: fc.boolean(), ignoreFailures: fc.boolean() }),
  }),
  fc.record({
    of: fc.constant('helm-controller' as const),
    install: strategy,
    upgrade: strategy,
    test: fc.record({ enable: fc.boolean() }),
  }),
);
const values = fc.constantFrom('0', '1');
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Event>({ kind: 'resync' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), values }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('input' as const), values }) },
  fc.constantFrom<Event>(
    { kind: 'touch' },
    { kind: 'version' },
    { kind: 'build' },
    { kind: 'hour' },
  ),
  fc.record({ kind: fc.constant('ask' as const), request: fc.constantFrom('force', 'reset') }),
  fc.record({
    kind: fc.constant('others' as const),
    does: fc.constantFrom('release', 'fail', 'remove', 'keep', 'begin', 'odd', 'back'),
  }),
);
const outcome = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Outcome>('good') },
  { weight: 3, arbitrary: fc.constant<Outcome>('failed') },
  fc.constantFrom<Outcome>('refused', 'dies-early', 'dies', 'dies-after-good', 'dies-after-bad'),
);

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  rules,
  steps: fc.array(fc.record({ event, outcomes: fc.array(outcome, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 12,
  }),
});

/** Lets it happen to both. */
export function happen(what: Event, model: RetryModel, real: DecidedRelease): void {
  switch (what.kind) {
    case 'resync':
      return;
    case 'ask':
      model.ask(what.request);
      real.ask(what.request);
      return;
    case 'hour':
      model.history.hour++;
      real.hour++;
      return;
    case 'others':
      othersDo(what.does, model, real);
      return;
    default:
      model.wanted = changed(model.wanted, what);
      real.wanted = model.wanted;
  }
}

function changed(wanted: RetryModel['wanted'], what: Event): RetryModel['wanted'] {
  const { generation, version, build } = wanted;
  switch (what.kind) {
    case 'edit':
      return { ...wanted, generation: generation + 1, values: what.values };
    case 'input':
      return { ...wanted, values: what.values };
    case 'touch':
      return { ...wanted, generation: generation + 1 };
    case 'version':
      return { ...wanted, version: version + 1 };
    case 'build':
      return { ...wanted, build: build + 1 };
    default:
      return wanted;
  }
}

const OTHERS = { what: 'of others', generation: 0 };

/** Nobody works on a release that is being worked on. */
function othersDo(
  does: Extract<Event, { kind: 'others' }>['does'],
  model: RetryModel,
  real: DecidedRelease,
): void {
  const { history } = model;
  const { newest } = history;
  if (newest?.status === 'pending') return;
  switch (does) {
    case 'remove':
      history.revisions = [];
      real.removeAll();
      return;
    case 'keep':
    case 'odd': {
      if (newest?.status !== 'deployed') return;
      const status = does === 'keep' ? 'uninstalled' : 'superseded';
      newest.status = status;
      real.mark(status);
      return;
    }
    case 'back': {
      const [first] = history.revisions;
      if (newest?.status !== 'deployed' || first === undefined) return;
      history.begin('rollback', first, false);
      history.settle('deployed');
      real.goBack();
      return;
    }
    case 'release':
      history.begin('upgrade', OTHERS, false);
      history.settle('deployed');
      real.addByOthers(OTHERS.what, 'deployed');
      return;
    case 'fail':
      history.begin('upgrade', OTHERS, false);
      history.settle('failed');
      real.addByOthers(OTHERS.what, 'failed');
      return;
    case 'begin':
      history.begin('upgrade', OTHERS, false);
      real.addByOthers(OTHERS.what, 'pending-upgrade');
      return;
  }
}
