// SPDX-License-Identifier: Apache-2.0

/** Watches → queue → workers: brings every HelmRelease to a turn when one of its inputs changed. */

import { type Dependency, DIALECTS, type ReleaseIntent } from '@helm-operator/api';
import {
  type JsonObject,
  type ObjectRef,
  runWorkers,
  type WorkerPlace,
  WorkQueue,
} from '@helm-operator/kube';
import { clusterOf } from '../identity/tenant.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OperatorOptions } from '../options.ts';
import type { OperatorPorts } from '../ports.ts';
import { explain } from '../reconcile/explain.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { Reporter } from '../reconcile/report.ts';
import type { ReconcileContext, TurnResult } from '../reconcile/turn.ts';
import {
  areSame,
  type InputVersions,
  isAllWatched,
  metadataOf,
  objectVersion,
  recordIndexKeys,
  recordVersion,
  referredVersion,
  textAt,
  watchedRecordVersion,
} from './fingerprint.ts';
import { makeInputCaches, type WatchedInputs } from './input-caches.ts';
import { KnownReleases } from './known-releases.ts';
import { LiveWatches } from './live-watches.ts';
import { objectOfKey, type ReleaseKey, releaseKey } from './release-key.ts';
import { ServedKinds } from './served-kinds.ts';

/** Many changes of one kind at once (a Secret and its HelmRelease, say) make one turn. */
const DEBOUNCE_MS = 100;
/** A person's changes, and the controllers' answers to them, come in bursts. */
const DRIFT_DEBOUNCE_MS = 500;

/** A turn that runs. */
interface Running {
  readonly stop: AbortController;
  /** Of the object it was begun for; `undefined` until it has been read. */
  generation: number | undefined;
  /** What it works on, as `NAMESPACE/NAME`. */
  release: string | undefined;
  /** Its objects are written, it only waits: it may be stopped without harm. */
  isWaiting: boolean;
  /** Left while it waits: waiting holds no worker. */
  readonly place: WorkerPlace;
  /** Why it ends as soon as it only waits. */
  end: string | undefined;
  /** What the turn depends on, as it was just before the turn read it. */
  readonly seen: {
    metadata: JsonObject;
    referred: string;
    record: string;
    live: string | undefined;
  };
}

function endWhenWaiting(running: Running): void {
  if (!running.isWaiting || running.end === undefined) return;
  running.stop.abort(new DOMException(running.end, 'AbortError'));
}

export interface ControllerOptions {
  readonly options: OperatorOptions;
  readonly ports: OperatorPorts;
  readonly reporter: Reporter;
  readonly metrics: Metrics;
  /** Default: what the cluster says. */
  readonly kinds?: ServedKinds | undefined;
}

export class Controller {
  readonly #own: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #known = new KnownReleases();
  readonly #running = new Map<ReleaseKey, Running>();
  /** Whose charts are to be looked at, though nothing else has changed. */
  readonly #due = new Set<ReleaseKey>();
  readonly #looking = new AbortController();
  #caches: WatchedInputs | undefined;
  #live: LiveWatches | undefined;

