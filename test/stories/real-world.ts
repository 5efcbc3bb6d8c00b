// SPDX-License-Identifier: Apache-2.0

/** The world of random histories on a real control plane: the operator's own cluster client, render host and reconciler. */

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeHelmRelease, type ReleaseIntent, statusOf } from '@helm-operator/api';
import { decodeJson, encodeJson, type Value, type ValueMap } from '@helm-operator/gocompat';
import {
  type ChartHandle,
  createSecretStorage,
  type ReleaseRecord,
  type ReleaseStorage,
  type RenderPort,
} from '@helm-operator/helm';
import {
  type Cluster,
  EventRecorder,
  type JsonObject,
  loadKubeconfig,
  systemClock,
} from '@helm-operator/kube';
import {
  createLogger,
  createPorts,
  DEFAULT_OPTIONS,
  type RealPorts,
  type ReconcileContext,
  Reporter,
  reconcileIntent,
  type TurnResult,
} from '@helm-operator/operator';
import { AttemptScript } from '../kit/attempt-script.ts';
import { packChart } from '../kit/chart-repository.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { applyHelmRelease } from '../kit/helm-release.ts';
import { type HistoryWorld, INPUTS, othersRecord, VALUES_FROM_INPUTS } from '../kit/histories.ts';
import { metrics } from '../kit/reconcile-world.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SMALL_CHART = join(root, 'demo/charts/small');
const NAME = 'web';

/** One ConfigMap that holds the values, one test: what the fake world's chart is. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['values.yaml', ''],
  ['templates/service.yaml', ''],
  [
    'templates/configmap.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  values: {{ toJson .Values | quote }}\n',
  ],
  [
    'templates/test.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-test\n  annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: before-hook-creation}\nspec:\n  terminationGracePeriodSeconds: 0\n  restartPolicy: Never\n  containers: [{name: c, image: "busybox:1"}]\n',
  ],
]);
const BROKEN: ReadonlyMap<string, string> = new Map([
  ['templates/broken.yaml', '{{ fail "no" }}\n'],
]);

async function chartOf(changes: ReadonlyMap<string, string>): Promise<ChartHandle> {
  const packed = await packChart(SMALL_CHART, new Map([...FILES, ...changes]));
  const { name, version, archive: bytes } = packed;
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { digest, bytes, metadata: { name, version } };
}

/** What all real worlds of one control plane share. */
export async function openRealPorts(plane: ControlPlane): Promise<RealPorts> {
  return createPorts({
    kubeConfig: await loadKubeconfig({ paths: [plane.kubeconfig], mustExist: true }),
    version: 'kit',
    env: {},
    log: createLogger({ format: 'json', write: () => undefined, now: () => '' }),
    nodePath: process.execPath,
    renderEntry: join(root, 'packages/helm/src/render-host/main.ts'),
  });
}

export interface RealWorldOptions {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly real: RealPorts;
  /** Changes what the dialect decoded: other policies. */
  readonly intent: (intent: ReleaseIntent) => ReleaseIntent;
}

export class RealWorld implements HistoryWorld {
  readonly #script = new AttemptScript();
  readonly ends: AttemptScript['ends'] = this.#script.ends;
  readonly actions: AttemptScript['actions'] = this.#script.actions;
  readonly #options: RealWorldOptions;
  readonly #cluster: Cluster;
  #chartVersion = 1;

  constructor(options: RealWorldOptions) {
    this.#options = options;
    this.#cluster = faulty(options.real.cluster, this.#script);
  }

  async start(values: JsonObject): Promise<void> {
    await this.edit(values);
  }

  async edit(values: JsonObject): Promise<void> {
    const { plane, namespace } = this.#options;
    await applyHelmRelease(plane, namespace, NAME, {
      releaseName: NAME,
      chart: { repository: 'http://charts.test', name: 'small', version: '1.0.0' },
      ...VALUES_FROM_INPUTS,
      values,
    });
  }

