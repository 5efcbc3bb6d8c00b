// SPDX-License-Identifier: Apache-2.0

/** HelmReleases on a fake cluster: turns of the reconciler, attempts that end as a test says, and what came of them. */

import {
  decodeHelmRelease,
  helmReleaseCrd,
  type ReleaseIntent,
  statusOf,
} from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  type ChartHandle,
  createSecretStorage,
  type ReleaseRecord,
  type ReleaseStorage,
  type RenderPort,
  type RenderRequest,
} from '@helm-operator/helm';
import { EventRecorder, type JsonObject } from '@helm-operator/kube';
import {
  createLogger,
  DEFAULT_OPTIONS,
  Metrics,
  type ReconcileContext,
  Reporter,
  reconcileIntent,
  type TurnResult,
} from '@helm-operator/operator';
import { AttemptScript } from './attempt-script.ts';
import { FakeCluster } from './fake-cluster/fake-cluster.ts';
import { StatusError } from './fake-cluster/status-error.ts';
import { ValuesRender } from './fake-render.ts';
import { INPUTS, othersRecord } from './histories.ts';
import { JumpingClock } from './release-harness.ts';

const REF = {
  apiVersion: 'helm.fluxcd.io/v1',
  kind: 'HelmRelease',
  namespace: 'default',
};

/** Watches the process: one is enough for all worlds. */
export const metrics: Metrics = new Metrics();

/** Holds the values. */
export const VALUES_MAP: string = `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  values: VALUES`;

const TEST_POD = `apiVersion: v1
kind: Pod
metadata:
  name: web-test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation`;

export interface WorldOptions {
  /** Changes what the dialect decoded: other policies. */
  readonly intent?: ((intent: ReleaseIntent) => ReleaseIntent) | undefined;
  /** Put into each HelmRelease's spec. */
  readonly spec?: JsonObject | undefined;
  /** Other documents than the ConfigMap `web` with the values and a test, by the version of the chart's content. */
  readonly documents?: ((content: number) => readonly string[]) | undefined;
  /** A file of `crds/`. */
  readonly crd?: string | undefined;
  readonly arePlansLogged?: boolean | undefined;
  readonly onDefinitionDeletion?: ReconcileContext['onDefinitionDeletion'];
  /** A chart and who renders it, in place of the world's own. */
  readonly real?: { readonly chart: ChartHandle; readonly render: RenderPort } | undefined;
}

