// SPDX-License-Identifier: Apache-2.0

/** An error as evidence: which link of the chain broke, at which objects, why. Pure. */

import type { ChainLink, Evidence, EvidenceCulprit, OutcomePhase } from '@helm-operator/api';
import { type Culprit, culpritsOf, HelmError, STEPS, type Step } from '@helm-operator/helm';
import { isKubeError, type ObjectRef } from '@helm-operator/kube';
import { verdictOf } from './verdict.ts';

/** What was being done when it failed. */
export interface Doing {
  readonly phase: OutcomePhase;
  /** What was being gathered; none once an action runs. */
  readonly gathering?: ChainLink | undefined;
  /** The last step the running action has done. */
  readonly step?: Step | undefined;
}

const SHOWN_CULPRITS = 5;
const SHOWN_EVENTS = 3;
const LONGEST_MESSAGE = 1_000;
const LONGEST_LOG = 2_000;

/** @param redact removes secrets */
export function evidenceOf(
  error: unknown,
  doing: Doing,
  redact: (text: string) => string,
): Evidence {
  const { reason, retry, mend } = verdictOf(error);
  const cut = (text: string, longest: number) => {
    const redacted = redact(text).trim();
    return redacted.length > longest ? `${redacted.slice(0, longest)}…` : redacted;
  };
  const message = error instanceof Error ? error.message : String(error);
  return {
    broken: brokenLink(error, doing),
    reason,
    message: cut(message, LONGEST_MESSAGE),
    retry,
    mend: mend === '' ? undefined : mend,
    culprits: culpritsIn(error).map((culprit) => ({
      ...culprit,
      reason: culprit.reason === undefined ? undefined : cut(culprit.reason, LONGEST_MESSAGE),
      message: culprit.message === undefined ? undefined : cut(culprit.message, LONGEST_MESSAGE),
      events: culprit.events?.map((event) => cut(event, LONGEST_MESSAGE)),
      logTail: culprit.logTail === undefined ? undefined : endOf(redact(culprit.logTail)),
    })),
  };
}

/** Of a HelmRelease that asks for what cannot be read or done. */
export function refused(reason: string, message: string): Evidence {
  return { broken: 'spec', reason, message, retry: 'terminal', culprits: [] };
}

/** The end of a log says why it ended. */
function endOf(log: string): string {
  return log.length > LONGEST_LOG ? `…${log.slice(-LONGEST_LOG)}` : log;
}

/** Errors that say themselves which link they are; by the code, or by what comes before its slash. */
const LINKS: ReadonlyMap<string, ChainLink> = new Map([
  ['fetch', 'source'],
  ['source/unreachable', 'source'],
  ['source/no-repository', 'source'],
  ['source/index', 'source'],
  ['operator/chart-secret', 'source'],
  ['source', 'chart'],
  ['chart', 'chart'],
  ['helm/chart', 'chart'],
  ['operator/values', 'values'],
  ['helm/render', 'render'],
  ['helm/render-host', 'render'],
  ['helm/render-memory', 'render'],
  ['helm/render-timeout', 'render'],
  ['helm/build', 'apply'],
  ['helm/ownership', 'apply'],
  ['helm/wait-failed', 'ready'],
  ['helm/wait-impossible', 'ready'],
  ['helm/wait-timeout', 'ready'],
]);

export function brokenLink(error: unknown, { phase, gathering, step }: Doing): ChainLink {
  if (phase === 'chart-fetch-failed') return linkOfCode(error, FETCHING) ?? 'source';
  if (gathering !== undefined) return gathering;
  if (phase === 'test-failed') return 'test';
  if (step?.action === 'rollback' || step?.action === 'drift') return 'apply';
  const link = linkOfCode(error) ?? linkOfStep(error, step);
  return link === 'ready' && isBeforeObjects(step) ? 'apply' : link;
}

const FETCHING: ReadonlySet<ChainLink> = new Set(['source', 'chart']);

/** From the outermost error whose code tells it. */
function linkOfCode(error: unknown, among?: ReadonlySet<ChainLink>): ChainLink | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    const link = LINKS.get(code) ?? LINKS.get(code.replace(/\/.*$/, ''));
    if (link !== undefined && (among === undefined || among.has(link))) return link;
  }
  return undefined;
}

const RENDERED = STEPS.indexOf('rendered');
const APPLIED = STEPS.indexOf('objects-done');

/** What was waited for came before the objects: a hook. */
function isBeforeObjects(step: Step | undefined): boolean {
  return step !== undefined && STEPS.indexOf(step.name) < APPLIED;
}

/** What comes after the last step that was done. */
function linkOfStep(error: unknown, step: Step | undefined): ChainLink {
  const done = step === undefined ? -1 : STEPS.indexOf(step.name);
  if (done >= APPLIED) return 'ready';
  if (done >= RENDERED || step === undefined || isAnswer(error)) return 'apply';
  return 'render';
}

/** The API server did not do what it was asked. */
function isAnswer(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (isKubeError(at)) return true;
  return false;
}

function culpritsIn(error: unknown): readonly EvidenceCulprit[] {
  const waited = culpritsOf(error).slice(0, SHOWN_CULPRITS).map(asEvidence);
  return waited.length > 0 ? waited : refusedObject(error);
}

function asEvidence(culprit: Culprit): EvidenceCulprit {
  const { ref, pod, container, reason, message, mend, events, logTail } = culprit;
  return {
    object: named(ref),
    pod: pod === ref.name ? undefined : pod,
    ...{ container, reason, message, mend, logTail },
    events: events?.slice(-SHOWN_EVENTS),
  };
}

function named({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The object that the API server did not take. */
function refusedObject(error: unknown): readonly EvidenceCulprit[] {
  let object: ObjectRef | undefined;
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof HelmError && at.object !== undefined) object = at.object;
    if (!isKubeError(at)) continue;
    if (at.details.name === '')
      return object === undefined ? [] : [{ object: named(object), reason: at.reason }];
    const { kind, name, causes } = at.details;
    const own = object?.name === name ? object : undefined;
    const answered = kind === '' ? name : `${kind} ${name}`;
    const fields = causes.flatMap(({ field, message }) =>
      field === '' ? [] : [`${field.replace(/^\./, '')}: ${message}`],
    );
    return [
      {
        object: own === undefined ? answered : named(own),
        reason: at.reason,
        message: fields.length === 0 ? undefined : fields.slice(0, SHOWN_EVENTS).join('; '),
      },
    ];
  }
  return [];
}
