// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { int64, type Value } from '@helm-operator/gocompat';
import { systemClock } from '@helm-operator/kube';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import { chartHandle } from '../../../../test/kit/tarball.ts';
import type { ChartHandle } from '../actions/options.ts';
import { HelmError } from '../errors.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { RenderPool, type RenderPoolOptions } from './pool.ts';
import type { RenderedRelease, RenderRequest } from './port.ts';
import { fromWire, toWire } from './wire-value.ts';

const pools: RenderPool[] = [];

function open(change: Partial<RenderPoolOptions> = {}): RenderPool {
  const pool = new RenderPool({
    nodePath: process.execPath,
    entryPath: fileURLToPath(new URL('./main.ts', import.meta.url)),
    memoryLimitMiB: 256,
    timeLimitMs: 20_000,
    clock: systemClock,
    ...change,
  });
  pools.push(pool);
  return pool;
}

after(() => Promise.all(pools.map((pool) => pool.close())));

function request(chart: ChartHandle, values: [string, Value][] = []): RenderRequest {
  return {
    profile: 'helm3',
    chart,
    values: new Map(values),
    release: { name: 'r', namespace: 'n', revision: 1, isInstall: true, isUpgrade: false },
    capabilities: { gitVersion: 'v1.36.3', major: '1', minor: '36', apiVersions: ['v1'] },
    policy: {},
  };
}

const CM = (body: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: ${body}}\n`;
const shared = open();

test('a chart is rendered, a second time without its bytes', async () => {
  const chart = chartHandle(
    {
      'templates/a.yaml': CM(
        '{{ .Values.n | quote }}, y: {{ .Values.own | quote }}, v: {{ .Capabilities.KubeVersion.Version | quote }}',
      ),
      'templates/hook.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: h, annotations: {helm.sh/hook: test}}\n',
      'templates/NOTES.txt': 'hello {{ .Release.Name }}',
    },
    'own: 7\n',
  );
  const first = await shared.render(request(chart, [['n', int64(2n ** 60n)]]));
  assert.equal(
    first.manifest,
    `---\n# Source: web/templates/a.yaml\n${CM('"1152921504606846976", y: "7", v: "v1.36.3"')}`.trimEnd() +
      '\n',
  );
  assert.equal(first.notes, 'hello r');
  assert.deepEqual(
    first.hooks.map(({ name, events, lastRun }) => [name, events, lastRun.phase]),
    [['h', ['test'], '']],
  );
  assert.deepEqual(first.chart.facts, { name: 'web', version: '1.0.0', appVersion: '' });
  const unsent = { ...chart, bytes: new Uint8Array(0) };
  assert.equal((await shared.render(request(unsent, [['n', 'x']]))).notes, 'hello r');
});

test('lookup asks the parent and waits for its answer', async () => {
  const chart = chartHandle({
    'templates/a.yaml': CM(
      '{{ (lookup "v1" "Secret" "n" "s").data.k }}, y: {{ lookup "v1" "Secret" "n" "none" | len }}',
    ),
  });
  const asked: string[] = [];
  const rendered = await shared.render(request(chart), {
    lookup: async ({ kind, name }) => {
      asked.push(`${kind}/${name}`);
      if (name !== 's') return new Map();
      return new Map<string, Value>([['data', new Map([['k', int64(9007199254740993n)]])]]);
    },
  });
  assert.match(rendered.manifest, /x: 9007199254740993, y: 0/);
  assert.deepEqual(asked, ['Secret/s', 'Secret/none']);
  const refused = shared.render(request(chart), {
    lookup: async () => {
      throw new Error('secrets is forbidden');
    },
  });
  await assert.rejects(refused, {
    code: 'helm/render',
    message: /error calling lookup: secrets is forbidden/,
  });
});

