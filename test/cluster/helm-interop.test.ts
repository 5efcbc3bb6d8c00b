// SPDX-License-Identifier: Apache-2.0

/**
 * The same release twice, once by real `helm`, once by us: the records and the objects must be equal, and each goes on where
 * the other stopped.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ActionContext,
  type ChartHandle,
  createSecretStorage,
  type InstallOptions,
  install,
  type Profile,
  type ReleaseRecord,
  type ReleaseStorage,
  RenderPool,
  type RenderPort,
  recordToJson,
  rollback,
  runTests,
  uninstall,
  upgrade,
} from '@helm-operator/helm';
import { type ConnectedCluster, connect, loadKubeconfig, systemClock } from '@helm-operator/kube';
import { auditSince, markAudit } from '../kit/audit.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { mustRun } from '../kit/kubectl.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { tarball } from '../kit/tarball.ts';

type Peer = 'helm3' | 'helm4';

const FILES: Readonly<Record<string, string>> = {
  'Chart.yaml':
    'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "4.2"\nkeywords: [a]\nmaintainers:\n- name: x\n',
  'values.yaml':
    'replicas: 1\nimage: "nginx:1"\ndata: {a: "1", b: "2"}\nports: [{port: 80, name: http}]\nenv: [{name: A, value: "1"}, {name: B, value: "2"}]\nlevel: 3\nextra: true\n',
  'README.md': '# web <b>&</b>\n',
  'templates/NOTES.txt': 'Installed {{ .Release.Name }} {{ .Values.level }}\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-config\n  labels: {tier: a}\ndata:\n{{ toYaml .Values.data | indent 2 }}\n',
  'templates/extra.yaml':
    '{{ if .Values.extra }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-extra\ndata: {x: z}\n{{ end }}\n',
  'templates/kept.yaml':
    '{{ if .Values.extra }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-kept\n  annotations: {helm.sh/resource-policy: keep}\nstringData: {x: z}\n{{ end }}\n',
  'templates/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector: {app: web}\n  ports:\n{{ toYaml .Values.ports | indent 2 }}\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  {{- with .Values.strategy }}
  strategy: {{ toYaml . | nindent 4 }}
  {{- end }}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: {{ .Values.image }}
        env: {{ toYaml .Values.env | nindent 8 }}
        ports: [{containerPort: 80}]
      {{- with .Values.volumes }}
      volumes: {{ toYaml . | nindent 6 }}
      {{- end }}
`,
  'templates/widget.yaml':
    'apiVersion: pets.test/v1\nkind: Widget\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  size: {{ .Values.level }}\n  list:\n{{ toYaml .Values.ports | indent 2 }}\n',
  'templates/job.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,post-rollback
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "busybox:1"}]
`,
  'templates/tests/test.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "busybox:1"}]
`,
};

const CHART: ChartHandle = {
  digest: 'sha256:interop',
  bytes: tarball(
    Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`web/${name}`, text])),
  ),
  metadata: { name: 'web', version: '1.0.0' },
};

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.pets.test' },
  spec: {
    group: 'pets.test',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

interface Place {
  readonly namespace: string;
  readonly storage: ReleaseStorage;
}

/** Two namespaces, one written by the peer, one by us. */
class Twins {
  readonly plane: ControlPlane;
  readonly peer: Peer;
  readonly cluster: ConnectedCluster;
  readonly folder: string;
  readonly render: RenderPort;
  readonly theirs: Place;
  readonly ours: Place;

  constructor(
    fields: Pick<Twins, 'plane' | 'peer' | 'cluster' | 'folder' | 'render'>,
    names: [string, string],
  ) {
    this.plane = fields.plane;
    this.peer = fields.peer;
    this.cluster = fields.cluster;
    this.folder = fields.folder;
    this.render = fields.render;
    const [theirs, ours] = names.map((namespace) => ({
      namespace,
      storage: this.#storage(namespace),
    }));
    assert.ok(theirs !== undefined && ours !== undefined);
    this.theirs = theirs;
    this.ours = ours;
  }

  get profile(): Profile {
    return this.peer;
  }