  constructor(options: ControllerOptions) {
    this.#own = options;
    const { clock, random } = options.ports;
    this.#queue = new WorkQueue({ clock, random, firstRetryMs: 1_000, longestRetryMs: 300_000 });
    options.metrics.queueLength(() => this.#queue.stats().waiting);
  }

  /** Everything that existed at the start has been seen. */
  get isReady(): boolean {
    if (this.#caches === undefined) return false;
    const { releases, secrets, configMaps } = this.#caches;
    return releases.isSynced && secrets.isSynced && configMaps.isSynced;
  }

  /** Works until the signal is aborted; then finishes what cannot be stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const { ports, options } = this.#own;
    const watching = new AbortController();
    const onTrouble = (error: unknown) => {
      if (!watching.signal.aborted) ports.log.error('watch ended', { err: String(error) });
    };
    const caches = makeInputCaches(ports.cluster, options.namespace, onTrouble);
    const { releases, secrets, configMaps } = caches;
    this.#caches = caches;
    const watches = [secrets, configMaps].map((cache) =>
      cache.run(watching.signal).catch(onTrouble),
    );
    const kinds = this.#own.kinds ?? new ServedKinds(ports);
    this.#live = new LiveWatches({
      cluster: ports.cluster,
      namespace: options.namespace,
      signal: watching.signal,
      onChange: (release) => this.#wakeDrifted(release),
      onTrouble: (error, kind) =>
        ports.log.warning('drift is looked for at resync only', { kind, err: String(error) }),
    });
    const onStop = () => this.#handOver();
    try {
      // The newest kind is waited for, even if it is not defined yet.
      for (const { apiVersion } of DIALECTS.slice(0, 1))
        releases.watch(apiVersion, watching.signal);
      await kinds.start(signal, ({ apiVersion }) => releases.watch(apiVersion, watching.signal));
      for (const cache of [releases, secrets, configMaps]) await cache.whenSynced(signal);
      ports.log.info('informer caches synced', {
        component: 'operator',
        releases: caches.releases.size,
      });
      this.#listen(caches);
      signal.addEventListener('abort', onStop, { once: true });
      const resync = Promise.all([this.#resync(signal), this.#pollGit(signal)]);
      const workers = runWorkers(
        this.#queue,
        options.workers,
        (key, place) => this.#work(key, place),
        (error, key) => this.#failed(error, key),
      );
      await resync;
      await this.#queue.drain();
      await workers;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      watching.abort();
      signal.removeEventListener('abort', onStop);
      await Promise.all([...watches, releases.ended(), kinds.ended()]);
      await this.#live.ended();
    }
  }

  #listen(caches: WatchedInputs): void {
    const { metrics } = this.#own;
    caches.releases.listen(({ type, object }, apiVersion) => {
      const key = releaseKey({ apiVersion, ...placeOf(object) });
      metrics.releaseCount(caches.releases.size);
      if (type === 'deleted') this.#forget(key);
      else {
        this.#interrupt(key, object);
        this.#queue.add(key);
      }
      this.#wakeDependents(object);
    });
    caches.secrets.listen(({ object }) => this.#wake('Secret', object));
    caches.configMaps.listen(({ object }) => this.#wake('ConfigMap', object));
  }

  /** Those that refer to what changed, or whose record it is. */
  #wake(kind: 'Secret' | 'ConfigMap', object: JsonObject): void {
    const place = placeOf(object);
    const woken = new Set(this.#known.referringTo({ kind, ...place }));
    const records = kind === 'Secret' ? recordIndexKeys(object) : [];
    for (const record of records)
      for (const key of this.#known.recordedAs(placeOfKey(record))) woken.add(key);
    for (const key of woken) this.#queue.addAfter(key, DEBOUNCE_MS);
  }

  /** One of its objects changed; many at once make one turn. */
  #wakeDrifted(release: { readonly name: string; readonly namespace: string }): void {
    for (const key of this.#known.releasing(release)) this.#queue.addAfter(key, DRIFT_DEBOUNCE_MS);
  }

  /** Those that wait for this one; whether it is ready now they see themselves. */
  #wakeDependents(object: JsonObject): void {
    for (const key of this.#known.waitingFor(placeOf(object))) {
      this.#known.unsettle(key);
      this.#queue.addAfter(key, DEBOUNCE_MS);
    }
  }

  #forget(key: ReleaseKey): void {
    const memory = this.#known.get(key);
    if (memory !== undefined) this.#own.metrics.forget(memory.intent.release);
    this.#known.delete(key);
    this.#due.delete(key);
    this.#queue.remove(key);
  }

  /** A new generation (a deletion makes one, too) ends a turn as soon as it only waits for the old one. */
  #interrupt(key: ReleaseKey, object: JsonObject): void {
    const running = this.#running.get(key);
    if (running?.generation === undefined) return;
    if (Number(metadataOf(object)['generation'] ?? 0) <= running.generation) return;
    running.end = 'the HelmRelease changed';
    endWhenWaiting(running);
  }

