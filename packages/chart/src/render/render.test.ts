// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '@helm-operator/gocompat';
import { StepLimitError } from '@helm-operator/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { loadFiles } from '../chart/load-files.ts';
import { ChartError } from '../errors.ts';
import type { FunctionPorts } from '../functions/ports.ts';
import { DEFAULT_CAPABILITIES } from './capabilities.ts';
import { type RenderInput, renderChart } from './render.ts';
import { createTemplateCache } from './template-cache.ts';

const never = (): never => {
  throw new Error('not asked for in these tests');
};

const functions: FunctionPorts = {
  now: () => 0n,
  localZone: 'UTC',
  randomBytes: (count) => new Uint8Array(count).fill(7),
  crypto: {
    digest: never,
    hmac: never,
    scrypt: never,
    aesCbc: never,
    generateKey: never,
    publicKeyOf: never,
    sign: never,
  },
};

function chartOf(templates: Readonly<Record<string, string>>, values = ''): Chart {
  const files = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0', 'values.yaml': values };
  const list = Object.entries({ ...files, ...templates });
  return loadFiles(
    list.map(([name, text]) => ({ name, data: new TextEncoder().encode(text) })),
    { unpack: () => [] },
  );
}

function input(chart: Chart, more: Partial<RenderInput> = {}): RenderInput {
  return {
    chart,
    values: new Map(),
    release: { name: 'r', namespace: 'n', revision: 3, isInstall: false, isUpgrade: true },
    capabilities: DEFAULT_CAPABILITIES.helm3,
    profile: 'helm3',
    ports: { functions, nowMs: () => 0 },
    ...more,
  };
}

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n';

test('rendering twice gives the same bytes, and leaves chart and values as they were', () => {
  const chart = chartOf(
    { 'templates/a.yaml': '{{ $_ := set .Values.m "seen" 1 }}m: {{ toJson .Values.m }}' },
    'm: {a: 1}',
  );
  const values = new Map<string, Value>([['m', new Map([['b', 2]])]]);
  const first = renderChart(input(chart, { values }));
  assert.equal(first.manifest, '---\n# Source: c/templates/a.yaml\nm: {"a":1,"b":2,"seen":1}\n');
  assert.deepEqual(renderChart(input(chart, { values })), first);
  assert.deepEqual(values, new Map([['m', new Map([['b', 2]])]]));
});

test('cached templates give the same, for other values and functions, too', () => {
  const chart = chartOf({
    'templates/a.yaml':
      'a: {{ include "x" . }} {{ tpl "{{ define \\"x\\" }}tpl{{ end }}{{ include \\"x\\" . }}" . }}',
    'templates/_x.tpl': '{{ define "x" }}{{ .Values.v }}{{ now | unixEpoch }}{{ end }}',
  });
  const cache = { templates: createTemplateCache(1024 * 1024), chartDigest: 'sha256:x' };
  const render = (v: string, nano: bigint) =>
    renderChart(
      input(chart, {
        cache,
        values: new Map([['v', v]]),
        ports: { functions: { ...functions, now: () => nano }, nowMs: () => 0 },
      }),
    ).manifest;
  assert.match(render('one', 0n), /a: one0 tpl\n/);
  assert.match(render('two', 5_000_000_000n), /a: two5 tpl\n/);
});

test('a cache forgets what does not fit', () => {
  const chart = chartOf({ 'templates/a.yaml': CONFIG });
  const templates = createTemplateCache(10);
  const cache = { templates, chartDigest: 'sha256:x' };
  const first = renderChart(input(chart, { cache }));
  assert.deepEqual(renderChart(input(chart, { cache })), first);
});