  #storage(namespace: string): ReleaseStorage {
    const { cluster, peer: profile } = this;
    return createSecretStorage({ cluster, namespace, profile, clock: systemClock });
  }

  async helm(place: Place, ...args: string[]): Promise<string> {
    // Helm 4.2.1 may wait for its whole timeout for the end of a hook that is gone already.
    const limit = LIMITED.has(args[0] ?? '') ? ['--timeout', '15s'] : [];
    return mustRun(this.peer, this.plane.kubeconfig, [...args, ...limit, '-n', place.namespace]);
  }

  /** Values as a file, given to the peer; ours gets what the peer stored. */
  async values(values: unknown): Promise<string[]> {
    const path = join(this.folder, `values-${Math.random().toString(36).slice(2)}.json`);
    await writeFile(path, JSON.stringify(values));
    return ['-f', path];
  }

  async last(place: Place): Promise<ReleaseRecord> {
    const { records } = await place.storage.history('web');
    const last = records.at(-1);
    assert.ok(last !== undefined, 'no record');
    return last;
  }

  async options(change: Partial<InstallOptions> = {}): Promise<InstallOptions> {
    const peerRecord = await this.last(this.theirs);
    return {
      profile: this.profile,
      release: { name: 'web', namespace: this.ours.namespace },
      timeoutMs: 60_000,
      wait: { strategy: 'none' },
      hooks: {},
      chart: CHART,
      values: peerRecord.config ?? new Map(),
      render: {},
      apply: {
        method: this.peer === 'helm3' ? 'client' : 'auto',
        fieldManager: 'helm',
        mustForceConflicts: this.peer === 'helm4',
      },
      crds: { mode: 'skip' },
      history: { maxRevisions: 10 },
      ...change,
    };
  }

  context(): ActionContext {
    return {
      cluster: this.cluster,
      storage: this.ours.storage,
      render: this.render,
      clock: systemClock,
      signal: new AbortController().signal,
      log: () => {},
      reached: () => {},
      redact: (text) => text,
      holder: 'interop',
    };
  }

  async assertEqual(step: string): Promise<void> {
    const [theirs, ours] = await Promise.all(
      [this.theirs, this.ours].map((place) => this.#seen(place)),
    );
    assert.deepEqual(ours?.records, theirs?.records, `${step}: records`);
    assert.deepEqual(ours?.objects, theirs?.objects, `${step}: objects`);
  }

  async #seen(place: Place) {
    const { records } = await place.storage.history('web');
    const neutral = (text: string): unknown =>
      JSON.parse(text.replaceAll(place.namespace, 'NAMESPACE'), (key, value) => {
        if (PACKED_TIMES.has(key)) return undefined;
        return TIMES.has(key) && value !== '' ? 'TIME' : value;
      });
    const labels = await this.#labels(place);
    const objects = await this.#objects(place);
    return {
      records: records.map((record) => [
        neutral(recordToJson(record, this.profile)),
        labels.get(String(record.revision)),
      ]),
      objects: neutral(JSON.stringify(objects)),
    };
  }

  async #labels(place: Place): Promise<Map<string, readonly string[]>> {
    const { body } = await this.plane.call(
      'GET',
      `/api/v1/namespaces/${place.namespace}/secrets?labelSelector=owner%3Dhelm`,
    );
    const { items } = body as { items: { metadata: { labels: Record<string, string> } }[] };
    const stamps = new Set(['createdAt', 'modifiedAt']);
    return new Map(
      items.map(({ metadata: { labels } }) => [
        labels['version'] ?? '',
        Object.entries(labels)
          .map(([key, value]) => (stamps.has(key) ? 'stamp' : `${key}=${value}`))
          .toSorted()
          .filter((label, i, all) => label !== all[i - 1]),
      ]),
    );
  }

  async #objects(place: Place): Promise<unknown> {
    const found: unknown[] = [];
    for (const path of OBJECT_PATHS) {
      const { body } = await this.plane.call('GET', path.replace('NS', place.namespace));
      const { items } = body as { items: { metadata: Record<string, unknown>; type?: string }[] };
      for (const item of items) {
        if (item.type === 'helm.sh/release.v1' || item.metadata['name'] === 'kube-root-ca.crt')
          continue;
        found.push(withoutNoise(item));
      }
    }
    return found;
  }
}

/** Commands that wait. */
const LIMITED = new Set(['install', 'upgrade', 'rollback', 'test', 'uninstall']);

/** When the files of a chart were packed: Helm 4 keeps it, nobody reads it, we leave it out. */
const PACKED_TIMES = new Set(['modtime', 'schemamodtime']);

