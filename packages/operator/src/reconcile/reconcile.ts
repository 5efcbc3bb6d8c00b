// SPDX-License-Identifier: Apache-2.0

/**
 * One full turn for one HelmRelease: gate → fetch → compose → observe → decide → act → report, again until there is nothing to do.
 *
 * Level-based: nothing is carried from turn to turn but what saves requests.
 */

import {
  decodeHelmRelease,
  type Evidence,
  type HelmReleaseStatus,
  memoryOf,
  type Owner,
  printOwner,
  type ReleaseIntent,
  statusOf,
} from '@helm-operator/api';
import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import { printDrift, type ReleaseRecord } from '@helm-operator/helm';
import type { JsonObject, ObjectRef } from '@helm-operator/kube';
import { CrossNamespaceError, checkReferences } from '../identity/references.ts';
import { withTenant } from '../identity/tenant.ts';
import { inputsDigest } from '../inputs/digest.ts';
import { revisionOf } from '../inputs/revision.ts';
import { composeInputs } from '../inputs/values.ts';
import { SYNC } from '../metrics/metrics.ts';
import type { ReconcileContext, TurnResult } from './context.ts';
import { type Action, type Doing, decide } from './decide.ts';
import { type Unready, unreadyDependency } from './dependencies.ts';
import { refused } from './evidence.ts';
import { explain } from './explain.ts';
import { FINALIZER, gate } from './gate.ts';
import { heirOf } from './heir.ts';
import { type Inputs, observe, releasedBy } from './observe.ts';
import { perform, tellRollback } from './perform.ts';
import { isForced } from './remember.ts';
import { keep, remove, setFinalizers } from './removal.ts';
import { type Next, nextAfter, nextAtPace } from './retry.ts';
import type { ReleaseState } from './state.ts';
import { leaveFormerTarget } from './target-change.ts';
import { Turn } from './turn.ts';

/** How long a dependency is waited for when nothing is heard of it, in milliseconds. Source: helm-controller `--requeue-dependency` */
const DEPENDENCY_MS = 30_000;
const REST: Next = { kind: 'rest' };
/** When two HelmReleases describe one release, one waits for the other's turn. */
const SOON: Next = { kind: 'later', afterMs: 5_000 };
/** How often a release of somebody else is looked at, in milliseconds; its owner's changes are noticed at once. */
const FOREIGN_MS = 300_000;
/** Of a turn for an object that is gone, or that nobody can read. */
const NOTHING: TurnResult = {
  next: REST,
  intent: undefined,
  record: undefined,
  isRecordKnown: false,
  finalizers: [],
  objects: [],
  unready: undefined,
};

/** @throws {KubeError} the API server */
export async function reconcile(ref: ObjectRef, context: ReconcileContext): Promise<TurnResult> {
  const { cluster } = context.ports;
  const object = await cluster.get(ref, { signal: context.signal });
  if (object === undefined) return NOTHING;
  const status = statusOf(object);
  let intent: ReleaseIntent;
  try {
    const decoded = decodeHelmRelease(object);
    intent = withTenant(decoded, context.tenancy);
  } catch (error) {
    await refuse(ref, { object, status, error }, context);
    return NOTHING;
  }
  context.onObject?.(metadataOf(object));
  return reconcileIntent(intent, status, context);
}

/** An object that nobody can read waits for its next edit. */
async function refuse(
  { apiVersion, kind, namespace = '', name }: ObjectRef,
  found: {
    readonly object: ValueMap;
    readonly status: HelmReleaseStatus;
    readonly error: unknown;
  },
  { reporter, ports }: ReconcileContext,
): Promise<void> {
  const metadata = metadataOf(found.object);
  const uid = String(metadata['uid'] ?? '');
  const generation = Number(metadata['generation'] ?? 0);
  const source = { apiVersion, kind, namespace, name, uid, generation };
  const subject = { source, release: { name, namespace } };
  const reason = explain(found.error, (text) => text);
  ports.log.error('the HelmRelease cannot be read', {
    resource: `${namespace}/${name}`,
    err: reason,
  });
  const memory = memoryOf(found.status);
  const outcome = {
    phase: 'failed',
    reason,
    generation,
    releaseName: name,
    namespace,
    memory,
    evidence: refused('unreadable', reason),
    next: { kind: 'on-change' },
  } as const;
  await reporter.report(subject, found.status, [outcome]);
  reporter.failed(subject, reason);
}

function metadataOf(object: ValueMap): JsonObject {
  const metadata = object.get('metadata');
  return metadata instanceof Map ? JSON.parse(encodeJson(metadata)) : {};
}