test('notes are taken out, CRDs go first when asked for', () => {
  const chart = chartOf({
    'templates/NOTES.txt': 'hello {{ .Release.Revision }}',
    'templates/a.yaml': CONFIG,
    'crds/x.yaml': 'kind: CustomResourceDefinition\n',
  });
  const { manifest, notes, crds } = renderChart(input(chart, { mustIncludeCrds: true }));
  assert.equal(notes, 'hello 3');
  assert.match(manifest, /^---\n# Source: c\/crds\/x.yaml\nkind: .*\n\n---\n# Source: c\/templ/);
  assert.deepEqual(
    crds.map(({ path }) => path),
    ['c/crds/x.yaml'],
  );
});

test('a post-renderer gets the manifest with Helm 3, one stream with Helm 4', () => {
  const hook = `${CONFIG}  annotations: {helm.sh/hook: test}\n`;
  const chart = chartOf({ 'templates/a.yaml': CONFIG, 'templates/h.yaml': hook });
  const postRender = (text: string) => `# seen\n${text}`;
  const helm3 = renderChart(input(chart, { postRender }));
  assert.match(helm3.manifest, /^# seen\n---\n/);
  assert.ok(!helm3.hooks[0]?.manifest.includes('# seen'));
  const helm4 = renderChart(input(chart, { postRender, profile: 'helm4' }));
  assert.match(helm4.manifest, /^---\n# Source: .*\n# seen\n/);
  const both = (text: string) => text.replaceAll('metadata:', 'metadata: # seen');
  const changed = renderChart(input(chart, { postRender: both, profile: 'helm4' }));
  assert.ok(changed.hooks[0]?.manifest.includes('metadata: # seen'));
  assert.ok(!changed.manifest.includes('postrenderer.helm.sh'));
  assert.throws(() => renderChart(input(chart, { postRender: never })), {
    code: 'chart/post-render',
    message: 'error while running post render on files: not asked for in these tests',
  });
});

test('lookup goes to its port, and not when linting', () => {
  const chart = chartOf({ 'templates/a.yaml': 'a: {{ lookup "v1" "Pod" "ns" "p" | toJson }}' });
  const asked: unknown[] = [];
  const lookup: RenderInput['lookup'] = (...question) => {
    asked.push(question);
    return new Map([['kind', 'Pod']]);
  };
  assert.match(renderChart(input(chart, { lookup })).manifest, /a: \{"kind":"Pod"\}/);
  assert.deepEqual(asked, [['v1', 'Pod', 'ns', 'p']]);
  assert.match(renderChart(input(chart, { lookup, isLint: true })).manifest, /a: \{\}/);
  assert.match(renderChart(input(chart)).manifest, /a: \{\}/);
});

test('linting lets required and fail pass, strict stops at missing keys', () => {
  const chart = chartOf({ 'templates/a.yaml': 'a: "{{ required "r" .Values.x }}{{ fail "f" }}"' });
  assert.match(renderChart(input(chart, { isLint: true })).manifest, /a: ""/);
  assert.throws(() => renderChart(input(chart)), {
    code: 'chart/render',
    message: 'execution error at (c/templates/a.yaml:1:7): r',
  });
  const missing = chartOf({ 'templates/a.yaml': 'a: {{ .Values.x }}' });
  assert.throws(
    () => renderChart(input(missing, { isStrict: true })),
    /map has no entry for key "x"/,
  );
});

test('a budget ends what does not end, in its own words', () => {
  const chart = chartOf({ 'templates/a.yaml': '{{ range until 100000 }}{{ . }}{{ end }}' });
  assert.throws(() => renderChart(input(chart, { limits: { steps: 1000 } })), StepLimitError);
});

test('a chart for another Kubernetes is refused', () => {
  const chart = chartOf({});
  const wanting = { ...chart, metadata: { ...chart.metadata, kubeVersion: '<1.20' } };
  assert.throws(
    () => renderChart(input(wanting)),
    (error) => error instanceof ChartError && error.code === 'chart/kube-version',
  );
});

test('names of users do not reach the prototype', () => {
  const chart = chartOf(
    {
      'templates/a.yaml': 'a: {{ .Values.constructor }}{{ .Values.toString }} {{ toJson .Values }}',
    },
    '__proto__: {x: 1}\n',
  );
  assert.match(renderChart(input(chart)).manifest, /a: {2}\{"__proto__":\{"x":1\}\}/);
});
