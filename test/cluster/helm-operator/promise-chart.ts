// SPDX-License-Identifier: Apache-2.0

/** A chart whose every behaviour is a value. */

import { fileURLToPath } from 'node:url';
import { type PackedChart, packChart } from '../../kit/chart-repository.ts';

const FOLDER = fileURLToPath(new URL('../../../demo/charts/small', import.meta.url));

const VALUES = `message: hello
replicas: 1
# What becomes of the pods, of the test, of the hook before a rollback
outcome: ready
testOutcome: ready
rollbackOutcome: ""
# A field that no API server knows
bogus: false
`;

const SCHEMA = JSON.stringify({
  type: 'object',
  properties: { replicas: { type: 'integer' } },
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  {{- if .Values.bogus }}
  bogus: true
  {{- end }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {kit/outcome: {{ .Values.outcome | quote }}}
    spec:
      containers: [{name: web, image: busybox}]
`;

const TEST = `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
    kit/outcome: {{ .Values.testOutcome | quote }}
spec:
  restartPolicy: Never
  containers: [{name: test, image: busybox}]
`;

const BEFORE_ROLLBACK = `{{- with .Values.rollbackOutcome }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ $.Release.Name }}-back
  annotations:
    helm.sh/hook: pre-rollback
    helm.sh/hook-delete-policy: before-hook-creation
    kit/outcome: {{ . | quote }}
spec:
  restartPolicy: Never
  containers: [{name: back, image: busybox}]
{{- end }}
`;

const CHILD = `{{- with .Values.child }}
apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: {{ $.Release.Name }}-child
spec:
  releaseName: {{ $.Release.Name }}-child
  chart: {repository: {{ .repository | quote }}, name: promise, version: 1.0.0}
  values: {message: {{ .message | quote }}}
{{- end }}
`;

function crd(kind: string): string {
  const plural = `${kind.toLowerCase()}s`;
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.promise.test}
spec:
  group: promise.test
  scope: Namespaced
  names: {kind: ${kind}, listKind: ${kind}List, plural: ${plural}, singular: ${kind.toLowerCase()}}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`;
}

export async function promiseChart(): Promise<PackedChart> {
  return await packChart(
    FOLDER,
    new Map([
      ['Chart.yaml', 'apiVersion: v2\nname: promise\nversion: 1.0.0\n'],
      ['values.yaml', VALUES],
      ['values.schema.json', SCHEMA],
      ['templates/deployment.yaml', DEPLOYMENT],
      ['templates/test.yaml', TEST],
      ['templates/before-rollback.yaml', BEFORE_ROLLBACK],
      ['templates/child.yaml', CHILD],
    ]),
  );
}

/** A chart with one CustomResourceDefinition in `crds/`. */
export async function crdChart(kind: string): Promise<PackedChart> {
  return await packChart(
    FOLDER,
    new Map([
      ['Chart.yaml', `apiVersion: v2\nname: crd-${kind.toLowerCase()}\nversion: 1.0.0\n`],
      ['crds/crd.yaml', crd(kind)],
    ]),
  );
}