  /** SIGTERM or a lost Lease: waiting ends now, writing ends soon. */
  #handOver(): void {
    const { clock } = this.#own.ports;
    const why = 'the operator stops';
    this.#looking.abort(new DOMException(why, 'AbortError'));
    for (const running of this.#running.values()) {
      const stop = () => running.stop.abort(new DOMException(why, 'AbortError'));
      running.end = why;
      endWhenWaiting(running);
      void clock
        .sleep(this.#own.options.handOverMs, running.stop.signal)
        .then(stop, () => undefined);
    }
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { ports, options } = this.#own;
    while (!signal.aborted) {
      await ports.clock.sleep(options.resyncMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      for (const { apiVersion, object } of this.#caches?.releases.list() ?? []) {
        const key = releaseKey({ apiVersion, ...placeOf(object) });
        this.#due.add(key);
        this.#queue.add(key);
      }
    }
  }

  async #pollGit(signal: AbortSignal): Promise<void> {
    const { ports, options } = this.#own;
    while (!signal.aborted) {
      await ports.clock.sleep(options.gitPollMs, signal).catch(() => undefined);
      if (!signal.aborted) this.lookAtGit();
    }
  }

  /** Looks whether the Git repositories of releases have other charts by now. */
  lookAtGit(): void {
    for (const key of this.#known.fromGit()) {
      this.#due.add(key);
      this.#queue.add(key);
    }
  }

  async #work(key: ReleaseKey, place: WorkerPlace): Promise<void> {
    const caches = this.#caches;
    if (caches === undefined) return;
    const restMs = this.#restOf(key, caches);
    if (restMs > 0 && !(await this.#hasNewChart(key))) {
      if (restMs !== Infinity) this.#queue.addAfter(key, restMs);
      return;
    }
    this.#due.delete(key);
    const running: Running = {
      stop: new AbortController(),
      generation: undefined,
      release: undefined,
      isWaiting: false,
      place,
      end: undefined,
      seen: { metadata: {}, referred: '', record: '', live: '' },
    };
    this.#running.set(key, running);
    try {
      const result = await this.#turn(objectOfKey(key), key, running);
      if (result !== undefined) this.#settle(key, result, running);
    } finally {
      this.#running.delete(key);
      running.stop.abort();
    }
  }

