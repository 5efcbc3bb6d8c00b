// SPDX-License-Identifier: Apache-2.0

/** Charts for the lifecycle benchmark: a small one, and two made of many objects of common kinds. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packChart } from '../kit/chart-repository.ts';
import { tarball } from '../kit/tarball.ts';

export interface BenchChart {
  readonly name: string;
  readonly objects: number;
  readonly archive: Uint8Array;
  /** What the one-value upgrade sets. */
  readonly change: Readonly<Record<string, unknown>>;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PODINFO = join(root, '../shared/corpus/charts/stefanprodan-podinfo--podinfo.tgz');
const OBJECTS_OF_PODINFO = 2;
const OBJECTS_OF_DEMO = 2;

/** podinfo where the corpus is at hand, else the demo chart. */
async function smallChart(): Promise<BenchChart> {
  if (existsSync(PODINFO)) {
    const archive = new Uint8Array(readFileSync(PODINFO));
    return {
      name: 'podinfo',
      objects: OBJECTS_OF_PODINFO,
      archive,
      change: { ui: { message: 'changed' } },
    };
  }
  const { archive } = await packChart(join(root, 'demo/charts/small'));
  return { name: 'small', objects: OBJECTS_OF_DEMO, archive, change: { message: 'changed' } };
}

const TEMPLATE = `{{- range $i := until (int .Values.sets) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-config-{{ $i }}
  labels: {app: {{ $.Release.Name }}, part: "{{ $i }}"}
data:
  text: {{ repeat 20 "forty characters of text, more or less. " | quote }}
  {{- if eq $i 0 }}
  message: {{ $.Values.message | quote }}
  {{- end }}
---
apiVersion: v1
kind: Secret
metadata: {name: "{{ $.Release.Name }}-secret-{{ $i }}"}
stringData: {key: "value-{{ $i }}"}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: "{{ $.Release.Name }}-account-{{ $i }}"}
---
apiVersion: v1
kind: Service
metadata: {name: "{{ $.Release.Name }}-service-{{ $i }}"}
spec:
  selector: {app: "{{ $.Release.Name }}", part: "{{ $i }}"}
  ports: [{name: http, port: 80, targetPort: http}, {name: metrics, port: 9090}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $.Release.Name }}-app-{{ $i }}
  labels: {app: {{ $.Release.Name }}, part: "{{ $i }}"}
spec:
  replicas: 0
  selector: {matchLabels: {app: "{{ $.Release.Name }}", part: "{{ $i }}"}}
  template:
    metadata: {labels: {app: "{{ $.Release.Name }}", part: "{{ $i }}"}}
    spec:
      serviceAccountName: {{ $.Release.Name }}-account-{{ $i }}
      containers:
      - name: main
        image: nginx:1
        ports: [{name: http, containerPort: 80}]
        env: [{name: A, value: "1"}, {name: PART, value: "{{ $i }}"}]
        readinessProbe: {httpGet: {path: /, port: http}}
        volumeMounts: [{name: config, mountPath: /config}]
      volumes: [{name: config, configMap: {name: "{{ $.Release.Name }}-config-{{ $i }}"}}]
{{- end }}
`;

const KINDS_IN_A_SET = 5;

function chartOf(name: string, objects: number): BenchChart {
  const archive = tarball({
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    [`${name}/values.yaml`]: `sets: ${objects / KINDS_IN_A_SET}\nmessage: first\n`,
    [`${name}/templates/all.yaml`]: TEMPLATE,
  });
  return { name, objects, archive, change: { message: 'changed' } };
}

export async function benchCharts(): Promise<readonly BenchChart[]> {
  return [await smallChart(), chartOf('medium', 50), chartOf('large', 500)];
}
