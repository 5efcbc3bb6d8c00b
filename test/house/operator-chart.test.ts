// SPDX-License-Identifier: Apache-2.0

/** What the operator's chart makes of the values of Helm Operator's chart. Source: spec helm-operator.md §7.8, §9 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ManifestObject, renderOperator } from '../../scripts/deploy/manifests.ts';
import { operatorChart } from '../../scripts/generate-deploy.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [key: string]: unknown;
}

interface Deployment extends ManifestObject {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: ManifestObject['metadata'] & {
        readonly annotations: Readonly<Record<string, string>>;
      };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly [kind: string]: unknown }[];
      };
    };
  };
}

const chart = await operatorChart();

function render(values: object = {}) {
  const { objects, notes } = renderOperator(chart, values);
  const find = (kind: string, name = 'helm-operator') =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const deployment = find('Deployment') as Deployment;
  const pod = deployment.spec.template;
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error('no container');
  const mounts = new Map(
    (container.volumeMounts ?? []).map(({ name, mountPath }) => [mountPath, name]),
  );
  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return {
    objects,
    notes,
    find,
    deployment,
    pod,
    container,
    args: container.args ?? [],
    mounts,
    names,
  };
}

test('the chart as it is: objects, flags, probes, a container that may do nothing', () => {
  const { names, args, container, deployment, pod } = render();
  assert.deepEqual(names.toSorted(), [
    'ClusterRole/helm-operator',
    'ClusterRoleBinding/helm-operator',
    'Deployment/helm-operator',
    'Secret/helm-operator-git-deploy',
    'Service/helm-operator',
    'ServiceAccount/helm-operator',
  ]);
  assert.deepEqual(args, [
    '--enabled-helm-versions=v3',
    '--log-format=fmt',
    '--git-timeout=20s',
    '--git-poll-interval=5m',
    '--charts-sync-interval=3m',
    '--update-chart-deps=true',
    '--log-release-diffs=false',
    '--workers=4',
    '--leader-elect=true',
    '--chart-cache-size=1024',
  ]);
  assert.equal(container.name, 'flux-helm-operator');
  assert.equal(container.image, `helm-operator:${chart.metadata.appVersion}`);
  assert.deepEqual(container['securityContext'], {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const probe = { port: 'http', scheme: undefined };
  const pathOf = (name: string) =>
    (container[name] as { httpGet: { path: string; port: string } }).httpGet;
  assert.deepEqual({ ...probe, ...pathOf('livenessProbe') }, { ...probe, path: '/healthz' });
  assert.deepEqual({ ...probe, ...pathOf('readinessProbe') }, { ...probe, path: '/readyz' });
  assert.equal(deployment.spec.replicas, 1);
  assert.equal(deployment.spec.strategy.type, 'Recreate');
  // Those of Helm Operator's chart: a selector can never change.
  assert.deepEqual(deployment.spec.selector.matchLabels, {
    app: 'helm-operator',
    release: 'helm-operator',
  });
  for (const [name, value] of Object.entries(deployment.spec.selector.matchLabels))
    assert.equal(pod.metadata.labels?.[name], value);
});

test('initPlugins: an init container for each plugin of an enabled version, after those of the user', () => {
  const plugin = { helmVersion: 'v3', plugin: 'https://plugins.example.com/s3', version: '0.9.2' };
  const image = { repository: 'tools/helm', tag: '3.22.0' };
  const initPlugins = {
    enable: true,
    image,
    plugins: [{ helmVersion: 'v2', plugin: 'old' }, plugin, { helmVersion: 'v3', plugin: 'gcs' }],
  };
  const { pod, mounts } = render({ initPlugins, initContainers: [{ name: 'first', image: 'a' }] });
  const [first, one, two, ...more] = pod.spec.initContainers ?? [];
  assert.deepEqual(
    [first?.name, one?.name, two?.name, more.length],
    ['first', 'helm-plugin-init-01', 'helm-plugin-init-02', 0],
  );
  assert.equal(one?.image, 'tools/helm:3.22.0');
  const install = ['helm', 'plugin', 'install'];
  assert.deepEqual(one?.command, [...install, plugin.plugin, '--version', '0.9.2']);
  assert.deepEqual(two?.command, [...install, 'gcs']);
  const folder = '/root/.local/share/helm/plugins';
  assert.equal(mounts.get(folder), 'plugins-cache');
  assert.ok(one?.volumeMounts?.some(({ mountPath }) => mountPath === folder));
  const broken = (change: object) => () =>
    render({ initPlugins: { ...initPlugins, plugins: [{ ...plugin, ...change }] } });
  assert.throws(broken({ plugin: null }), /plugins\[\]\.plugin must be given/);
  assert.throws(broken({ helmVersion: null }), /helmVersion must be given/);
  assert.throws(
    () => render({ initPlugins: { ...initPlugins, image: {} } }),
    /initPlugins\.image\.repository must be given/,
  );
});

test('clusterRole.create=false: a Role, and the namespace of the release alone', () => {
  const { names, args, find, notes } = render({ clusterRole: { create: false } });
  assert.ok(names.includes('Role/helm-operator') && names.includes('RoleBinding/helm-operator'));
  assert.ok(!names.some((name) => name.startsWith('ClusterRole')));
  assert.ok(args.includes('--allow-namespace=helm-operator'));
  assert.match(notes, /may not read definitions/);
  const role = find('Role') as unknown as { rules: unknown };
  assert.deepEqual(role.rules, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
});

test('clusterRole.create=false with a name: bound to that role, all namespaces', () => {
  const { names, args, find } = render({ clusterRole: { create: false, name: 'mine' } });
  assert.ok(!names.includes('ClusterRole/mine'));
  const binding = find('ClusterRoleBinding', 'mine') as unknown as { roleRef: { name: string } };
  assert.equal(binding.roleRef.name, 'mine');
  assert.ok(!args.some((arg) => arg.startsWith('--allow-namespace')));
});

test('configureRepositories: Secret, mount, import flag', () => {
  const repositories = [
    { name: 'private', url: 'https://charts.example.com', username: 'me', password: 'word' },
  ];
  const { find, mounts, args, pod } = render({
    configureRepositories: { enable: true, repositories },
  });
  const secret = find('Secret', 'flux-helm-repositories') as unknown as {
    data: Record<string, string>;
  };
  const text = Buffer.from(secret.data['repositories.yaml'] ?? '', 'base64').toString();
  assert.match(text, /apiVersion: v1\nrepositories:\n- name: private\n {2}password: word\n/);
  assert.equal(mounts.get('/etc/fluxd/repositories'), 'repositories-yaml');
  const path = '/etc/fluxd/repositories/repositories.yaml';
  assert.ok(args.includes(`--helm-repository-import=v3:${path}`));
  assert.match(pod.metadata.annotations['checksum/repositories'] ?? '', /^[0-9a-f]{64}$/);
});

test('git.ssh.secretName: an empty Secret is made and mounted where none is given', () => {
  const own = render();
  assert.ok(own.names.includes('Secret/helm-operator-git-deploy'));
  const given = render({ git: { ssh: { secretName: 'deploy-key' } } });
  assert.ok(!given.names.includes('Secret/helm-operator-git-deploy'));
  for (const [{ mounts, pod }, name] of [
    [own, 'helm-operator-git-deploy'],
    [given, 'deploy-key'],
  ] as const) {
    assert.equal(mounts.get('/etc/fluxd/ssh'), 'git-key');
    const volume = pod.spec.volumes.find((one) => one.name === 'git-key');
    assert.deepEqual(volume?.['secret'], { secretName: name, defaultMode: 0o400 });
  }
});

test('known_hosts are mounted; SSH and Git configurations are not read, and the notes say so', () => {
  const key = 'git.example.com ssh-ed25519 AAAA';
  const { find, mounts, args } = render({ git: { ssh: { known_hosts: key } } });
  const map = find('ConfigMap', 'helm-operator-ssh-config') as unknown as {
    data: Record<string, string>;
  };
  assert.equal(map.data['known_hosts'], `${key}\n`);
  assert.equal(mounts.get('/etc/fluxd/known-hosts'), 'known-hosts');
  assert.ok(args.some((arg) => arg.includes('=/etc/fluxd/known-hosts/known_hosts,')));
  const { notes } = render({
    git: { ssh: { configMapName: 'ssh' }, config: { enabled: true, data: '[core]' } },
  });
  assert.match(notes, /git\.ssh\.configMapName.*spec\.chart\.secretRef/);
  assert.match(notes, /git\.config: no Git configuration is read/);
});

test('ServiceMonitor, dashboard and scrape annotations are made when asked for; PodSecurityPolicies are gone', () => {
  const monitored = render({
    prometheus: {
      enabled: true,
      serviceMonitor: { create: true, additionalLabels: { team: 'a' } },
    },
    dashboards: { enabled: true, nameprefix: 'flux' },
    rbac: { pspEnabled: true },
  });
  const monitor = monitored.find('ServiceMonitor') as unknown as {
    metadata: { labels: Record<string, string> };
    spec: { endpoints: { port: string }[]; selector: { matchLabels: Record<string, string> } };
  };
  assert.equal(monitor.metadata.labels['team'], 'a');
  assert.equal(monitor.spec.endpoints[0]?.port, 'http');
  const service = monitored.find('Service');
  for (const [name, value] of Object.entries(monitor.spec.selector.matchLabels))
    assert.equal(service?.metadata.labels?.[name], value);
  const dashboard = monitored.find('ConfigMap', 'flux-helm-operator') as unknown as {
    metadata: { labels: Record<string, string> };
    data: Record<string, string>;
  };
  assert.equal(dashboard.metadata.labels['grafana_dashboard'], '1');
  assert.ok(JSON.parse(dashboard.data['helm-operator.json'] ?? '').panels.length > 5);
  assert.equal(monitored.pod.metadata.annotations['prometheus.io/scrape'], 'true');
  assert.ok(!monitored.names.some((name) => name.startsWith('PodSecurityPolicy')));
  assert.match(monitored.notes, /rbac\.pspEnabled: Kubernetes has no PodSecurityPolicies/);
  const plain = render();
  assert.equal(plain.pod.metadata.annotations['prometheus.io/scrape'], undefined);
  assert.ok(!plain.names.some((name) => /^(ServiceMonitor|ConfigMap)/.test(name)));
});

test('createCRD renders the definition, which stays when the release goes; else it is in crds/', () => {
  const name = 'CustomResourceDefinition/helmreleases.helm.fluxcd.io';
  assert.ok(!render().names.includes(name));
  const { find, names } = render({ createCRD: true });
  assert.ok(names.includes(name));
  const crd = find('CustomResourceDefinition', 'helmreleases.helm.fluxcd.io') as unknown as {
    metadata: { annotations: Record<string, string> };
    spec: unknown;
  };
  assert.equal(crd.metadata.annotations['helm.sh/resource-policy'], 'keep');
  assert.ok(JSON.stringify(crd.spec).includes('"valuesFrom"'));
});

test('several replicas: rolling update, Lease, disruption budget, network policy', () => {
  const { deployment, find, args, notes } = render({
    replicas: 2,
    podDisruptionBudget: { enabled: true },
    networkPolicy: { enabled: true },
    rbac: { profile: 'least-privilege' },
  });
  assert.equal(deployment.spec.strategy.type, 'RollingUpdate');
  assert.ok(args.includes('--leader-elect=true'));
  assert.ok(find('PodDisruptionBudget') !== undefined && find('NetworkPolicy') !== undefined);
  assert.ok(find('Role', 'helm-operator-leader-election') !== undefined);
  assert.doesNotMatch(notes, /WARNING/);
  const alone = render({ replicas: 2, leaderElection: { enabled: false } });
  assert.match(alone.notes, /WARNING: 2 replicas without leader election/);
});

/** The defaults of Helm Operator's chart, as `helm get values --all` gives them. Source: spec helm-operator.md §7.8 */
const ORIGINAL_VALUES = {
  ...{ nameOverride: '', fullnameOverride: '', createCRD: false, allowNamespace: null },
  image: { tag: 'mine', pullPolicy: 'IfNotPresent', pullSecret: null },
  service: { type: 'ClusterIP', port: 3030 },
  ...{ updateChartDeps: true, logFormat: 'fmt', logReleaseDiffs: false, workers: 4 },
  ...{ chartsSyncInterval: '3m', statusUpdateInterval: '30s', helm: { versions: 'v2,v3' } },
  ...{ tillerHost: null, tillerPort: 44134, tillerNamespace: 'kube-system' },
  tls: {
    ...{ secretName: 'helm-client-certs', verify: false, enable: false, hostname: '' },
    ...{ keyFile: 'tls.key', certFile: 'tls.crt', caContent: '' },
  },
  tillerSidecar: {
    enabled: false,
    image: { repository: 'tiller', tag: 'v2.16.1' },
    storage: 'secret',
  },
  convert: { releaseStorage: 'secrets', tillerOutCluster: false },
  configureRepositories: {
    ...{ enable: false, volumeName: 'repositories-yaml', secretName: 'flux-helm-repositories' },
    ...{ cacheVolumeName: 'repositories-cache', repositories: null },
  },
  initPlugins: { enable: false, cacheVolumeName: 'plugins-cache', plugins: null },
  git: {
    ...{ pollInterval: '5m', timeout: '20s', defaultRef: '' },
    ssh: { secretName: '', known_hosts: '', configMapName: '', configMapKey: 'config' },
    config: { enabled: false, secretName: '', createSecret: true, data: '' },
  },
  rbac: { create: true, pspEnabled: false },
  serviceAccount: { create: true, annotations: {}, name: null },
  clusterRole: { create: true, name: null },
  kube: { config: '' },
  prometheus: {
    enabled: false,
    serviceMonitor: {
      ...{ create: false, interval: null, scrapeTimeout: null, namespace: null },
      additionalLabels: {},
    },
  },
  dashboards: { enabled: false, namespace: null, nameprefix: 'dashboard' },
  livenessProbe: { initialDelaySeconds: 1, periodSeconds: 10, failureThreshold: 3 },
  readinessProbe: { initialDelaySeconds: 1, periodSeconds: 10, failureThreshold: 3 },
  ...{ extraEnvs: [], podAnnotations: {}, podLabels: {}, nodeSelector: {}, tolerations: [] },
  ...{ affinity: {}, extraVolumeMounts: [], extraVolumes: [], initContainers: [], hostAliases: {} },
  ...{ priorityClassName: '', terminationGracePeriodSeconds: 300, securityContext: {} },
  containerSecurityContext: { helmOperator: {}, tiller: {} },
  sidecarContainers: [],
  resources: { requests: { cpu: '50m', memory: '64Mi' } },
};

test('all values of the original chart are taken; what they meant is what they mean', () => {
  const original = render(ORIGINAL_VALUES);
  const own = render();
  assert.deepEqual(original.names, own.names);
  assert.equal(original.container.image, 'helm-operator:mine');
  assert.deepEqual(
    original.args.filter((arg) => !own.args.includes(arg)),
    ['--enabled-helm-versions=v2,v3'],
  );
  const [, told = ''] = original.notes.split('These values have no effect:');
  assert.deepEqual(
    [...told.matchAll(/- (\S+):/g)].map(([, name]) => name),
    ['helm.versions', 'tillerSidecar'],
  );
});