/** The same for an object that was decoded. @throws {KubeError} the API server */
export async function reconcileIntent(
  given: ReleaseIntent,
  status: HelmReleaseStatus,
  context: ReconcileContext,
): Promise<TurnResult> {
  const intent = given.drift.mode === 'as-told' ? { ...given, drift: context.drift } : given;
  const turn = new Turn(intent, status, context, context.ports.log.with(logFields(intent)));
  if (context.isTaken?.(intent.release) === true) return turn.end(SOON);
  context.onRead(intent);
  const heir = await heirOf(intent, context.ports.cluster, context.signal);
  if (heir !== undefined) return superseded(turn, heir);
  const passed = gate(intent);
  switch (passed.kind) {
    case 'gone':
      return turn.end(REST);
    case 'suspended':
      turn.log.info('suspended: nothing is done');
      await turn.report({
        phase: 'held',
        reason: 'annotation helm-operator.dev/suspend is "true"; take it away to go on',
      });
      return turn.end(REST);
    case 'refused':
      return turn.refuse(passed.refusal);
    case 'remove-release':
      return remove(turn);
    case 'let-go':
      return keep(turn, passed.why);
    case 'add-finalizer':
      await setFinalizers(turn, [...intent.finalizers, FINALIZER]);
      return sync(turn);
    case 'open':
      return sync(turn);
  }
}

/** One full turn of work, timed. */
async function sync(turn: Turn): Promise<TurnResult> {
  const { metrics, ports } = turn.context;
  const startedMs = ports.clock.elapsedMs();
  turn.log.info('starting sync run');
  if (turn.intent.automation?.isAutomated === true)
    turn.log.info('annotations ask for image automation, which this operator does not do', {
      containers: turn.intent.automation.containers.map(({ name }) => name).join(','),
    });
  try {
    return await release(turn);
  } finally {
    const durationMs = ports.clock.elapsedMs() - startedMs;
    metrics.actionDone(turn.intent.release, SYNC, !turn.hasFailed, durationMs);
  }
}

/** The other one manages the release now; this object may go, or stay and do nothing. */
async function superseded(turn: Turn, heir: Owner): Promise<TurnResult> {
  const { intent } = turn;
  const by = `${heir.apiVersion} HelmRelease ${heir.namespace}/${heir.name}`;
  if (gate(intent).kind === 'gone') return turn.end(REST);
  if (intent.isDeleting) return keep(turn, `${by} manages it`);
  const reason = `${by} manages the release; delete this one, the release stays`;
  turn.log.info('superseded', { by });
  turn.unready = heir;
  turn.isForeign = true;
  await turn.report({ phase: 'superseded', reason });
  return turn.end(REST);
}

function logFields({ source, release }: ReleaseIntent): Record<string, string> {
  return {
    component: 'release',
    release: release.name,
    targetNamespace: release.namespace,
    resource: `${source.namespace}:helmrelease/${source.name}`,
  };
}

/** Observe, decide, act, until there is nothing to do or it cannot be done now. */
async function release(turn: Turn): Promise<TurnResult> {
  const { ports, tenancy, signal } = turn.context;
  try {
    await checkReferences(turn.intent, tenancy, ports.cluster, signal);
  } catch (error) {
    const gathering = error instanceof CrossNamespaceError ? error.link : 'source';
    return turn.fail('failed', error, { gathering });
  }
  const unready = await unreadyDependency(turn.intent, ports.cluster, signal);
  if (unready !== undefined) return waitFor(turn, unready);
  const inputs = await gather(turn);
  if ('next' in inputs) return inputs;
  try {
    await leaveFormerTarget(turn);
  } catch (error) {
    return turn.fail('failed', error);
  }
  turn.remember({ kind: 'inputs', digest: inputs.digest });
  const done: Doing['kind'][] = [];
  for (;;) {
    let state: ReleaseState;
    try {
      state = await look(turn, inputs);
    } catch (error) {
      return turn.fail('failed', error);
    }
    const action = decide({
      intent: turn.intent,
      state,
      memory: turn.memory,
      done,
      isForced: isForced(turn.intent, turn.memory),
    });
    switch (action.kind) {
      case 'done':
        if (action.drift.length > 0) tellDrift(turn, action.drift);
        return succeed(turn, inputs, done.length > 0);
      case 'wait':
        return wait(turn, action.untilMs);
      case 'retry':
        return turn.endFailed(nextAtPace(action.pace));
      case 'stalled':
        return stall(turn, action);
      default: {
        const end = await perform(action, inputs, turn);
        if (end !== undefined) return end;
        done.push(action.kind);
      }
    }
  }
}

/** Woken when the other one changes; looked at again in any case. */
async function waitFor(turn: Turn, { dependency, why }: Unready): Promise<TurnResult> {
  turn.log.info('waiting for a dependency', { why });
  const isNews = await turn.report({ phase: 'dependency-not-ready', reason: why });
  if (isNews) turn.context.reporter.waits(turn.intent, why);
  turn.unready = dependency;
  return turn.end({ kind: 'later', afterMs: DEPENDENCY_MS });
}

