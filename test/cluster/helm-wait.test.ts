// SPDX-License-Identifier: Apache-2.0

/**
 * What can keep a release from becoming ready, each provoked on a real control plane: the wait ends before its time, and the message
 * says what is wrong and what to do.
 */

import assert from 'node:assert/strict';
import {
  type ActionContext,
  type Culprit,
  createSecretStorage,
  culpritsOf,
  describeCulprit,
  type InstallOptions,
  install,
  type LogLine,
  type ObstacleKind,
  type ReleaseRecord,
  type WaitProgress,
} from '@helm-operator/helm';
import { type Clock, type ConnectedCluster, connect, loadKubeconfig } from '@helm-operator/kube';
import { auditSince, markAudit, tally } from '../kit/audit.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { FakeRender } from '../kit/fake-render.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { breakStatefulSet } from './helm/break-stateful-set.ts';

/** The engine's time passes that many times faster than the cluster's: some obstacles count after a minute. */
const HASTE = 8;

const START_MS = Date.now();
const hastyMs = (): number => START_MS + (Date.now() - START_MS) * HASTE;
const hastyClock: Clock = {
  nowMs: hastyMs,
  elapsedMs: hastyMs,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms / HASTE);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

const AGENT = 'wait-test';

async function connectTo(plane: ControlPlane): Promise<ConnectedCluster> {
  const config = await loadKubeconfig({ paths: [plane.kubeconfig] });
  return connect(config, { version: AGENT });
}

interface Run {
  readonly cluster: ConnectedCluster;
  readonly namespace: string;
  readonly documents: readonly string[];
  readonly wait?: InstallOptions['wait'];
  readonly timeoutMs?: number;
  readonly context?: Partial<ActionContext>;
}

/** Installs the documents as a release and waits. */
async function installDocuments(run: Run): Promise<ReleaseRecord> {
  const { cluster, namespace, documents } = run;
  const render = new FakeRender();
  const profile = run.wait?.strategy === 'kstatus' ? 'helm4' : 'helm3';
  const storage = createSecretStorage({ cluster, namespace, profile, clock: hastyClock });
  const options: InstallOptions = {
    profile,
    release: { name: 'web', namespace },
    timeoutMs: run.timeoutMs ?? 600_000,
    wait: run.wait ?? { strategy: 'helm3', mustWaitForJobs: true },
    hooks: {},
    chart: render.chart({ documents }),
    values: new Map(),
    render: {},
    apply: { method: 'client', fieldManager: 'helm' },
    crds: { mode: 'create' },
    history: { maxRevisions: 10 },
  };
  return install(options, {
    cluster,
    storage,
    render,
    clock: hastyClock,
    signal: new AbortController().signal,
    log: () => undefined,
    reached: () => undefined,
    redact: (text) => text.replaceAll('hunter2', '***'),
    ...run.context,
  });
}

async function failure(run: Run): Promise<Error> {
  try {
    await installDocuments(run);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  throw new Error('the install should have failed');
}

/** The code of the wait's own error. */
function codeOf(error: Error): string {
  let code = '';
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('culprits' in at && 'code' in at) code = String(at.code);
  }
  return code;
}

const POD = (outcome: string, more = '') =>
  `    metadata:
      labels: {app: web}
      annotations: {kit/outcome: "${outcome}", kit/log: "one\\npassword hunter2\\ncannot open database\\n"}
    spec:
      containers: [{name: main, image: "example/none:absent"}]${more}`;

const DEPLOYMENT = (outcome: string, spec = '', pod = '') =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1${spec}
  selector: {matchLabels: {app: web}}
  template:
${POD(outcome, pod)}`;

const WORKLOAD = (kind: string, outcome: string) =>
  `apiVersion: apps/v1
kind: ${kind}
metadata: {name: web}
spec:
  ${kind === 'StatefulSet' ? 'serviceName: web' : 'minReadySeconds: 0'}
  selector: {matchLabels: {app: web}}
  template:
