// SPDX-License-Identifier: Apache-2.0

/** `status.failure`: the evidence of the last failure, until a release succeeds. */

import { type Evidence, type EvidenceCulprit, type NextAttempt, printChain } from '../evidence.ts';
import { flag, list, object, type Schema, text, time } from '../schema.ts';

export interface Failure {
  /** The link of the chain that broke. */
  readonly link: string;
  readonly chain: string;
  readonly reason: string;
  readonly message: string;
  readonly retry: string;
  readonly mend?: string | undefined;
  readonly culprits?: readonly EvidenceCulprit[] | undefined;
  /** What was done about it. */
  readonly remedy?: string | undefined;
  /** When it was first seen. */
  readonly since: string;
  readonly nextAttempt?: string | undefined;
  readonly waitsForChange?: boolean | undefined;
}

export const failureSchema: Schema = object(
  {
    link: text('Where it broke: spec, source, chart, values, render, apply, ready or test.'),
    chain: text('What held, and what did not.'),
    reason: text('A word for the kind of failure.'),
    message: text('What happened.'),
    retry: text('Whether trying again can help: transient, waiting, unknown or terminal.'),
    mend: text('What a person can do.'),
    culprits: list(
      object({
        object: text('Kind and name.'),
        pod: text('The pod behind it.'),
        container: text('The container of the pod.'),
        reason: text("Why, in the cluster's words."),
        message: text('What is missed.'),
        mend: text('What a person can do.'),
        events: list({ type: 'string' }, 'The last events, the newest last.'),
        logTail: text('The end of the log of the container that does not run.'),
      }),
      'Objects that are to blame.',
    ),
    remedy: text('What was done about it: the failed install was uninstalled, say.'),
    since: time('When this failure was first seen.'),
    nextAttempt: time('When it is tried again.'),
    waitsForChange: flag('It is not tried again until the spec, the chart or the values change.'),
  },
  [],
  'The evidence of the last failure, until a release succeeds.',
);

/** @param before the failure that is told already @param nowIso RFC 3339 */
export function withEvidence(
  before: Failure | undefined,
  evidence: Evidence,
  nowIso: string,
): Failure {
  const { broken, reason, message, retry, mend, culprits } = evidence;
  const isSame =
    before?.link === broken &&
    before.reason === reason &&
    (culprits.length === 0 ? before.message === message : hasSameCulprits(before, culprits));
  return {
    link: broken,
    chain: printChain(broken),
    ...{ reason, message, retry },
    ...(mend === undefined ? {} : { mend }),
    ...(culprits.length === 0 ? {} : { culprits: culprits.map(said) }),
    since: isSame ? before.since : nowIso,
  };
}

/** Pods have another name at each attempt; what they belong to has not. */
function hasSameCulprits(before: Failure, culprits: readonly EvidenceCulprit[]): boolean {
  const names = (list: readonly EvidenceCulprit[]) => list.map(({ object }) => object).join();
  return names(before.culprits ?? []) === names(culprits);
}

/** A failure with what comes next. @param remedy what was done about it */
export function withNextAttempt(
  { nextAttempt: _, waitsForChange: __, remedy: ___, ...rest }: Failure,
  next: NextAttempt,
  remedy?: string,
): Failure {
  const failure = remedy === undefined ? rest : { ...rest, remedy };
  return next.kind === 'at'
    ? { ...failure, nextAttempt: `${new Date(next.timeMs).toISOString().slice(0, 19)}Z` }
    : { ...failure, waitsForChange: true };
}

/** Only what is known: JSON keeps no `undefined`. */
function said(culprit: EvidenceCulprit): EvidenceCulprit {
  const known = Object.entries(culprit).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as EvidenceCulprit;
}