  /** How long there is nothing to do for it, in milliseconds: its inputs are as the last turn saw and left them. */
  #restOf(key: ReleaseKey, caches: WatchedInputs): number {
    const memory = this.#known.get(key);
    if (memory?.settled === undefined) return 0;
    const { intent, objects, settled } = memory;
    const object = caches.releases.get(intent.source);
    const live = this.#liveVersion(objects);
    if (object === undefined || live === undefined) return 0;
    const now: InputVersions = {
      object: objectVersion(metadataOf(object)),
      referred: referredVersion(intent, caches),
      record: watchedRecordVersion(intent, caches, settled.record),
      live,
    };
    return areSame(now, settled) ? memory.dueMs - this.#own.ports.clock.nowMs() : 0;
  }

  #liveVersion(objects: readonly ObjectRef[]): string | undefined {
    return this.#live === undefined ? '' : this.#live.versionOf(objects);
  }

  /** A source that does not answer leaves what is deployed alone. */
  async #hasNewChart(key: ReleaseKey): Promise<boolean> {
    const { charts, log } = this.#own.ports;
    const memory = this.#known.get(key);
    const known = memory?.chart;
    if (!this.#due.delete(key) || memory === undefined || known === undefined) return false;
    try {
      const { signal } = this.#looking;
      const secrets = clusterOf(memory.intent, this.#own.ports.cluster);
      return (await charts.hasChanged?.(memory.intent.chart, known, signal, secrets)) === true;
    } catch (error) {
      log.warning('cannot look for a new chart; what is deployed stays', {
        resource: key,
        err: explain(error, String),
      });
      return false;
    }
  }

  /** @returns `undefined` when the turn was stopped: somebody will come again */
  async #turn(ref: ObjectRef, key: ReleaseKey, running: Running): Promise<TurnResult | undefined> {
    const { ports, reporter, metrics, options } = this.#own;
    const context: ReconcileContext = {
      ports,
      reporter,
      metrics,
      signal: running.stop.signal,
      holder: options.identity,
      // One operator works at a time (the Lease), one worker on an object: a mark of ours is always left over.
      isDead: () => true,
      drift: { mode: options.driftMode, ignore: [] },
      tenancy: options.tenancy,
      watchLive: async (objects) => {
        await this.#live?.watch(objects);
        running.seen.live = this.#liveVersion(objects);
      },
      onObject: (metadata) => {
        running.seen.metadata = metadata;
      },
      isTaken: ({ namespace, name }) =>
        [...this.#running.values()].some(({ release }) => release === `${namespace}/${name}`),
      onRead: (intent) => {
        const { source, release } = intent;
        this.#look(intent, running);
        running.generation = source.generation;
        running.release = `${release.namespace}/${release.name}`;
        const seen = this.#caches?.releases.get(source);
        if (seen !== undefined) this.#interrupt(key, seen);
      },
      backOffMs: () => this.#queue.pauseOf(key),
      onStep: (step) => ports.reached?.(key, step),
      waiting: {
        began: () => {
          running.isWaiting = true;
          running.place.leave();
          endWhenWaiting(running);
        },
        ended: () => {
          running.isWaiting = false;
          running.place.enter();
        },
      },
    };
    try {
      return await reconcile(ref, context);
    } catch (error) {
      if (!running.stop.signal.aborted) throw error;
      ports.log.info('stopped waiting', {
        resource: key,
        why: explain(running.stop.signal.reason, String),
      });
      this.#queue.add(key);
      return undefined;
    }
  }

  /** Notes what the turn is about to read; what changes from now on makes another turn. */
  #look(intent: ReleaseIntent, { seen }: Running): void {
    const caches = this.#caches;
    if (caches === undefined) return;
    seen.referred = referredVersion(intent, caches);
    seen.record = watchedRecordVersion(intent, caches, '');
  }

  #settle(key: ReleaseKey, result: TurnResult, { seen }: Running): void {
    const { intent, next, objects, chart, unready } = result;
    if (intent === undefined) {
      this.#known.delete(key);
      return;
    }
    const settled: InputVersions = {
      object: objectVersion({ ...seen.metadata, finalizers: [...result.finalizers] }),
      referred: seen.referred,
      record: result.isRecordKnown ? recordVersion(intent, result.record) : seen.record,
      live: seen.live ?? '',
    };
    const isKnown = isAllWatched(intent) && seen.live !== undefined;
    const nowMs = this.#own.ports.clock.nowMs();
    let dueMs = Infinity;
    if (next.kind === 'rest') this.#queue.forget(key);
    else if (next.kind === 'back-off') dueMs = nowMs + this.#queue.retry(key);
    else {
      dueMs = nowMs + next.afterMs;
      this.#queue.addAfter(key, next.afterMs);
    }
    const remembered = { intent, objects, chart, unready, dueMs };
    this.#known.set(key, { ...remembered, settled: isKnown ? settled : undefined });
  }

  #failed(error: unknown, key: ReleaseKey): void {
    this.#own.ports.log.error('reconciling failed', { resource: key, err: explain(error, String) });
  }
}

function placeOf(object: JsonObject): Dependency {
  const metadata = metadataOf(object);
  return { namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name') };
}

/** What stands in `NAMESPACE/NAME`. */
function placeOfKey(key: string): Dependency {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
