// SPDX-License-Identifier: Apache-2.0

/** A chart of the unusual: hooks of every event that can fail, objects nobody takes, kept ones, a CRD of its own, `lookup`. A table. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: odd\nversion: 1.0.0\nappVersion: "9"\n',
  'values.yaml': `fail: ""
policy: ""
logs: ""
hooks: []
keep: true
data: one
extra: false
bad: ""
lookup: false
`,
  'crds/thing.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.odd.test
spec:
  group: odd.test
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`,
  'templates/all.yaml': `{{- range $event := .Values.hooks }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $.Release.Name }}-{{ $event }}
  annotations:
    helm.sh/hook: {{ $event }}
    {{- with $.Values.policy }}
    helm.sh/hook-delete-policy: {{ . }}
    {{- end }}
    {{- with $.Values.logs }}
    helm.sh/hook-output-log-policy: {{ . }}
    {{- end }}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        kit/outcome: {{ if eq $.Values.fail $event }}fail{{ else }}complete{{ end }}
        kit/log: "log of {{ $event }}\\n"
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "x:1"}]
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-kept
  annotations:
    helm.sh/resource-policy: keep
data: {a: {{ .Values.data | quote }}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-plain
data:
  a: {{ .Values.data | quote }}
  r: {{ .Release.Revision | quote }}
  {{- if .Values.lookup }}
  l: {{ (lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-kept" .Release.Name)).data.a | default "none" | quote }}
  {{- end }}
{{- if .Values.extra }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-extra
data: {a: b}
{{- end }}
{{- if eq .Values.bad "service" }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-bad}
spec: {ports: [{port: 99999}]}
{{- end }}
{{- if eq .Values.bad "kind" }}
---
apiVersion: nope.test/v1
kind: Nope
metadata: {name: {{ .Release.Name }}-bad}
{{- end }}
{{- if eq .Values.bad "old" }}
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: {{ .Release.Name }}-bad}
{{- end }}
{{- if eq .Values.bad "namespace" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-bad, namespace: no-such-namespace}
{{- end }}
{{- if eq .Values.bad "twice" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-plain}
{{- end }}
{{- if eq .Values.bad "unknown" }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-bad}
spec: {ports: [{port: 80, colour: red}]}
{{- end }}
{{- if eq .Values.bad "immutable" }}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-bad}
immutable: true
stringData: {a: {{ .Values.data | quote }}}
{{- end }}
{{- if eq .Values.bad "generate" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {generateName: gen-}
{{- end }}
{{- if eq .Values.bad "noname" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {labels: {a: b}}
{{- end }}
{{- if eq .Values.bad "list" }}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: {{ .Release.Name }}-l1}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: {{ .Release.Name }}-l2}}
{{- end }}
{{- if eq .Values.bad "number" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-bad}
data: {a: 1}
{{- end }}
{{- if eq .Values.bad "hang" }}
---
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}-hang, annotations: {kit/outcome: hang}}
spec: {containers: [{name: c, image: "x:1"}]}
{{- end }}
{{- if eq .Values.bad "ready" }}
---
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}-ready, annotations: {kit/outcome: ready}}
spec: {containers: [{name: c, image: "x:1"}]}
{{- end }}
`,
  'templates/thing.yaml': `{{- if .Values.extra }}
apiVersion: odd.test/v1
kind: Thing
metadata: {name: {{ .Release.Name }}}
spec: {a: {{ .Values.data | quote }}}
{{- end }}
`,
  'templates/NOTES.txt':
    'notes of {{ .Release.Name }} {{ .Release.Revision }} {{ .Values.data }}\n',
};

/** @returns the chart's folder */
export async function writeOddChart(parent: string): Promise<string> {
  const folder = join(parent, 'odd');
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return folder;
}