/** Chart and values, or how the turn ends because they cannot be had. */
async function gather(turn: Turn): Promise<Inputs | TurnResult> {
  const { intent, context } = turn;
  const { ports, signal } = context;
  let chart: Inputs['chart'];
  try {
    const fetched = await ports.charts.fetch(intent.chart, signal, turn.cluster);
    if (intent.chart.kind === 'git') context.metrics.gitReady(true);
    const { digest, identity, revision } = fetched;
    turn.chart = { digest, identity, revision };
    chart = fetched;
  } catch (error) {
    if (intent.chart.kind === 'git') context.metrics.gitReady(false);
    // No watch tells when a repository has mended its ways.
    const after = nextAfter(error);
    const next: Next = after.kind === 'rest' ? { kind: 'back-off' } : after;
    return turn.fail('chart-fetch-failed', error, { next });
  }
  try {
    const { values, redactor, versions } = await composeInputs(
      intent,
      { cluster: turn.cluster, charts: ports.charts, chart },
      signal,
    );
    turn.redactor = redactor;
    return { chart, values, digest: inputsDigest(intent, chart, versions) };
  } catch (error) {
    return turn.fail('failed', error, { gathering: 'values' });
  }
}

async function look(turn: Turn, inputs: Inputs): Promise<ReleaseState> {
  const { ports, isDead } = turn.context;
  const { intent } = turn;
  const records = await turn.readOwnRecords();
  const record = releasedBy(turn.memory, records);
  if (record !== undefined) turn.remember({ kind: 'found-released', record });
  await tellRollback(turn);
  const { memory } = turn;
  const { hasUnreadable } = turn;
  const nowMs = ports.clock.nowMs();
  const plain = { intent, records, hasUnreadable, memory, inputs, nowMs, isDead };
  const owner = await otherOwner(turn, observe(plain));
  const facts = { ...plain, owner };
  const state = observe(facts);
  if (state.kind !== 'in-sync' || intent.drift.mode === 'off' || turn.record === undefined)
    return state;
  const { objects } = await turn.findDrift(turn.record);
  return observe({ ...facts, drift: objects.map(printDrift) });
}

/** Asked before anything is done to a release that this HelmRelease is not known to have made. */
async function otherOwner(turn: Turn, state: ReleaseState): Promise<string | undefined> {
  const { memory, record } = turn;
  const isKnown = memory.chartDigest !== undefined;
  if (record === undefined || isKnown || state.kind === 'in-sync') return undefined;
  const { other } = await turn.findOwner(record);
  turn.unready = other;
  return other && printOwner(other);
}

async function succeed(turn: Turn, { chart }: Inputs, hasHappened: boolean): Promise<TurnResult> {
  const version = revisionOf(turn.intent, chart);
  turn.remember({ kind: 'succeeded' });
  turn.remember({ kind: 'ended' });
  await turn.report(
    { phase: 'chart-fetched' },
    { phase: 'deployed' },
    {
      phase: 'succeeded',
      deployed: version,
      attempted: version,
      releaseStatus: turn.record?.info.status,
      drift: turn.driftReport(),
    },
  );
  if (hasHappened) turn.context.reporter.succeeded(turn.intent);
  else turn.log.info('no changes');
  return turn.end(REST);
}

const STAYS = 'it stays so until the next upgrade; --drift-detection=correct puts it right';

/** It stays: the policy says so. */
function tellDrift(turn: Turn, drift: readonly string[]): void {
  const text = turn.redact(drift.join('; '));
  turn.log.warning('live objects are not as the release says', { drift: text });
  turn.context.reporter.drifted(turn.intent, `${text}; ${STAYS}`, false);
}

async function wait(turn: Turn, untilMs: number): Promise<TurnResult> {
  const afterMs = Math.max(1_000, untilMs - turn.context.ports.clock.nowMs());
  turn.log.info('somebody else works on the release; waiting', {
    seconds: Math.round(afterMs / 1000),
  });
  await turn.report({ phase: 'held', reason: awaitedWork(turn.record, untilMs) });
  return turn.end({ kind: 'later', afterMs });
}

/** Who is waited for, and until when. */
function awaitedWork(record: ReleaseRecord | undefined, untilMs: number): string {
  const { revision = 0, info } = record ?? {};
  const until = `${new Date(untilMs).toISOString().slice(0, 19)}Z`;
  return `revision ${revision} is ${info?.status ?? 'pending'}, somebody else works on it; taken over at ${until} if that does not end`;
}

async function stall(
  turn: Turn,
  { reason, message }: Extract<Action, { kind: 'stalled' }>,
): Promise<TurnResult> {
  turn.log.warning('stalled', { reason, err: message });
  turn.remember({ kind: 'ended' });
  if (reason === 'NotOwned') {
    turn.isForeign = true;
    await turn.report({
      ...{ phase: 'failed', reason: message, evidence: notOwned(message) },
      next: { kind: 'on-change' },
    });
    turn.context.reporter.failed(turn.intent, message);
    return turn.end({ kind: 'later', afterMs: FOREIGN_MS });
  }
  return turn.endFailed(REST, message);
}

function notOwned(message: string): Evidence {
  return {
    ...{ broken: 'apply', reason: 'not-owned', message, retry: 'waiting', culprits: [] },
    mend: message.slice(message.lastIndexOf(': ') + 2),
  };
}
