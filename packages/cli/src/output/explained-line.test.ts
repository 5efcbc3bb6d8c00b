// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  composeValues,
  DEFAULT_CAPABILITIES,
  loadFiles,
  OutputTrace,
  processDependencies,
  renderChart,
  type ValuesLayer,
} from '@helm-operator/chart';
import { decodeYamlWithLines, encodeUtf8 } from '@helm-operator/gocompat';
import { nodeFunctionPorts } from '@helm-operator/helm';
import { explainField, explainLine, isObjectPath } from './explained-line.ts';

const FILES: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: ex\nversion: 0.1.0\n',
  'values.yaml': `image: {repository: nginx, tag: a}
labels: {tier: "{{ .Release.Name }}-x"}
enabled: yes
limits: {cpu: 100m, memory: 1Gi}
ports: [{name: a}, {name: b}]
`,
  'templates/_h.tpl': `{{ define "labels" -}}
app: {{ .Chart.Name }}
{{ include "more" . }}
{{- end }}
{{ define "more" }}tier: {{ tpl .Values.labels.tier . }}{{ end }}
{{ define "image" }}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end }}
`,
  'templates/a.yaml': `{{ $early := include "labels" . }}
kind: Deployment
metadata:
  name: web
  labels:
    {{- include "labels" . | nindent 4 }}
  annotations: # again
    {{- $early | nindent 4 }}
spec:
{{- if .Values.enabled }}
  image: {{ include "image" . | quote }}
  {{- with .Values.limits }}
  limits: {{- toYaml . | nindent 4 }}
  fast: {{ .cpu }}
  {{- end }}
  ports:
  {{- range .Values.ports }}
  - name: {{ .name }}
  {{- end }}
{{- end }}
---
kind: Map
metadata: {name: m}
data: {image: {{ template "image" . }}, gone: {{ .Values.gone }}}
`,
  'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
  'charts/sub/values.yaml': 'port: 70\n',
  'charts/sub/templates/s.yaml': 'kind: Service\nmetadata: {name: s}\nport: {{ .Values.port }}\n',
};

const chart = loadFiles(
  Object.entries(FILES).map(([name, text]) => ({ name, data: encodeUtf8(text) })),
  { unpack: () => [] },
);

function explain(what: string | number): string {
  const { value, lines } = decodeYamlWithLines('image:\n  tag: b\n');
  assert.ok(value instanceof Map);
  const layers: readonly ValuesLayer[] = [
    { origin: 'a.yaml', values: value, lines, isSecret: false },
  ];
  const { values } = composeValues(layers);
  const trace = new OutputTrace();
  const { manifest } = renderChart({
    chart: processDependencies(chart, values),
    values,
    profile: 'helm3',
    release: { name: 'demo', namespace: 'n', revision: 1, isInstall: true, isUpgrade: false },
    capabilities: DEFAULT_CAPABILITIES.helm3,
    ports: { functions: nodeFunctionPorts(), nowMs: () => 0 },
    observer: trace,
  });
  const input = { chart, values, layers, profile: 'helm3' as const };
  const printed = { text: manifest, trace };
  return typeof what === 'number'
    ? explainLine(printed, what, input)
    : explainField(printed, what, input);
}

const IMAGE = `{{ .Values.image.repository }}
ex/templates/_h.tpl:6:50 :
ex/templates/_h.tpl:6:51 {{ .Values.image.tag }}`;

/** Places and code of the printers, without values and surroundings. */
function printers(text: string): string {
  return text
    .split('\n')
    .flatMap(
      (line) =>
        /^ *(?:printed by|text of) (.*?:\d+:\d+): (.*)$/.exec(line)?.slice(1, 3).join(' ') ?? [],
    )
    .join('\n');
}

test('a line is followed through include, tpl and template', () => {
  const tier = `ex/templates/a.yaml:6:4 {{- include "labels" . | nindent 4 }}
ex/templates/_h.tpl:3:0 {{ include "more" . }}
ex/templates/_h.tpl:5:19 tier:
ex/templates/_h.tpl:5:25 {{ tpl .Values.labels.tier . }}
the text given to tpl:1:0 {{ .Release.Name }}
the text given to tpl:1:19 -x`;
  assert.equal(printers(explain('deployment/web:metadata.labels.tier')), tier);
  const early = tier.replace('a.yaml:6:4 {{- include "labels" . |', 'a.yaml:8:4 {{- $early |');
  assert.equal(printers(explain('Deployment/web:metadata.annotations.tier')), early);
  assert.equal(
    printers(explain('Deployment/web:spec.image')),
    `ex/templates/a.yaml:11:2 image:
ex/templates/a.yaml:11:9 {{ include "image" . | quote }}
ex/templates/_h.tpl:6:20 ${IMAGE}`,
  );
  const text = explain('Map/m:data.image');
  assert.match(text, /called at ex\/templates\/a\.yaml:24:14: \{\{ template "image" \. \}\}/);
  assert.ok(printers(text).includes(`ex/templates/_h.tpl:6:20 ${IMAGE}`));
});

test('values stand below the action that printed them', () => {
  assert.match(
    explain('Deployment/web:spec.image'),
    / image\.tag: "b"\n +from a\.yaml, line 2\n +overrides values\.yaml of chart ex, line 1: "a"\n/,
  );
  const memory = explain('Deployment/web:spec.limits.memory');
  assert.match(memory, / limits\.memory: "1Gi"\n/);
  assert.doesNotMatch(memory, /limits\.cpu/);
  assert.match(memory, /inside of ex\/templates\/a\.yaml:12:2: \{\{- with \.Values\.limits \}\}/);
  assert.match(explain('Deployment/web:spec.fast'), / limits\.cpu: "100m"\n/);
  assert.match(explain('Deployment/web:spec.ports[1].name'), / ports: \[\{"name":"a"\}/);
  assert.match(
    explain('Service/s:port'),
    / sub\.port: 70\n +from values\.yaml of chart sub, line 1\n/,
  );
});

test('lines are counted as they are printed', () => {
  assert.match(explain(3), /^ex\/charts\/sub\/templates\/s\.yaml, line 1 of/);
  assert.match(
    explain(8),
    /^ex\/templates\/a\.yaml, line \d+ of what it printed:\n {2}kind: Deployment\n/,
  );
  assert.throws(() => explain(1), /line 1 is no template's/);
  assert.throws(() => explain(1000), /line 1000: \d+ lines are printed/);
});

test('what is not there is told with what is', () => {
  assert.throws(
    () => explain('Pod/web:x'),
    /no Pod\/web is printed: Service\/s, .*Deployment\/web/,
  );
  assert.throws(() => explain('Map/m:x'), /there is no x in a map of kind, metadata, data/);
  assert.throws(() => explain('Map/m:kind.x'), /there is no x in a plain value/);
  assert.ok(!isObjectPath('image.tag'));
  assert.ok(isObjectPath('Deployment/web:spec'));
});