const TIMES = new Set(['first_deployed', 'last_deployed', 'deleted', 'started_at', 'completed_at']);

const OBJECT_PATHS = [
  '/api/v1/namespaces/NS/configmaps',
  '/api/v1/namespaces/NS/secrets',
  '/api/v1/namespaces/NS/services',
  '/apis/apps/v1/namespaces/NS/deployments',
  '/apis/pets.test/v1/namespaces/NS/widgets',
  '/apis/batch/v1/namespaces/NS/jobs',
];

function withoutNoise(item: { metadata: Record<string, unknown> }): unknown {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = item.metadata;
  void [uid, resourceVersion, creationTimestamp, managedFields];
  const { status, spec, ...rest } = item as unknown as Record<string, unknown>;
  void status;
  const { clusterIP, clusterIPs, ...kept } = (spec ?? {}) as Record<string, unknown>;
  void [clusterIP, clusterIPs];
  return { ...rest, spec: kept, metadata };
}

async function withTwins(
  plane: ControlPlane,
  peer: Peer,
  run: (twins: Twins, chart: string) => Promise<void>,
): Promise<void> {
  const cluster = connect(await loadKubeconfig({ paths: [plane.kubeconfig] }));
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-interop-'));
  const chart = join(folder, 'web-1.0.0.tgz');
  const render = new RenderPool({
    nodePath: process.execPath,
    entryPath: fileURLToPath(
      new URL('../../packages/helm/src/render-host/main.ts', import.meta.url),
    ),
    memoryLimitMiB: 256,
    timeLimitMs: 30_000,
    clock: systemClock,
  });
  try {
    await writeFile(chart, CHART.bytes);
    await plane.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', CRD);
    await waitFor(
      async () => (await plane.call('GET', '/apis/pets.test/v1/widgets')).status === 200,
    );
    const names: [string, string] = [
      await makeNamespace(plane, 'theirs'),
      await makeNamespace(plane, 'ours'),
    ];
    await run(new Twins({ plane, peer, cluster, folder, render }, names), chart);
  } finally {
    await render.close();
    cluster.close();
    await rm(folder, { recursive: true });
  }
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 300; look++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited 30 s in vain');
}

/** What somebody does to live objects behind the release's back. */
async function drift(twins: Twins, place: Place): Promise<void> {
  const patch = (path: string, body: unknown): Promise<unknown> =>
    twins.plane.call(
      'PATCH',
      path.replace('NS', place.namespace),
      body,
      'application/merge-patch+json',
    );
  await patch('/apis/apps/v1/namespaces/NS/deployments/web', {
    metadata: { annotations: { note: 'mine' } },
    spec: {
      replicas: 3,
      template: {
        spec: {
          containers: [
            {
              name: 'main',
              image: 'nginx:drift',
              env: [
                { name: 'B', value: 'drift' },
                { name: 'MINE', value: 'x' },
              ],
            },
            { name: 'sidecar', image: 'side:1' },
          ],
        },
      },
    },
  });
  await patch('/api/v1/namespaces/NS/configmaps/web-config', {
    data: { a: 'drift', mine: 'x', b: null },
  });
  await patch('/api/v1/namespaces/NS/services/web', {
    spec: { selector: { app: 'drift', mine: 'x' } },
  });
  await patch('/apis/pets.test/v1/namespaces/NS/widgets/web', { spec: { size: 99, mine: 1 } });
}

/** Values of the upgrades, one after the other. */
const UPGRADES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { data: { a: '2', c: '3' }, level: 4, image: 'nginx:2' },
  {
    env: [
      { name: 'B', value: '2' },
      { name: 'C', value: '3' },
    ],
    ports: [
      { port: 443, name: 'https' },
      { port: 80, name: 'http' },
    ],
  },
  { strategy: { type: 'Recreate' }, volumes: [{ name: 'v', emptyDir: {} }] },
  {
    strategy: { type: 'RollingUpdate' },
    volumes: [{ name: 'v', configMap: { name: 'web-config' } }],
    extra: false,
  },
];