export class ReconcileWorld {
  readonly cluster: FakeCluster;
  readonly clock: JumpingClock = new JumpingClock();
  readonly storage: ReleaseStorage;
  /** `VERB KIND` that the API server refuses: `get Secret`. */
  readonly forbidden: Set<string> = new Set();
  /** What a fetch of the chart fails with. */
  chartError: Error | undefined;
  /** What the API server says to every ConfigMap that is written. */
  refusal: string | undefined;
  readonly #script = new AttemptScript();
  readonly ends: AttemptScript['ends'] = this.#script.ends;
  readonly actions: AttemptScript['actions'] = this.#script.actions;
  readonly steps: AttemptScript['steps'] = this.#script.steps;
  /** Every request to render. */
  readonly renders: readonly RenderRequest[];
  chartName = 'fake';
  readonly #events: EventRecorder;
  readonly #options: WorldOptions;
  readonly #render = new ValuesRender();
  readonly #log: string[] = [];
  readonly #ports: Pick<ReconcileContext, 'ports' | 'reporter'>;
  #chartVersion = 1;
  #commit = 0;
  #input: number | undefined;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.renders = this.#render.requests;
    this.cluster = new FakeCluster({
      onCall: (call, phase) => this.#onCall(call, phase),
      authorize: ({ verb, kind }) => !this.forbidden.has(`${verb} ${kind}`),
    });
    this.#events = new EventRecorder({
      ...{ cluster: this.cluster, clock: this.clock, random: Math.random, component: 'test' },
      onTrouble: () => undefined,
    });
    this.storage = createSecretStorage({
      ...{ cluster: this.cluster, clock: this.clock },
      ...{ namespace: 'default', profile: 'helm3' },
    });
    this.#render.mustFail = () => this.#script.end === 'bad-render';
    this.#ports = this.#makePorts();
  }

  async start(values: JsonObject): Promise<void> {
    await this.cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
    this.add('web', { values });
  }

  /** One more HelmRelease; without a name of its own its release is `web`, too. */
  add(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): void {
    const { apiVersion, kind, namespace } = REF;
    const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
    this.cluster.seed({
      ...{ apiVersion, kind, metadata: { name, namespace, ...metadata } },
      spec: { chart, releaseName: 'web', ...this.#options.spec, ...spec },
    });
  }

  async edit(values: JsonObject): Promise<void> {
    await this.patch('web', { spec: { values } });
  }

  async patch(name: string, change: JsonObject): Promise<void> {
    await this.cluster.patch({ ...REF, name }, 'merge', JSON.stringify(change));
  }

  /** Asks for the end of a HelmRelease; its finalizer holds it. */
  async remove(name: string): Promise<void> {
    await this.cluster.delete({ ...REF, name });
  }

  exists(name: string): boolean {
    return this.cluster.peek({ ...REF, name }) !== undefined;
  }

  /** Events so far, as `Reason: message`. */
  async events(): Promise<readonly string[]> {
    await this.#events.flush();
    const events = this.cluster.objects().filter(({ kind }) => kind === 'Event');
    return events.map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
  }

  /** The same version with another content. */
  changeChart(): void {
    this.#chartVersion++;
  }

  /** The Secret of `VALUES_FROM_INPUTS`. */
  async changeInput(n: number): Promise<void> {
    if (this.#input === n) return;
    this.#input = n;
    const text = Buffer.from(`input: ${n}`).toString('base64');
    this.cluster.seed({
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
      metadata: { name: INPUTS, namespace: REF.namespace },
      data: { 'values.yaml': text },
    });
  }

  async upgradeByOthers(): Promise<void> {
    const last = (await this.records()).at(-1);
    if (last?.info.status !== 'deployed') return;
    await this.storage.create(othersRecord(last));
    await this.storage.update({ ...last, info: { ...last.info, status: 'superseded' } });
  }

  /** A commit that touches nothing of the chart. */
  commitElsewhere(): void {
    this.#commit++;
  }

  async records(): Promise<readonly ReleaseRecord[]> {
    return (await this.storage.history('web')).records;
  }

  /** One turn; a crash ends it, too. */
  async turn(name = 'web'): Promise<TurnResult | 'crashed'> {
    this.#script.begin();
    try {
      const object = await this.cluster.get({ ...REF, name });
      if (object === undefined) throw new Error('the HelmRelease is gone');
      const decoded = decodeHelmRelease(object);
      const intent = this.#options.intent?.(decoded) ?? decoded;
      return await reconcileIntent(intent, statusOf(object), this.#context());
    } catch (error) {
      if (this.#script.signal.aborted) return 'crashed';
      throw error;
    }
  }

  async status(name = 'web'): Promise<JsonObject> {
    const object = await this.cluster.get({ ...REF, name });
    return JSON.parse(encodeJson(object?.get('status') ?? new Map())) as JsonObject;
  }

  /** As if it had been left so. */
  async patchStatus(body: JsonObject): Promise<void> {
    await this.cluster.patch({ ...REF, name: 'web' }, 'merge', JSON.stringify(body), {
      subresource: 'status',
    });
  }

  /** `TYPE=STATUS REASON` of each condition, and its message. */
  async conditions(name = 'web'): Promise<ReadonlyMap<string, string>> {
    const { conditions = [] } = (await this.status(name)) as {
      conditions?: { type: string; status: string; reason: string; message: string }[];
    };
    return new Map(
      conditions.map(({ type, status, reason, message }) => [
        type,
        `${status} ${reason}: ${message}`,
      ]),
    );
  }

  logText(): string {
    return this.#log.join('');
  }

  #makePorts(): Pick<ReconcileContext, 'ports' | 'reporter'> {
    const { cluster, clock } = this;
    const { real } = this.#options;
    const random = () => 0.5;
    const events = this.#events;
    const write = (line: string) => this.#log.push(line);
    const log = createLogger({ format: 'json', write, now: () => '' });
    const { documents = () => [VALUES_MAP, TEST_POD], crd } = this.#options;
    const crds = crd === undefined ? [] : [{ name: 'crds/crd.yaml', text: crd }];
    return {
      ports: {
        ...{ cluster, clock, random, log, render: real?.render ?? this.#render },
        charts: {
          fetch: async () => {
            if (this.chartError !== undefined) throw this.chartError;
            if (real !== undefined) return real.chart;
            const chart = this.#render.chart({
              ...{ documents: documents(this.#chartVersion), crds, name: this.chartName },
              notes: String(this.#chartVersion),
            });
            return { ...chart, revision: `commit-${this.#commit}` };
          },
        },
      },
      reporter: new Reporter({ cluster, clock, events, metrics }),
    };
  }

  #context(): ReconcileContext {
    return {
      ...this.#ports,
      metrics,
      signal: this.#script.signal,
      holder: this.#script.holder,
      isDead: () => true,
      drift: { mode: 'off', ignore: [] },
      tenancy: DEFAULT_OPTIONS.tenancy,
      arePlansLogged: this.#options.arePlansLogged,
      onDefinitionDeletion: this.#options.onDefinitionDeletion,
      backOffMs: () => 1_000,
      watchLive: async () => undefined,
      onRead: () => undefined,
      onStep: this.#script.onStep,
    };
  }

  #onCall(
    { verb, kind, name }: { readonly verb: string; readonly kind: string; readonly name: string },
    phase: 'before' | 'after',
  ): void {
    const isWrite = verb === 'create' || verb === 'patch' || verb === 'update';
    if (phase === 'before' && isWrite && kind === 'ConfigMap' && this.refusal !== undefined) {
      throw new StatusError(422, 'Invalid', this.refusal);
    }
    if (phase === 'before' && isWrite && kind === 'ConfigMap' && this.#script.mustRefuse) {
      throw new StatusError(422, 'Invalid', `ConfigMap "${name}" is invalid: data: no`);
    }
    if (phase === 'after' && verb === 'create' && kind === 'Pod') {
      if (this.#script.end === 'hanging-test') return;
      const isGood = this.#script.end !== 'bad-test';
      const stored = this.cluster.objects().find((object) => object['kind'] === 'Pod');
      const status = { phase: isGood ? 'Succeeded' : 'Failed' };
      if (stored !== undefined) this.cluster.seed({ ...stored, status });
    }
  }
}
