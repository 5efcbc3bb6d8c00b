// SPDX-License-Identifier: Apache-2.0

/** A chart with something of everything that lifecycles trip over, in two versions. Tables. */

import { tarball } from '../../kit/tarball.ts';

/** The kind of the chart's custom resource; the cluster must serve it. */
export const WIDGET_CRD: object = {
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

const HOOK_JOB = (name: string, events: string, weight: number, policies: string) => `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-${name}
  annotations:
    helm.sh/hook: ${events}
    helm.sh/hook-weight: "${weight}"
    helm.sh/hook-delete-policy: ${policies}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {kit/outcome: {{ .Values.hookOutcome | quote }}}}
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "busybox:1"}]
`;

const COMMON: Readonly<Record<string, string>> = {
  'README.md': '# web <b>&</b>\n',
  'values.schema.json': '{"properties": {"replicas": {"type": "integer"}}}',
  'charts/side/Chart.yaml': 'apiVersion: v2\nname: side\nversion: 0.3.0\n',
  'charts/side/values.yaml': 'text: plain\nglobal: {}\n',
  'charts/side/templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-side\ndata:\n  text: {{ .Values.text | quote }}\n  stage: {{ .Values.global.stage | quote }}\n',
  'templates/NOTES.txt':
    'Installed {{ .Release.Name }} {{ .Values.level }} {{ .Release.Revision }}\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-config\n  labels: {tier: a}\ndata:\n{{ toYaml .Values.data | indent 2 }}\n',
  'templates/extra.yaml':
    '{{ if .Values.extra }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-extra\ndata: {x: z}\n{{ end }}\n',
  'templates/kept.yaml':
    '{{ if .Values.extra }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-kept\n  annotations: {helm.sh/resource-policy: keep}\nstringData: {x: z}\n{{ end }}\n',
  'templates/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector: {app: web}\n  ports:\n{{ toYaml .Values.ports | indent 2 }}\n',
  'templates/list.yaml':
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: "{{ .Release.Name }}"}\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: Role\n  metadata: {name: "{{ .Release.Name }}"}\n  rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Values.app }}}}
  {{- with .Values.strategy }}
  strategy: {{ toYaml . | nindent 4 }}
  {{- end }}
  template:
    metadata:
      labels: {app: {{ .Values.app }}}
      annotations: {kit/outcome: {{ .Values.outcome | quote }}}
    spec:
      terminationGracePeriodSeconds: 0
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
  'templates/hook-job.yaml': HOOK_JOB(
    'hook',
    'pre-install,pre-upgrade,post-rollback',
    -5,
    'before-hook-creation,hook-succeeded',
  ),
  'templates/hook-config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-before\n  annotations: {helm.sh/hook: "pre-install,pre-upgrade,pre-delete", helm.sh/hook-weight: "1"}\ndata: {level: "{{ .Values.level }}"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-after\n  annotations: {helm.sh/hook: "post-install,post-upgrade,post-delete", helm.sh/hook-delete-policy: hook-succeeded}\ndata: {level: "{{ .Values.level }}"}\n',
  'templates/tests/test.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: hook-succeeded, kit/outcome: {{ .Values.testOutcome | quote }}}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers: [{name: c, image: "busybox:1"}]
`,
};

const VALUES = `replicas: 1
app: web
image: "nginx:1"
outcome: ready
hookOutcome: ready
testOutcome: ready
data: {a: "1", b: "2"}
ports: [{port: 80, name: http}]
env: [{name: A, value: "1"}, {name: B, value: "2"}]
level: 3
extra: true
global: {stage: test}
`;

const AUTOSCALER: Readonly<Record<string, string>> = {
  '1.0.0':
    'apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  maxReplicas: 3\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}\n  targetCPUUtilizationPercentage: 80\n',
  '2.0.0':
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  maxReplicas: 4\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]\n',
};

/** Version 2 moves an object to another version of its API, drops one and adds one. */
const ONLY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '1.0.0': {
    'templates/old.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-old\ndata: {x: "1"}\n',
  },
  '2.0.0': {
    'templates/new.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-new\ndata: {x: "2"}\n',
  },
};

export type WebVersion = '1.0.0' | '2.0.0';

/** The archive. */
export function webChart(version: WebVersion): Uint8Array {
  const files: Record<string, string> = {
    'Chart.yaml': `apiVersion: v2\nname: web\nversion: ${version}\nappVersion: "4.2"\nkeywords: [a]\nmaintainers:\n- name: x\n`,
    'values.yaml': VALUES,
    ...COMMON,
    'templates/autoscaler.yaml': AUTOSCALER[version] ?? '',
    ...ONLY[version],
  };
  return tarball(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`web/${name}`, text])),
  );
}

/** Where the chart's objects live; `NS` stands for the namespace. */
export const WEB_PATHS: readonly string[] = [
  '/api/v1/namespaces/NS/configmaps',
  '/api/v1/namespaces/NS/secrets',
  '/api/v1/namespaces/NS/services',
  '/api/v1/namespaces/NS/serviceaccounts',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles',
  '/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers',
  '/apis/apps/v1/namespaces/NS/deployments',
  '/apis/apps/v1/namespaces/NS/replicasets',
  '/apis/pets.test/v1/namespaces/NS/widgets',
  '/apis/batch/v1/namespaces/NS/jobs',
];
