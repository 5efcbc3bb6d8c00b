// SPDX-License-Identifier: Apache-2.0

/** Ways to make an action fail, and what its error must say. A table. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ActionContext, HelmErrorCode, Profile, Retry } from '@helm-operator/helm';
import type { Cluster } from '@helm-operator/kube';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { until } from '../../kit/helm-release.ts';
import type { Move } from './moves.ts';

/** Where a failure is provoked. */
export interface Scene {
  readonly plane: ControlPlane;
  readonly namespace: string;
}

export interface FailureCase {
  readonly name: string;
  readonly templates: Readonly<Record<string, string>>;
  readonly values?: string;
  /** Moves that go well first. */
  readonly before?: readonly Move[];
  /** Done to the cluster between those moves and the failing one. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  readonly move: Move;
  /** Who acts, where it is not the administrator: a path of a kubeconfig. */
  readonly kubeconfig?: (scene: Scene) => Promise<string>;
  /** What happens meanwhile, in our run alone. */
  readonly change?: (scene: Scene, cluster: Cluster) => Partial<ActionContext>;
  /** Both when absent. */
  readonly profiles?: readonly Profile[];
  /** Helm's text cannot be had or is another one, and why. */
  readonly textDiffers?: string;
  readonly expected: {
    readonly code: HelmErrorCode;
    readonly reason: string;
    readonly retry: Retry;
    /** The first field the answer names. */
    readonly field?: string;
    /** What the message must say to a person. */
    readonly says: RegExp;
  };
}

const CONFIG =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-config"}\ndata: {text: "{{ .Values.text }}"}\n';
const INSTALL: Move = { do: 'install' };
const config = { 'templates/config.yaml': CONFIG };
const VALUES = 'text: a\n';

