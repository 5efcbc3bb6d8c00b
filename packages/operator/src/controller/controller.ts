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
import type { Metrics } from '../metrics/metrics.ts';
import type { OperatorOptions } from '../options.ts';
import type { OperatorPorts } from '../ports.ts';
import type { ReconcileContext, TurnResult } from '../reconcile/context.ts';
import { explain } from '../reconcile/explain.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { Reporter } from '../reconcile/report.ts';
import { ChartLooks } from './chart-looks.ts';
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
import { HealthKeeper } from './health-keeper.ts';
import { makeInputCaches, type WatchedInputs } from './input-caches.ts';
import { KnownReleases } from './known-releases.ts';
import { LiveWatches } from './live-watches.ts';
import { Patients } from './patients.ts';
import { tellRelease } from './release-info.ts';
import { objectOfKey, type ReleaseKey, releaseKey } from './release-key.ts';
import { type RunningTurn, RunningTurns, waitingOf } from './running-turns.ts';
import { ServedKinds } from './served-kinds.ts';

/** Many changes of one kind at once (a Secret and its HelmRelease, say) make one turn. */
const DEBOUNCE_MS = 100;
/** A person's changes, and the controllers' answers to them, come in bursts. */
const DRIFT_DEBOUNCE_MS = 500;

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
  readonly #running = new RunningTurns();
  readonly #looks: ChartLooks;
  #caches: WatchedInputs | undefined;
  #live: LiveWatches | undefined;
  #patients: Patients | undefined;

  constructor(options: ControllerOptions) {
    this.#own = options;
    const { clock, random } = options.ports;
    this.#queue = new WorkQueue({ clock, random, firstRetryMs: 1_000, longestRetryMs: 300_000 });
    this.#looks = new ChartLooks(options.ports);
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
    const onRefused = (apiVersion: string, error: Error) =>
      ports.log.warning('HelmReleases of this kind are left alone until they may be read', {
        ...{ component: 'operator', apiVersion, err: error.message },
      });
    const caches = makeInputCaches(ports.cluster, options.namespace, { onTrouble, onRefused });
    const { releases, secrets, configMaps } = caches;
    this.#caches = caches;
    const watches = [secrets, configMaps].map((cache) =>
      cache.run(watching.signal).catch(onTrouble),
    );
    const kinds =
      this.#own.kinds ??
      new ServedKinds({ ...ports, onDefinitionDeletion: options.onDefinitionDeletion });
    this.#live = new LiveWatches({
      cluster: ports.cluster,
      namespace: options.namespace,
      signal: watching.signal,
      clock: ports.clock,
      onChange: (release) => this.#wakeDrifted(release),
      onVerdict: (release) => {
        for (const key of this.#known.releasing(release)) keeper.changed(key);
      },
      onTrouble: (error, kind) =>
        ports.log.warning('drift is looked for at resync only', { kind, err: String(error) }),
    });
    const keeper = this.#keepHealth(this.#live, watching.signal);
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
      const health = keeper.run();
      const workers = runWorkers(
        this.#queue,
        options.workers,
        (key, place) => this.#work(key, place),
        (error, key) => this.#failed(error, key),
      );
      await resync;
      await Promise.all([this.#queue.drain(), keeper.stop()]);
      await Promise.all([workers, health]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      watching.abort();
      signal.removeEventListener('abort', onStop);
      await Promise.all([...watches, releases.ended(), kinds.ended()]);
      await this.#live.ended();
    }
  }

  #keepHealth(sight: LiveWatches, signal: AbortSignal): HealthKeeper {
    const { ports, reporter } = this.#own;
    const { clock, random, cluster } = ports;
    const onTrouble = (error: unknown, key: ReleaseKey) =>
      ports.log.warning('health is not told', { resource: key, err: explain(error, String) });
    const keeper = new HealthKeeper({ sight, clock, random, onTrouble });
    const tell = reporter.health.bind(reporter);
    this.#patients = new Patients({ keeper, cluster, signal, tell, onTrouble });
    return keeper;
  }

  #listen(caches: WatchedInputs): void {
    const { metrics } = this.#own;
    caches.releases.listen(({ type, object }, apiVersion) => {
      const key = releaseKey({ apiVersion, ...placeOf(object) });
      metrics.releaseCount(caches.releases.size);
      if (type === 'deleted') this.#forget(key);
      else {
        this.#running.interrupt(key, generationOf(object));
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
    const place = placeOf(object);
    this.#running.changed(place);
    for (const key of this.#known.waitingFor(place)) {
      this.#known.unsettle(key);
      this.#queue.addAfter(key, DEBOUNCE_MS);
    }
  }

  #forget(key: ReleaseKey): void {
    const memory = this.#known.get(key);
    if (memory !== undefined) this.#own.metrics.forget(memory.intent.release);
    this.#known.delete(key);
    this.#looks.forget(key);
    this.#patients?.forget(key);
    this.#queue.remove(key);
  }

  /** SIGTERM or a lost Lease: waiting ends now, writing ends soon. */
  #handOver(): void {
    const { clock } = this.#own.ports;
    const why = 'the operator stops';
    this.#looks.stop(new DOMException(why, 'AbortError'));
    this.#running.stopAll(why, this.#own.options.handOverMs, clock);
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { ports, options } = this.#own;
    while (!signal.aborted) {
      await ports.clock.sleep(options.resyncMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      for (const { apiVersion, object } of this.#caches?.releases.list() ?? []) {
        const key = releaseKey({ apiVersion, ...placeOf(object) });
        this.#looks.plan(key);
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
      this.#looks.plan(key);
      this.#queue.add(key);
    }
  }

  async #work(key: ReleaseKey, place: WorkerPlace): Promise<void> {
    const caches = this.#caches;
    if (caches === undefined) return;
    const restMs = this.#restOf(key, caches);
    if (restMs > 0 && !(await this.#looks.hasNewChart(key, this.#known.get(key)))) {
      if (restMs !== Infinity) this.#queue.addAfter(key, restMs);
      return;
    }
    this.#looks.forget(key);
    const running = this.#running.begin(key, place);
    try {
      const result = await this.#turn(objectOfKey(key), key, running);
      if (result !== undefined) this.#settle(key, result, running);
    } finally {
      this.#running.done(key, running);
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
    return areSame(now, settled) ? memory.dueMs - this.#own.ports.clock.elapsedMs() : 0;
  }

  #liveVersion(objects: readonly ObjectRef[]): string | undefined {
    return this.#live === undefined ? '' : this.#live.versionOf(objects);
  }

  /** @returns `undefined` when the turn was stopped: somebody will come again */
  async #turn(
    ref: ObjectRef,
    key: ReleaseKey,
    running: RunningTurn,
  ): Promise<TurnResult | undefined> {
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
      arePlansLogged: options.arePlansLogged,
      onDefinitionDeletion: options.onDefinitionDeletion,
      watchLive: async (objects) => {
        await this.#live?.watch(objects);
        running.seen.live = this.#liveVersion(objects);
      },
      onObject: (metadata) => {
        running.seen.metadata = metadata;
      },
      isTaken: (release) => this.#running.isTaken(release),
      onRead: (intent) => {
        const { source, release } = intent;
        this.#look(intent, running);
        running.generation = source.generation;
        running.release = `${release.namespace}/${release.name}`;
        const seen = this.#caches?.releases.get(source);
        if (seen !== undefined) this.#running.interrupt(key, generationOf(seen));
      },
      backOffMs: () => this.#queue.pauseOf(key),
      onStep: (step) => ports.reached?.(key, step),
      waiting: waitingOf(running),
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
  #look(intent: ReleaseIntent, { seen }: RunningTurn): void {
    const caches = this.#caches;
    if (caches === undefined) return;
    seen.referred = referredVersion(intent, caches);
    seen.record = watchedRecordVersion(intent, caches, '');
  }

  #settle(key: ReleaseKey, result: TurnResult, running: RunningTurn): void {
    const { intent, next, objects, chart, unready } = result;
    const { seen } = running;
    tellRelease(this.#own.metrics, this.#known.get(key)?.intent, result);
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
    // What it waits for may have changed after the turn read it, when nobody knew yet that it waits.
    const mustLook = unready !== undefined && this.#running.hasChanged(unready, running);
    const isKnown = isAllWatched(intent) && seen.live !== undefined && !mustLook;
    const nowMs = this.#own.ports.clock.elapsedMs();
    let dueMs = Infinity;
    if (next.kind === 'rest') this.#queue.forget(key);
    else if (next.kind === 'back-off') dueMs = nowMs + this.#queue.retry(key);
    else {
      dueMs = nowMs + next.afterMs;
      this.#queue.addAfter(key, next.afterMs);
    }
    const remembered = { intent, objects, chart, unready, dueMs };
    this.#known.set(key, { ...remembered, settled: isKnown ? settled : undefined });
    if (mustLook) this.#queue.addAfter(key, DEBOUNCE_MS);
    if (this.#own.options.isHealthKept) void this.#patients?.take(key, result);
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

function generationOf(object: JsonObject): number {
  return Number(metadataOf(object)['generation'] ?? 0);
}