  async changeInput(n: number): Promise<void> {
    const { namespace, real } = this.#options;
    const text = Buffer.from(`input: ${n}`).toString('base64');
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: INPUTS };
    const metadata = { name: INPUTS, namespace };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { 'values.yaml': text } };
    await real.cluster.patch(ref, 'apply', JSON.stringify(secret), {
      fieldManager: 'kit',
      isForced: true,
    });
  }

  async upgradeByOthers(): Promise<void> {
    const last = (await this.records()).at(-1);
    if (last?.info.status !== 'deployed') return;
    const storage = this.#storage();
    await storage.create(othersRecord(last));
    await storage.update({ ...last, info: { ...last.info, status: 'superseded' } });
  }

  changeChart(): void {
    this.#chartVersion++;
  }

  async turn(): Promise<TurnResult | 'crashed'> {
    this.#script.begin();
    try {
      const object = await this.#read();
      const intent = this.#options.intent(decodeHelmRelease(object));
      return await reconcileIntent(intent, statusOf(object), this.#context());
    } catch (error) {
      if (this.#script.signal.aborted) return 'crashed';
      throw error;
    }
  }

  async records(): Promise<readonly ReleaseRecord[]> {
    return (await this.#storage().history(NAME)).records;
  }

  #storage(): ReleaseStorage {
    const { namespace, real } = this.#options;
    const { cluster } = real;
    return createSecretStorage({ cluster, clock: systemClock, namespace, profile: 'helm3' });
  }

  async status(): Promise<JsonObject> {
    const status = (await this.#read()).get('status') ?? new Map<string, Value>();
    return JSON.parse(encodeJson(status)) as JsonObject;
  }

  async #read(): Promise<ValueMap> {
    const { namespace, real } = this.#options;
    const ref = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', namespace, name: NAME };
    const object = await real.cluster.get(ref);
    if (object === undefined) throw new Error('the HelmRelease is gone');
    return object;
  }

  #context(): ReconcileContext {
    const { ports } = this.#options.real;
    const { clock, random } = ports;
    const cluster = this.#cluster;
    const events = new EventRecorder({ cluster, clock, random, component: 'test' });
    const fetch = async () =>
      chartOf(new Map([['templates/NOTES.txt', `${this.#chartVersion}\n`]]));
    return {
      ports: { ...ports, cluster, render: this.#render(), charts: { fetch } },
      reporter: new Reporter({ cluster, clock, events, metrics }),
      metrics,
      signal: this.#script.signal,
      holder: this.#script.holder,
      isDead: () => true,
      drift: { mode: 'off', ignore: [] },
      tenancy: DEFAULT_OPTIONS.tenancy,
      backOffMs: () => 1_000,
      watchLive: async () => undefined,
      onRead: () => undefined,
      onStep: this.#script.onStep,
    };
  }

  #render(): RenderPort {
    const { render } = this.#options.real.ports;
    return {
      crds: (request, options) => render.crds(request, options),
      coalesceStored: (chart, config, options) => render.coalesceStored(chart, config, options),
      render: async (request, options) => {
        const isBad = this.#script.end === 'bad-render';
        const chart = isBad ? await chartOf(BROKEN) : request.chart;
        return await render.render({ ...request, chart }, options);
      },
    };
  }
}

/** Sends the API server what it refuses, and pods that will fail, where the script says so. */
function faulty(cluster: Cluster, script: AttemptScript): Cluster {
  const bad: Partial<Cluster> = {
    create: (object, options) => {
      const kind = object.get('kind');
      if (kind === 'ConfigMap' && script.mustRefuse) refuseLater(object);
      if (kind === 'Pod' && script.end === 'bad-test') failLater(object);
      return cluster.create(object, options);
    },
    patch: (ref, patchKind, body, options) => {
      if (ref.kind !== 'ConfigMap' || !script.mustRefuse)
        return cluster.patch(ref, patchKind, body, options);
      const patch = decodeJson(body) as ValueMap;
      refuseLater(patch);
      return cluster.patch(ref, patchKind, encodeJson(patch), options);
    },
  };
  return new Proxy(cluster, {
    get: (target, name) => {
      const own: unknown = Reflect.get(bad, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function refuseLater(configMap: ValueMap): void {
  const data = configMap.get('data');
  const kept: readonly (readonly [string, Value])[] = data instanceof Map ? [...data] : [];
  configMap.set('data', new Map<string, Value>([...kept, ['no/such key', '']]));
}

function failLater(pod: ValueMap): void {
  const metadata = pod.get('metadata');
  const annotations = metadata instanceof Map ? metadata.get('annotations') : undefined;
  if (annotations instanceof Map) annotations.set('kit/outcome', 'fail');
}