test('a post-renderer of Helm 4 sits between templates and objects, and its time does not count', async () => {
  const chart = chartHandle({ 'templates/a.yaml': 'kind: A\napiVersion: v1\nx: one # kept\n' });
  const clock = new FakeClock();
  const pool = open({ timeLimitMs: 1000, clock });
  const seen: string[] = [];
  const helm4 = { ...request(chart), profile: 'helm4' } as const;
  const { manifest } = await pool.render(helm4, {
    postRender: async (stream) => {
      seen.push(stream);
      await clock.advance(60_000);
      return stream.replace('one', 'two');
    },
  });
  assert.equal(seen.length, 1);
  assert.match(seen[0] ?? '', /postrender-filename: 'web\/templates\/a\.yaml'/);
  assert.match(manifest, /x: two # kept\n/);
  const broken = pool.render(helm4, { postRender: () => Promise.reject(new Error('no')) });
  await assert.rejects(broken, {
    code: 'helm/render',
    message: 'error while running post render on files: no',
  });
});

test('an include without end is ended in Helm words, not by the stack', async () => {
  const chart = chartHandle({
    'templates/a.yaml': 'x: {{ include "loop" . }}',
    'templates/_l.tpl':
      '{{ define "loop" }}{{ range list 1 }}{{ with $ }}{{ include "loop" . }}{{ end }}{{ end }}{{ end }}',
  });
  await assert.rejects(shared.render(request(chart)), {
    code: 'helm/render',
    message: /rendering template has a nested reference name: loop: unable to execute template$/,
  });
});

test('one archive is read as the profile reads it', async () => {
  const chart = chartHandle({ 'templates/a.yaml': CM('{{ .Values.b }}') }, 'b: 1\n---\nb: 2\n');
  assert.match((await shared.render(request(chart))).manifest, /x: 1/);
  const helm4 = await shared.render({ ...request(chart), profile: 'helm4' });
  assert.match(helm4.manifest, /x: 2/);
  assert.match((await shared.render(request(chart))).manifest, /x: 1/);
});

test('errors of templates come with Helm texts, and the child lives on', async () => {
  const chart = chartHandle({ 'templates/a.yaml': 'x: {{ required "give n" .Values.n }}' });
  await assert.rejects(shared.render(request(chart)), {
    code: 'helm/render',
    retry: 'terminal',
    message: 'execution error at (web/templates/a.yaml:1:6): give n',
  });
  const broken = { ...chart, digest: 'sha256:broken', bytes: new Uint8Array([1, 2, 3]) };
  await assert.rejects(shared.render(request(broken)), { code: 'helm/render' });
  await shared.render(request(chart, [['n', 'a']]));
});

test('budgets of the interpreter come first', async () => {
  const pool = open({ budget: { steps: 10_000 } });
  const chart = chartHandle({ 'templates/a.yaml': '{{ range until 100000 }}{{ . }}{{ end }}' });
  await assert.rejects(pool.render(request(chart)), { code: 'helm/render', message: /steps/ });
});

test('a chart that takes too long or too much costs the child, not the parent', async () => {
  const slow = open({ timeLimitMs: 1500, budget: { timeMs: 600_000 } });
  const loop = '{{ range until 20000 }}{{ range until 20000 }}{{ end }}{{ end }}';
  await assert.rejects(slow.render(request(chartHandle({ 'templates/a.yaml': loop }))), {
    code: 'helm/render-timeout',
  });
  const small = open({ memoryLimitMiB: 64 });
  const grow =
    '{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l (printf "%0512d" .) }}{{ end }}';
  await assert.rejects(small.render(request(chartHandle({ 'templates/a.yaml': grow }))), {
    code: 'helm/render-memory',
  });
  for (const pool of [slow, small]) {
    const good = await renderPatiently(pool, request(chartHandle({ 'templates/a.yaml': CM('1') })));
    assert.match(good.manifest, /x: 1/);
  }
});

/** On a busy machine the start of a child may take longer than a small limit allows. */
async function renderPatiently(
  pool: RenderPool,
  asked: RenderRequest,
  triesLeft = 20,
): Promise<RenderedRelease> {
  try {
    return await pool.render(asked);
  } catch (error) {
    const isSlow = error instanceof HelmError && error.code === 'helm/render-timeout';
    if (!isSlow || triesLeft === 0) throw error;
    return await renderPatiently(pool, asked, triesLeft - 1);
  }
}

test('told to stop, it stops', async () => {
  const pool = open();
  const stop = new AbortController();
  const chart = chartHandle({
    'templates/a.yaml': '{{ range until 20000 }}{{ range until 20000 }}{{ end }}{{ end }}',
  });
  const rendering = pool.render(request(chart), { signal: stop.signal });
  setTimeout(() => stop.abort(), 300);
  await assert.rejects(rendering, { name: 'AbortError' });
  await pool.render(request(chartHandle({ 'templates/a.yaml': CM('1') })));
});

test('CRDs of enabled charts, and values of a stored chart', async () => {
  const crd = 'kind: CustomResourceDefinition\n';
  const chart = chartHandle({ 'crds/a.yaml': crd, 'crds/README.md': 'x' });
  const files = await shared.crds({ profile: 'helm3', chart, values: new Map() });
  assert.deepEqual(files, [{ name: 'crds/a.yaml', text: crd }]);
  const json =
    '{"metadata":{"name":"web","version":"1.0.0","apiVersion":"v2"},"lock":null,"templates":[],"values":{"a":1,"b":{"c":2}},"schema":null,"files":[]}';
  const values = await shared.coalesceStored(
    { json, facts: { name: 'web', version: '1.0.0', appVersion: '' } },
    new Map<string, Value>([['b', new Map([['d', 'x']])]]),
  );
  assert.deepEqual(
    values,
    new Map<string, Value>([
      ['a', 1],
      [
        'b',
        new Map<string, Value>([
          ['c', 2],
          ['d', 'x'],
        ]),
      ],
    ]),
  );
});

test('the first child starts, the next requests wait their turn', async () => {
  const pool = open({ size: 1 });
  const chart = chartHandle({ 'templates/a.yaml': CM('{{ .Values.i }}') });
  const all = await Promise.all([1, 2, 3].map((i) => pool.render(request(chart, [['i', i]]))));
  assert.deepEqual(
    all.map(({ manifest }) => /x: (\d)/.exec(manifest)?.[1]),
    ['1', '2', '3'],
  );
});

test('values cross with their kinds', () => {
  const value = new Map<string, Value>([
    ['f', 1],
    ['i', int64(1)],
    ['z', -0],
    ['s', 'a\udc80\udc81"'],
    ['l', [null, true, [], new Map()]],
  ]);
  const back = fromWire(JSON.parse(JSON.stringify(toWire(value))));
  assert.deepEqual(back, value);
  assert.ok(back instanceof Map && Object.is(back.get('z'), -0));
});

test('frames survive being cut anywhere', () => {
  const bytes = Buffer.concat([
    encodeFrame({ a: '\udc80ü' }, new Uint8Array([1, 2, 3])),
    encodeFrame([], new Uint8Array(0)),
  ]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new FrameReader();
    const frames = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
    assert.deepEqual(
      frames.map(({ header, body }) => [header, [...body]]),
      [
        [{ a: '\udc80ü' }, [1, 2, 3]],
        [[], []],
      ],
    );
  }
});