const deployment = (app: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: ${app}}}\n  template:\n    metadata: {labels: {app: ${app}}}\n    spec: {containers: [{name: c, image: "a:1"}]}\n`;

async function post(scene: Scene, path: string, body: object): Promise<void> {
  const url = path.replace('NS', scene.namespace);
  const { status, body: answer } = await scene.plane.call('POST', url, body);
  if (status >= 300) throw new Error(`POST ${url}: ${JSON.stringify(answer)}`);
}

async function patchNamespace({ plane, namespace }: Scene, body: object): Promise<void> {
  await plane.call(
    'PATCH',
    `/api/v1/namespaces/${namespace}`,
    body,
    'application/merge-patch+json',
  );
}

const MAPS = '/api/v1/namespaces/NS/configmaps';

/** Somebody's webhook that nobody serves, for this namespace alone. */
async function breakWebhook(scene: Scene): Promise<void> {
  await post(scene, '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `down-${scene.namespace}` },
    webhooks: [
      {
        name: 'down.pets.test',
        clientConfig: { url: 'https://127.0.0.1:1/validate' },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        timeoutSeconds: 2,
        admissionReviewVersions: ['v1'],
        namespaceSelector: {
          matchLabels: { 'kubernetes.io/metadata.name': scene.namespace },
        },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['configmaps'],
          },
        ],
      },
    ],
  });
  await untilRefused(scene);
}

async function denyByPolicy(scene: Scene): Promise<void> {
  const name = `deny-${scene.namespace}`;
  const group = '/apis/admissionregistration.k8s.io/v1';
  await post(scene, `${group}/validatingadmissionpolicies`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['configmaps'],
          },
        ],
      },
      validations: [{ expression: 'false', message: 'config maps are not welcome' }],
    },
  });
  await post(scene, `${group}/validatingadmissionpolicybindings`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': scene.namespace } },
      },
    },
  });
  await untilRefused(scene);
}

/** Admission is eventually configured. */
async function untilRefused({ plane, namespace }: Scene): Promise<void> {
  await until('config maps are refused', async () => {
    const { status } = await plane.call('POST', MAPS.replace('NS', namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'probe-' },
    });
    return status >= 400;
  });
}

async function limitedUser(scene: Scene): Promise<string> {
  const { namespace } = scene;
  const user = `limited-${namespace}`;
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/NS';
  await post(scene, `${rbac}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'limited' },
    rules: [
      { apiGroups: [''], resources: ['secrets'], verbs: ['*'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
    ],
  });
  await post(scene, `${rbac}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'limited' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limited' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
  return await scene.plane.kubeconfigFor(user, []);
}

async function strangerKubeconfig({ plane, namespace }: Scene): Promise<string> {
  const config = JSON.parse(await readFile(plane.kubeconfig, 'utf8')) as { users: object[] };
  config.users = [{ name: 'test', user: { token: 'nobody-knows-it' } }];
  const path = join(plane.folder, `stranger-${namespace}.kubeconfig`);
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** A namespace that never ends, because of an object with a finalizer in it. */
async function terminate(scene: Scene): Promise<void> {
  const { plane, namespace } = scene;
  await post(scene, MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'clings', finalizers: ['pets.test/clings'] },
  });
  await plane.call('DELETE', `/api/v1/namespaces/${namespace}`);
}

async function corruptRecord({ plane, namespace }: Scene): Promise<void> {
  await plane.call(
    'PATCH',
    `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.web.v1`,
    { data: { release: Buffer.from('broken').toString('base64') } },
    'application/merge-patch+json',
  );
}

/** Somebody else writes the record just before we write it for the second time. */
function stealRecord({ plane, namespace }: Scene, cluster: Cluster): Partial<ActionContext> {
  const replace: Cluster['replace'] = async (...args) => {
    await plane.call(
      'PATCH',
      `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.web.v1`,
      { metadata: { labels: { touched: 'yes' } } },
      'application/merge-patch+json',
    );
    return await cluster.replace(...args);
  };
  return {
    cluster: new Proxy(cluster, {
      get: (target, key) => {
        if (key === 'replace') return replace;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
}

const HANGING_HOOK =
  'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-hook\n  annotations: {helm.sh/hook: pre-install, kit/outcome: hang}\nspec: {restartPolicy: Never, containers: [{name: c, image: "a:1"}]}\n';
const FAILING_HOOK =
  'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: web-hook\n  annotations: {helm.sh/hook: pre-install}\nspec:\n  backoffLimit: 0\n  template:\n    metadata: {annotations: {kit/outcome: fail}}\n    spec: {restartPolicy: Never, containers: [{name: c, image: "a:1"}]}\n';
/** Does not compress. */
const NOISE = '{{ range until 9000 }}{{ randAlphaNum 200 }}{{ end }}';

export const FAILURES: readonly FailureCase[] = [
  {
    name: 'an immutable field',
    templates: { 'templates/a.yaml': deployment('{{ .Values.text }}') },
    values: VALUES,
    before: [INSTALL],
    move: { do: 'upgrade', values: { text: 'b' } },
    expected: {
      code: 'helm/action-failed',
      reason: 'immutable-field',
      retry: 'terminal',
      field: 'spec.selector',
      says: /Deployment.*"web".*spec\.selector.*field is immutable/s,
    },
  },
  {
    name: 'a right that is missing',
    templates: config,
    values: VALUES,
    kubeconfig: limitedUser,
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'forbidden',
      retry: 'transient',
      says: /cannot (create|patch) resource "configmaps"/,
    },
  },
  {
    name: 'records that may not be read',
    templates: config,
    values: VALUES,
    kubeconfig: async ({ plane, namespace }) =>
      await plane.kubeconfigFor(`nobody-${namespace}`, []),
    move: INSTALL,
    textDiffers: 'Helm takes records it may not read for records that are not there',
    expected: {
      code: 'helm/storage',
      reason: 'forbidden',
      retry: 'transient',
      says: /cannot list resource "secrets"/,
    },
  },
  {
    name: 'a value the server refuses',
    templates: {
      'templates/a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 99999}]}\n',
    },
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'validation',
      retry: 'terminal',
      field: 'spec.ports[0].port',
      says: /spec\.ports\[0\]\.port: Invalid value: 99999/,
    },
  },
  {
    name: 'a field nobody knows',
    profiles: ['helm4'],
    templates: {
      'templates/a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {prots: [], ports: [{port: 80}]}\n',
    },
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'unknown-field',
      retry: 'terminal',
      field: 'spec.prots',
      says: /\.spec\.prots/,
    },
  },
  {
    name: 'a field that another manager owns',
    profiles: ['helm4'],
    templates: config,
    values: VALUES,
    before: [INSTALL],
    prepare: async ({ plane, namespace }) => {
      await plane.call(
        'PATCH',
        `/api/v1/namespaces/${namespace}/configmaps/web-config?fieldManager=person&force=true`,
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'web-config' },
          data: { text: 'mine' },
        },
        'application/apply-patch+yaml',
      );
    },
    move: { do: 'upgrade', values: { text: 'b' }, mustNotForce: true },
    expected: {
      code: 'helm/action-failed',
      reason: 'field-conflict',
      retry: 'terminal',
      field: 'data.text',
      says: /conflict with "person".*\.data\.text/s,
    },
  },
  {
    name: 'a record that another writer has',
    templates: config,
    values: VALUES,
    move: INSTALL,
    change: stealRecord,
    textDiffers: 'Helm overwrites what others wrote',
    expected: {
      code: 'helm/record-conflict',
      reason: 'record-conflict',
      retry: 'transient',
      says: /sh\.helm\.release\.v1\.web\.v1/,
    },
  },
  {
    name: 'an admission policy that says no',
    templates: config,
    values: VALUES,
    prepare: denyByPolicy,
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'webhook-denied',
      retry: 'unknown',
      says: /ValidatingAdmissionPolicy.*config maps are not welcome/s,
    },
  },
  {
    name: 'a webhook that is down',
    templates: config,
    values: VALUES,
    prepare: breakWebhook,
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'webhook-down',
      retry: 'transient',
      says: /failed calling webhook "down\.pets\.test"/,
    },
  },
  {
    name: 'a quota that is used up',
    templates: config,
    values: VALUES,
    prepare: async (scene) => {
      await post(scene, '/api/v1/namespaces/NS/resourcequotas', {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'none' },
        spec: { hard: { 'count/configmaps': '0' } },
      });
      const path = `/api/v1/namespaces/${scene.namespace}/resourcequotas/none`;
      await until('the quota counts', async () =>
        JSON.stringify((await scene.plane.call('GET', path)).body).includes(
          '"used":{"count/configmaps":"1"}',
        ),
      );
    },
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'quota',
      retry: 'waiting',
      says: /exceeded quota: none, requested: count\/configmaps=1/,
    },
  },
  {
    name: 'a pod that its namespace does not allow',
    templates: {
      'templates/a.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostNetwork: true, containers: [{name: c, image: "a:1"}]}\n',
    },
    prepare: (scene) =>
      patchNamespace(scene, {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      }),
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'pod-security',
      retry: 'terminal',
      says: /violates PodSecurity "restricted:latest": host namespaces/,
    },
  },
  {
    name: 'a kind that nobody serves (yet)',
    templates: {
      'templates/a.yaml': 'apiVersion: none.pets.test/v1\nkind: Ghost\nmetadata: {name: web}\n',
    },
    move: INSTALL,
    expected: {
      code: 'helm/build',
      reason: 'discovery-stale',
      retry: 'transient',
      says: /no matches for kind "Ghost" in version "none\.pets\.test\/v1"\nensure CRDs are installed first/,
    },
  },
  {
    name: 'an object of somebody else',
    templates: config,
    values: VALUES,
    prepare: (scene) =>
      post(scene, MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web-config' } }),
    move: INSTALL,
    expected: {
      code: 'helm/ownership',
      reason: 'ownership',
      retry: 'terminal',
      says: /ConfigMap "web-config" in namespace "[^"]+" exists and cannot be imported/,
    },
  },
  {
    name: 'a namespace that is not there',
    templates: {
      'templates/a.yaml': CONFIG.replace('{name:', '{namespace: not-there, name:'),
    },
    values: VALUES,
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'namespace-missing',
      retry: 'transient',
      says: /namespaces "not-there" not found/,
    },
  },
  {
    name: 'a namespace that ends',
    templates: config,
    values: VALUES,
    prepare: terminate,
    move: INSTALL,
    expected: {
      code: 'helm/storage',
      reason: 'namespace-terminating',
      retry: 'waiting',
      says: /because it is being terminated/,
    },
  },
  {
    name: 'an object that is too large',
    templates: {
      'templates/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {text: "{{ repeat 30000 "forty characters of text, more or less. " }}"}\n',
    },
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'too-large',
      retry: 'terminal',
      says: /ConfigMap "web" is invalid.*Too long/s,
    },
  },
  {
    name: 'a record that is too large',
    templates: { 'templates/a.yaml': `${CONFIG}# ${NOISE}\n` },
    values: VALUES,
    move: INSTALL,
    textDiffers: 'Helm asks the API server; we refuse before any write and say what is how large',
    expected: {
      code: 'helm/record-too-large',
      reason: 'record-too-large',
      retry: 'terminal',
      says: /manifest/,
    },
  },
  {
    name: 'a hook that does not end',
    templates: { 'templates/a.yaml': HANGING_HOOK },
    move: { do: 'install', timeoutSeconds: 3 },
    expected: {
      code: 'helm/action-failed',
      reason: 'wait-timeout',
      retry: 'transient',
      says: /pre-install/,
    },
  },
  {
    name: 'a hook that fails',
    templates: { 'templates/a.yaml': FAILING_HOOK },
    move: INSTALL,
    expected: {
      code: 'helm/action-failed',
      reason: 'hook-failed',
      retry: 'unknown',
      says: /pre-install.*(job web-hook failed: BackoffLimitExceeded|Job\/.*web-hook not ready)/s,
    },
  },
  {
    name: 'a chart that says fail',
    templates: { 'templates/a.yaml': '{{ fail "choose a colour" }}' },
    move: INSTALL,
    expected: {
      code: 'helm/render',
      reason: 'render',
      retry: 'terminal',
      says: /choose a colour/,
    },
  },
  {
    name: 'a template that makes no YAML',
    templates: { 'templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "web\n' },
    move: INSTALL,
    expected: {
      code: 'helm/render',
      reason: 'render',
      retry: 'terminal',
      says: /YAML parse error on web\/templates\/a\.yaml/,
    },
  },
  {
    name: 'values the schema refuses',
    templates: { ...config, 'values.schema.json': '{"properties": {"text": {"type": "string"}}}' },
    values: VALUES,
    move: { do: 'install', values: { text: 1 } },
    expected: {
      code: 'helm/render',
      reason: 'render',
      retry: 'terminal',
      says: /values don't meet the specifications of the schema\(s\)/,
    },
  },
  {
    name: 'a name that is taken',
    templates: config,
    values: VALUES,
    before: [INSTALL],
    move: INSTALL,
    expected: {
      code: 'helm/name-in-use',
      reason: 'name-in-use',
      retry: 'terminal',
      says: /name that is still in use/,
    },
  },
  {
    name: 'nothing to upgrade',
    templates: config,
    values: VALUES,
    move: { do: 'upgrade' },
    expected: {
      code: 'helm/no-deployed-releases',
      reason: 'no-deployed-releases',
      retry: 'terminal',
      says: /"web" has no deployed releases/,
    },
  },
  {
    name: 'nothing to uninstall',
    templates: config,
    values: VALUES,
    move: { do: 'uninstall' },
    expected: {
      code: 'helm/release-not-found',
      reason: 'release-not-found',
      retry: 'terminal',
      says: /release: not found/,
    },
  },
  {
    name: 'a revision that never was',
    templates: config,
    values: VALUES,
    before: [INSTALL],
    move: { do: 'rollback', toRevision: 7 },
    expected: {
      code: 'helm/invalid-revision',
      reason: 'invalid-revision',
      retry: 'terminal',
      says: /release has no 7 version/,
    },
  },
  {
    name: 'another operation in progress',
    templates: config,
    values: VALUES,
    before: [INSTALL],
    prepare: pretendPending,
    move: { do: 'upgrade' },
    expected: {
      code: 'helm/operation-pending',
      reason: 'operation-pending',
      retry: 'waiting',
      says: /another operation \(install\/upgrade\/rollback\) is in progress/,
    },
  },
  {
    name: 'a record nobody can read',
    templates: config,
    values: VALUES,
    before: [INSTALL],
    prepare: corruptRecord,
    move: { do: 'uninstall' },
    textDiffers: 'Helm takes the release for gone',
    expected: {
      code: 'helm/record-decode',
      reason: 'record-decode',
      retry: 'terminal',
      says: /no stored revision can be read/,
    },
  },
  {
    name: 'credentials nobody knows',
    templates: config,
    values: VALUES,
    kubeconfig: strangerKubeconfig,
    move: INSTALL,
    textDiffers: 'Helm calls a cluster that does not know it unreachable',
    expected: {
      code: 'helm/storage',
      reason: 'unauthorized',
      retry: 'transient',
      says: /Unauthorized|provide credentials/,
    },
  },
  {
    name: 'a cluster that does not answer',
    templates: config,
    values: VALUES,
    kubeconfig: ({ plane }) => plane.kubeconfigThrough('https://127.0.0.1:1', plane.authority),
    move: INSTALL,
    textDiffers: 'the words of a refused connection are those of the runtime',
    expected: {
      code: 'helm/unreachable',
      reason: 'unreachable',
      retry: 'transient',
      says: /[Kk]ubernetes cluster unreachable/,
    },
  },
];

/** The record as somebody who is still at work left it. */
async function pretendPending({ plane, namespace }: Scene): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.web.v1`;
  const { body } = await plane.call('GET', path);
  const { data } = body as { data: { release: string } };
  const packed = Buffer.from(Buffer.from(data.release, 'base64').toString(), 'base64');
  const release = JSON.parse(gunzipSync(packed).toString()) as { info: { status: string } };
  release.info.status = 'pending-upgrade';
  const payload = gzipSync(JSON.stringify(release)).toString('base64');
  await plane.call(
    'PATCH',
    path,
    { data: { release: Buffer.from(payload).toString('base64') } },
    'application/merge-patch+json',
  );
}