${POD(outcome)}`;

const JOB = (name: string, outcome: string, annotations = '{}') =>
  `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: ${annotations}}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {kit/outcome: "${outcome}", kit/log: "migrating\\nhunter2: table users is locked\\n"}
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "example/none"}]`;

const CLAIM = (storageClass: string) =>
  `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]${storageClass}
  resources: {requests: {storage: 1Gi}}`;

const QUOTA = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'small' },
  spec: { hard: { pods: '0' } },
};

interface Case {
  readonly name: string;
  readonly documents: readonly string[];
  readonly obstacle: ObstacleKind;
  /** What the message must say. */
  readonly says: readonly RegExp[];
  readonly prepare?: (plane: ControlPlane, namespace: string) => Promise<unknown>;
  readonly hasLog?: boolean;
}

const limitPods = (plane: ControlPlane, namespace: string) =>
  plane.call('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, QUOTA);

const restrict = (plane: ControlPlane, namespace: string) =>
  plane.call(
    'PATCH',
    `/api/v1/namespaces/${namespace}`,
    { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
    'application/merge-patch+json',
  );

const CASES: readonly Case[] = [
  {
    name: 'the image does not exist',
    documents: [DEPLOYMENT('pull')],
    obstacle: 'image-pull',
    says: [
      /^Deployment \S+\/web: pod web-\S+, container main: ImagePullBackOff: .*not found/,
      /image name, its tag/,
    ],
  },
  {
    name: 'the registry cannot be reached',
    documents: [DEPLOYMENT('unreached')],
    obstacle: 'image-pull',
    says: [/i\/o timeout/, /registry can be reached/],
  },
  {
    name: 'the image name is invalid',
    documents: [WORKLOAD('StatefulSet', 'name')],
    obstacle: 'image-pull',
    says: [/^StatefulSet \S+\/web: pod web-0, container main: InvalidImageName/, /image name/],
  },
  {
    name: 'a container crashes',
    documents: [WORKLOAD('StatefulSet', 'crash')],
    obstacle: 'crash-loop',
    says: [
      /^StatefulSet \S+\/web: pod web-0, container main: CrashLoopBackOff: .*3 restarts, last exit code 1/,
      /log/,
    ],
    hasLog: true,
  },
  {
    name: 'a Secret for the environment is missing',
    documents: [DEPLOYMENT('config')],
    obstacle: 'container-config',
    says: [
      /CreateContainerConfigError: secret "absent" not found/,
      /create the missing ConfigMap, Secret/,
    ],
  },
  {
    name: 'the command does not exist',
    documents: [DEPLOYMENT('start')],
    obstacle: 'container-start',
    says: [/RunContainerError: exec: "absent": executable file not found/, /check command/],
  },
  {
    name: 'a ConfigMap to mount is missing',
    documents: [DEPLOYMENT('mount')],
    obstacle: 'container-config',
    says: [/pod web-\S+: FailedMount: .*configmap "absent" not found/, /create the missing/],
  },
  {
    name: 'the quota is used up (Deployment)',
    documents: [DEPLOYMENT('')],
    prepare: limitPods,
    obstacle: 'quota',
    says: [
      /FailedCreate: .*exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0/,
      /raise the ResourceQuota/,
    ],
  },
  {
    name: 'a broken pod of an older revision holds a StatefulSet up',
    prepare: breakStatefulSet,
    documents: [WORKLOAD('StatefulSet', '')],
    obstacle: 'old-pod',
    says: [
      /^StatefulSet \S+\/web: pod web-0, container main: its pod of an older revision is broken: CrashLoopBackOff/,
      /delete that pod/,
    ],
  },
  {
    name: 'the quota is used up (StatefulSet)',
    documents: [WORKLOAD('StatefulSet', '')],
    prepare: limitPods,
    obstacle: 'quota',
    says: [
      /^StatefulSet \S+\/web: FailedCreate: .*exceeded quota: small/,
      /raise the ResourceQuota/,
    ],
  },
  {
    name: 'the namespace forbids such pods',
    documents: [DEPLOYMENT('')],
    prepare: restrict,
    obstacle: 'admission',
    says: [/violates PodSecurity "restricted/, /change the pod as the refusal says/],
  },
  {
    name: 'the ServiceAccount is missing',
    documents: [DEPLOYMENT('', '', '\n      serviceAccountName: absent')],
    obstacle: 'service-account',
    says: [/serviceaccount "absent" not found/, /create the ServiceAccount/],
  },
  {
    name: 'no node is as the pod wants it',
    documents: [DEPLOYMENT('', '', '\n      nodeSelector: {disk: gold}')],
    obstacle: 'unschedulable',
    says: [
      /Unschedulable: 0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/,
      /add a node that fits/,
    ],
  },
  {
    name: 'the deadline for progress is over',
    documents: [DEPLOYMENT('run', '\n  progressDeadlineSeconds: 1')],
    obstacle: 'progress-deadline',
    says: [
      /ProgressDeadlineExceeded: ReplicaSet "web-\S+" has timed out progressing/,
      /new pods do not become ready/,
    ],
  },
  {
    name: 'the StorageClass does not exist',
    documents: [CLAIM('\n  storageClassName: absent')],
    obstacle: 'volume',
    says: [
      /^PersistentVolumeClaim \S+\/data: ProvisioningFailed: .*"absent" not found/,
      /StorageClass that exists/,
    ],
  },
  {
    name: 'nobody provides the volume',
    documents: [CLAIM('\n  storageClassName: ""')],
    obstacle: 'volume',
    says: [/FailedBinding: no persistent volumes available/, /provide a PersistentVolume/],
  },
];

/** What is read by whoever is on duty. */
function check(row: Case, error: Error, culprit: Culprit | undefined): void {
  assert.equal(codeOf(error), 'helm/wait-impossible', error.message);
  assert.ok(culprit !== undefined);
  assert.equal(culprit.obstacle, row.obstacle);
  const text = describeCulprit(culprit);
  for (const pattern of row.says) assert.match(text, pattern);
  assert.ok(error.message.includes(text), `${error.message} lacks ${text}`);
  assert.ok(!JSON.stringify([culprit, error.message]).includes('hunter2'), 'a secret is shown');
  if (row.hasLog === true) {
    assert.equal(culprit.logTail, 'one\npassword ***\ncannot open database\n');
  }
}

for (const strategy of ['helm3', 'kstatus'] as const) {
  clusterTest(`${strategy}: a wait that cannot succeed ends and says why`, async (plane) => {
    const cluster = await connectTo(plane);
    const run = async (row: Case): Promise<string> => {
      const namespace = await makeNamespace(plane, 'hopeless');
      await row.prepare?.(plane, namespace);
      const startMs = Date.now();
      const { documents } = row;
      const error = await failure({ cluster, namespace, documents, wait: { strategy } });
      const tookMs = Date.now() - startMs;
      assert.ok(tookMs < 120_000, `${row.name}: ${tookMs} ms`);
      check(row, error, culpritsOf(error)[0]);
      return `${row.name}: ${error.message}`;
    };
    try {
      const rows = CASES.filter(
        ({ obstacle }) => strategy === 'helm3' || obstacle !== 'progress-deadline',
      );
      const results = await Promise.allSettled(rows.map(run));
      const problems = results.flatMap((result, i) =>
        result.status === 'rejected' ? [`${rows[i]?.name}: ${String(result.reason)}`] : [],
      );
      if (process.env['SHOW_MESSAGES'] !== undefined) {
        for (const result of results)
          if (result.status === 'fulfilled') process.stderr.write(`${result.value}\n`);
      }
      assert.deepEqual(problems, []);
    } finally {
      cluster.close();
    }
  });
}

clusterTest('patience as Helm has it uses up the time, then tells the same', async (plane) => {
  const cluster = await connectTo(plane);
  try {
    const namespace = await makeNamespace(plane, 'patient');
    const wait = { strategy: 'helm3', patience: 'helm' } as const;
    const documents = [DEPLOYMENT('pull')];
    const startMs = Date.now();
    const error = await failure({ cluster, namespace, documents, wait, timeoutMs: 8_000 * HASTE });
    assert.ok(Date.now() - startMs >= 8_000);
    assert.equal(error.message, 'context deadline exceeded');
    assert.equal(codeOf(error), 'helm/wait-timeout');
    const [culprit] = culpritsOf(error);
    assert.equal(culprit?.obstacle, 'image-pull');
    assert.equal(culprit?.message, 'Deployment: 0 out of 1 expected pods are ready');
  } finally {
    cluster.close();
  }
});

clusterTest(
  'a pod of the revision before does not count, a crash waits for others',
  async (plane) => {
    const cluster = await connectTo(plane);
    try {
      const namespace = await makeNamespace(plane, 'hopeful');
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const slow = DEPLOYMENT('run').replaceAll('web', 'slow');
      const error = await failure({
        cluster,
        namespace,
        documents: [DEPLOYMENT('crash'), slow],
        wait: { strategy: 'helm3' },
        timeoutMs: 5_000 * HASTE,
      });
      assert.equal(error.message, 'context deadline exceeded');
      assert.equal(culpritsOf(error).length, 2);
      assert.equal(culpritsOf(error)[0]?.obstacle, 'crash-loop');
      assert.equal((await plane.call('GET', `${path}/slow`)).status, 200);
    } finally {
      cluster.close();
    }
  },
);

clusterTest(
  'logs and events of a failed hook are kept when its policy removes it',
  async (plane) => {
    const cluster = await connectTo(plane);
    try {
      const namespace = await makeNamespace(plane, 'hooks');
      const log: LogLine[] = [];
      const policies =
        '{helm.sh/hook: pre-install, helm.sh/hook-delete-policy: "hook-failed", helm.sh/hook-output-log-policy: hook-failed}';
      const error = await failure({
        cluster,
        namespace,
        documents: [JOB('migrate', 'fail', policies)],
        context: { log: (line) => log.push(line) },
      });
      assert.equal(
        error.message,
        'failed pre-install: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n\n',
      );
      assert.equal(codeOf(error), 'helm/hook-failed');
      const [culprit] = culpritsOf(error);
      assert.equal(culprit?.obstacle, 'job-failed');
      assert.match(culprit?.pod ?? '', /^migrate-/);
      assert.equal(culprit?.logTail, 'migrating\n***: table users is locked\n');
      assert.ok((culprit?.events ?? []).length > 0);
      const { status } = await plane.call(
        'GET',
        `/apis/batch/v1/namespaces/${namespace}/jobs/migrate`,
      );
      assert.equal(status, 404);
      assert.deepEqual(
        log.filter(({ fields }) => fields?.['hook'] === 'migrate').map(({ message }) => message),
        ['migrating\n***: table users is locked\n'],
      );
    } finally {
      cluster.close();
    }
  },
);

clusterTest('a hook whose image cannot be pulled does not use up the time', async (plane) => {
  const cluster = await connectTo(plane);
  try {
    const namespace = await makeNamespace(plane, 'hooks');
    const documents = [JOB('migrate', 'pull', '{helm.sh/hook: pre-install}')];
    const error = await failure({ cluster, namespace, documents });
    assert.match(
      error.message,
      /^failed pre-install: 1 error occurred:\n\t\* .*job \S+\/migrate|Job \S+\/migrate: pod migrate-\S+, container main: ImagePullBackOff/,
    );
    assert.equal(culpritsOf(error)[0]?.obstacle, 'image-pull');
  } finally {
    cluster.close();
  }
});

clusterTest(
  'waiting costs a watch for each kind, tells its progress and stops at once',
  async (plane) => {
    const cluster = await connectTo(plane);
    try {
      const namespace = await makeNamespace(plane, 'watched');
      const documents = Array.from({ length: 10 }, (_, i) =>
        DEPLOYMENT('').replaceAll('web', `web-${i}`),
      );
      const mark = await markAudit(plane.auditLog);
      await installDocuments({ cluster, namespace, documents });
      const counted = tally(await auditSince(plane.auditLog, mark, `helm-operator/${AGENT}`));
      assert.equal(counted['watch deployments'], 1);
      assert.equal(counted['get deployments'], 10);
      assert.ok((counted['watch replicasets'] ?? 0) <= 4, JSON.stringify(counted));
      assert.equal(counted['list replicasets'] ?? 0, 0);

      const stop = new AbortController();
      const other = await makeNamespace(plane, 'stopped');
      const told: WaitProgress[] = [];
      const progress = (report: WaitProgress): void => {
        told.push(report);
        if (report.pending[0]?.message.includes('0 out of 1') === true)
          stop.abort(new Error('enough'));
      };
      const startMs = Date.now();
      const error = await failure({
        cluster,
        namespace: other,
        documents: [DEPLOYMENT('hang')],
        context: { signal: stop.signal, waiting: { progress } },
      });
      assert.equal(error.message, 'enough');
      assert.ok(Date.now() - startMs < 120_000);
      assert.equal(told.at(-1)?.pending[0]?.ref.name, 'web');
    } finally {
      cluster.close();
    }
  },
);