for (const peer of ['helm3', 'helm4'] as const) {
  clusterTest(`${peer}: records and objects are equal, step by step`, async (plane) => {
    await withTwins(plane, peer, async (twins, chart) => {
      const { theirs, ours } = twins;
      const force = peer === 'helm4' ? ['--force-conflicts'] : [];
      await twins.helm(theirs, 'install', 'web', chart, '--labels', 'team=a');
      await install(await twins.options({ labels: new Map([['team', 'a']]) }), twins.context());
      await twins.assertEqual('install');

      // Server-side apply cannot drop the defaults of another strategy.
      const strategies = peer === 'helm3' ? {} : { strategy: null };
      for (const [i, values] of UPGRADES.map((one) => ({ ...one, ...strategies })).entries()) {
        if (i > 0) await Promise.all([drift(twins, theirs), drift(twins, ours)]);
        const given = await twins.values(values);
        await twins.helm(theirs, 'upgrade', 'web', chart, ...given, ...force);
        await upgrade(await twins.options(), twins.context());
        await twins.assertEqual(`upgrade ${i}`);
      }

      await Promise.all([drift(twins, theirs), drift(twins, ours)]);
      await twins.helm(theirs, 'rollback', 'web', '2', ...force);
      await rollback({ ...(await twins.options()), toRevision: 2 }, twins.context());
      await twins.assertEqual('rollback');

      await twins.helm(theirs, 'test', 'web');
      await runTests(await twins.options(), twins.context());
      await twins.assertEqual('test');

      await twins.helm(theirs, 'uninstall', 'web', '--keep-history');
      await uninstall({ ...(await twins.options()), mustKeepHistory: true }, twins.context());
      await twins.assertEqual('uninstall');
    });
  });

  clusterTest(`${peer}: each goes on where the other stopped`, async (plane) => {
    await withTwins(plane, peer, async (twins, chart) => {
      const { theirs, ours } = twins;
      await twins.helm(theirs, 'install', 'web', chart);
      await install(await twins.options(), twins.context());

      const listed = JSON.parse(await twins.helm(ours, 'list', '-o', 'json')) as {
        status: string;
      }[];
      assert.deepEqual(
        listed.map(({ status }) => status),
        ['deployed'],
      );
      assert.match(
        await twins.helm(ours, 'get', 'all', 'web'),
        /REVISION: 1\n[\s\S]*kind: Deployment/,
      );
      await twins.helm(ours, 'upgrade', 'web', chart, ...(await twins.values({ level: 7 })));
      await twins.helm(theirs, 'upgrade', 'web', chart, ...(await twins.values({ level: 7 })));
      await upgrade(await twins.options(), twins.context());
      const history = JSON.parse(await twins.helm(ours, 'history', 'web', '-o', 'json')) as {
        status: string;
      }[];
      assert.deepEqual(
        history.map(({ status }) => status),
        ['superseded', 'superseded', 'deployed'],
      );
      await twins.helm(ours, 'rollback', 'web', '1');
      await rollback({ ...(await twins.options()), toRevision: 3 }, twins.context());
      assert.match(await twins.helm(ours, 'status', 'web'), /STATUS: deployed\nREVISION: 5/);
      await twins.helm(ours, 'test', 'web');
      await twins.helm(ours, 'uninstall', 'web');
      assert.deepEqual((await ours.storage.history('web')).records, []);
    });
  });
}

clusterTest('fewer requests than helm', async (plane) => {
  await withTwins(plane, 'helm3', async (twins, chart) => {
    const count = async (agent: string, run: () => Promise<unknown>): Promise<number> => {
      const mark = await markAudit(plane.auditLog);
      await run();
      // The audit log is written after the answer.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return (await auditSince(plane.auditLog, mark, agent)).length;
    };
    const flags = ['--no-hooks'];
    const hooks = { isDisabled: true };
    const theirInstall = await count('Helm/', () =>
      twins.helm(twins.theirs, 'install', 'web', chart, ...flags),
    );
    const options = await twins.options({ hooks });
    const ourInstall = await count('helm-operator', () => install(options, twins.context()));
    const theirUpgrade = await count('Helm/', () =>
      twins.helm(twins.theirs, 'upgrade', 'web', chart, ...flags),
    );
    const ourUpgrade = await count('helm-operator', () => upgrade(options, twins.context()));
    assert.ok(ourInstall < theirInstall, `install: ${ourInstall} against ${theirInstall}`);
    assert.ok(ourUpgrade < theirUpgrade, `upgrade: ${ourUpgrade} against ${theirUpgrade}`);
    console.log(
      `requests: install ${ourInstall} of ${theirInstall}, upgrade ${ourUpgrade} of ${theirUpgrade}`,
    );
  });
});
