// SPDX-License-Identifier: Apache-2.0

/** Templates that mean harm: each ends with an error that names the limit and the place, in bounded time. */

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import type { Chart } from '../chart/chart.ts';
import { loadFiles } from '../chart/load-files.ts';
import { nodeFunctionPorts } from '../ports/node.ts';
import { readValues } from '../values/read-values.ts';
import { setValues } from '../values/set.ts';
import { DEFAULT_CAPABILITIES } from './capabilities.ts';
import { type RenderOutput, renderChart } from './render.ts';

/** A thousandth of the default budgets, so that the tests are fast. */
const LIMITS = {
  steps: 50_000,
  outputBytes: 256 * 1024,
  elements: 20_000,
  depth: 200,
  timeMs: 10_000,
};
const PATIENCE_MS = 15_000;

function chartOf(files: Readonly<Record<string, string>>): Chart {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0', ...files };
  return loadFiles(
    Object.entries(all).map(([name, text]) => ({ name, data: new TextEncoder().encode(text) })),
    { unpack: () => [] },
  );
}

function render(files: Readonly<Record<string, string>>, values = ''): RenderOutput {
  return renderChart({
    chart: chartOf(files),
    values: readValues(values),
    release: { name: 'r', namespace: 'n', revision: 1, isInstall: true, isUpgrade: false },
    capabilities: DEFAULT_CAPABILITIES.helm3,
    profile: 'helm3',
    ports: { functions: nodeFunctionPorts(), nowMs: () => performance.now() },
    limits: LIMITS,
  });
}

const LOOP = '{{ define "loop" }}{{ include "loop" . }}{{ end }}';

const TENFOLD = (name: string) => Array.from({ length: 10 }, () => `*${name}`).join();
const BOMB = ['b', 'c', 'd', 'e', 'f', 'g'].reduce(
  (text, name, i) => `${text}${name}: &${name} [${TENFOLD('abcdef'.charAt(i))}]\\n`,
  'a: &a [x]\\n',
);
const VALUES = `t: '{{ tpl .Values.t . }}'\nbomb: "${BOMB}"\n`;

/** What is done, and the error that ends it. */
const ROWS: readonly (readonly [name: string, template: string, error: RegExp])[] = [
  [
    'an endless range',
    '{{ range $i := 100000000 }}{{ $i }}{{ end }}',
    /stopped at c\/templates\/a.yaml:1:\d+: .*raise the limit `(?:steps|outputBytes)`/,
  ],
  [
    'ranges inside each other',
    '{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}',
    /stopped at c\/templates\/a.yaml:1:\d+: more than \d+ [\w ]+; .*raise the limit/,
  ],
  [
    'include without end',
    `${LOOP}{{ include "loop" . }}`,
    /nested reference name: loop|raise the limit `depth`/,
  ],
  [
    'template without end',
    '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
    /raise the limit/,
  ],
  [
    'tpl without end',
    '{{ tpl .Values.t . }}',
    /raise the limit `depth`|stack size|error calling tpl/,
  ],
  ['repeat of a gigabyte', '{{ repeat 1000000000 "x" | len }}', /one call may make at most/],
  [
    'repeat of repeats',
    '{{ repeat 10000 (repeat 10000 (repeat 10000 "x")) | len }}',
    /one call may make at most/,
  ],
  [
    'a string that doubles',
    '{{ $s := "x" }}{{ range until 64 }}{{ $s = print $s $s }}{{ end }}{{ len $s }}',
    /raise the limit|too large/i,
  ],
  [
    'the widest printf in a loop',
    '{{ range until 1000 }}{{ printf "%1000000d" 1 }}{{ end }}',
    /raise the limit `(?:outputBytes|elements)`/,
  ],
  [
    'a list that grows',
    '{{ $l := list }}{{ range until 19000 }}{{ $l = concat $l $l (list .) }}{{ end }}',
    /one call may make at most|raise the limit/,
  ],
  ['a list of a billion', '{{ until 1000000000 | len }}', /one call may make at most/],
  ['seq of a billion', '{{ seq 1000000000 | len }}', /one call may make at most/],
  [
    'a map that grows',
    '{{ $m := dict }}{{ range until 15000 }}{{ $_ := set $m (toString .) (dict "m" (deepCopy $m)) }}{{ end }}',
    /raise the limit/,
  ],
  [
    'a map inside itself',
    '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ toYaml $m }}{{ print $m }}',
    /./,
  ],
  [
    'a text in many pieces',
    '{{ regexSplit "" (repeat 5000000 "x") -1 | len }}',
    /one call may make at most|raise the limit/,
  ],
  [
    'a text that cannot be held',
    '{{ regexReplaceAllLiteral "x" (repeat 100000 "x") (repeat 100000 "y") | len }}',
    /stopped at c\/templates\/a.yaml:1:\d+: .* raise the limit `outputBytes`/,
  ],
  [
    'a slow function in a loop',
    '{{ $l := until 10000 }}{{ range until 10000 }}{{ sortAlpha $l | len }}{{ end }}',
    /raise the limit/,
  ],
  [
    'a list nested by hand',
    '{{ $l := list }}{{ range until 9000 }}{{ $l = list $l }}{{ end }}{{ toJson $l }}',
    /./,
  ],
  [
    'an output of a gigabyte',
    '{{ range until 1000 }}{{ repeat 1000 "0123456789" }}{{ end }}',
    /raise the limit `outputBytes`/,
  ],
  [
    'a copy of a map inside itself',
    '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ $x := deepCopy $m }}',
    /raise the limit `elements`/,
  ],
  [
    'TOML of a map inside itself',
    '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ toToml $m | fail }}',
    /tables nested more than 1000 deep/,
  ],
  [
    'JSON of a map inside itself',
    '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ mustToPrettyJson $m }}',
    /encountered a cycle via map/,
  ],
  [
    'a map merged with itself',
    '{{ $m := dict "a" 1 }}{{ $_ := set $m "m" $m }}{{ $n := dict }}{{ $_ := set $n "m" $n }}{{ $_ := mergeOverwrite $n $m }}',
    /the stack is full|raise the limit/,
  ],
  [
    'a number of many digits',
    '{{ range until 40 }}{{ $_ := int64 (repeat 200000 "9") }}{{ end }}{{ fail (toString (atoi "9")) }}',
    /raise the limit/,
  ],
  ['indentation of a gigabyte', '{{ nindent 1000000000 "a" }}', /one call may make at most/],
  [
    'passwords in a loop',
    '{{ range until 9000 }}{{ $_ := bcrypt "x" }}{{ end }}',
    /raise the limit `(?:steps|timeMs)`/,
  ],
  [
    'keys in a loop',
    '{{ range until 9000 }}{{ $_ := genPrivateKey "ed25519" }}{{ end }}',
    /raise the limit `(?:steps|timeMs)`/,
  ],
  [
    'tpl and include of each other',
    '{{ define "x" }}{{ tpl "{{ include \\"x\\" . }}" . }}{{ end }}{{ include "x" . }}',
    /raise the limit `depth`|nested reference name/,
  ],
  [
    'templates of each other',
    '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    /raise the limit/,
  ],
  ['random letters of a gigabyte', '{{ randAlphaNum 1000000000 }}', /one call may make at most/],
  [
    'YAML that grows through aliases',
    '{{ get (fromYaml .Values.bomb) "Error" | fail }}',
    /document contains excessive aliasing/,
  ],
  [
    'texts that are encoded again and again',
    '{{ $s := "\\"" }}{{ range until 100 }}{{ $s = toJson $s }}{{ end }}{{ len $s }}',
    /raise the limit|one call may make at most/,
  ],
  [
    'a glob on every file, again and again',
    '{{ range until 40000 }}{{ $_ := $.Files.Glob "{a,b,{c,{d,e}}}**/{*,**}/[!x]*" }}{{ end }}',
    /raise the limit/,
  ],
];

for (const [name, template, error] of ROWS) {
  test(`${name} ends`, () => {
    const startedMs = performance.now();
    assert.throws(
      () => render({ 'templates/a.yaml': template }, VALUES),
      (thrown) => {
        assert.ok(thrown instanceof Error && 'code' in thrown, String(thrown));
        assert.match(thrown.message, error);
        assert.ok(!(thrown instanceof RangeError), thrown.message);
        return true;
      },
    );
    assert.ok(performance.now() - startedMs < PATIENCE_MS, 'in bounded time');
  });
}

test('values inside themselves are written and compared as Go does it', () => {
  const circle = (name: string) => `{{ $${name} := dict }}{{ $_ := set $${name} "m" $${name} }}`;
  const twice = (name: string) =>
    `{{ $${name} := list 1 }}{{ range until 64 }}{{ $${name} = list $${name} $${name} }}{{ end }}`;
  const { notes } = render({
    'templates/NOTES.txt': [
      `${circle('m')}${circle('n')}{{ toJson $m }}|{{ toPrettyJson $m }}|{{ toYaml $m }}`,
      '|{{ deepEqual $m $n }}|{{ uniq (list $m $n) | len }}|{{ has $m (list $n) }}',
      `|${twice('l')}${twice('k')}{{ deepEqual $l $k }}|{{ uniq (list 1 "1" 1 true true) | len }}`,
    ].join(''),
  });
  assert.equal(notes, '||||true|1|true|true|3'.slice(1));
  const must = { 'templates/a.yaml': `${circle('m')}{{ mustToJson $m }}` };
  assert.throws(() => render(must), {
    message:
      /error calling mustToJson: json: unsupported value: encountered a cycle via map\[string\]interface {}$/,
  });
});

test('regular expressions that explode elsewhere are linear', () => {
  const startedMs = performance.now();
  const bomb =
    '{{ regexMatch "^(a+)+$" (printf "%sb" (repeat 20000 "a")) }} {{ regexFind "(a|aa)+c" (repeat 5000 "a") }}';
  assert.match(render({ 'templates/a.yaml': `x: ${bomb}` }).manifest, /x: false/);
  assert.ok(performance.now() - startedMs < PATIENCE_MS);
});

test('names of JavaScript are names like others: values, templates, set, get', () => {
  const { notes } = render(
    {
      'templates/NOTES.txt': [
        '{{ define "__proto__" }}p{{ end }}{{ define "constructor" }}c{{ end }}{{ define "toString" }}s{{ end }}',
        'a: {{ include "__proto__" . }}{{ include "constructor" . }}{{ include "toString" . }}',
        '{{ $m := dict "__proto__" 1 "constructor" 2 }}{{ $_ := set $m "toString" 3 }}{{ $_ := unset $m "constructor" }}',
        'b: {{ toJson $m }} {{ hasKey $m "valueOf" }} {{ get $m "hasOwnProperty" | quote }}',
        'c: {{ toJson .Values }} {{ .Values.valueOf }}{{ dig "__proto__" "x" "none" (dict) }}',
        'd: {{ merge (dict "__proto__" (dict "x" 1)) (dict "__proto__" (dict "y" 2)) | toJson }}',
        'e: {{ fromYaml "__proto__: {z: 1}" | toJson }} {{ fromJson "{\\"__proto__\\": 1}" | toJson }} {{ fromToml "__proto__ = 1" | toJson }}',
      ].join('\n'),
    },
    '__proto__: {polluted: yes}\nconstructor: {prototype: 1}',
  );
  const lines = new Map(notes.split('\n').map((line) => [line.charAt(0), line.slice(3)]));
  assert.equal(lines.get('a'), 'pcs');
  assert.equal(lines.get('b'), '{"__proto__":1,"toString":3} false ""');
  assert.equal(
    lines.get('c'),
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1}} none',
  );
  assert.equal(lines.get('d'), '{"__proto__":{"x":1,"y":2}}');
  assert.equal(lines.get('e'), '{"__proto__":{"z":1}} {"__proto__":1} {"__proto__":1}');
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('names of JavaScript are names of charts and keys of --set, too', () => {
  const files = {
    'charts/constructor/Chart.yaml': 'apiVersion: v2\nname: constructor\nversion: 1.0.0',
    'charts/constructor/values.yaml': 'x: 1',
    'charts/constructor/templates/toString': 'y: {{ toJson .Values }}',
  };
  assert.match(
    render(files, 'constructor: {__proto__: 2}').manifest,
    /y: \{"__proto__":2,"global":\{\},"x":1\}/,
  );
  const values = readValues('');
  for (const line of ['__proto__.a=1', 'constructor.prototype.b=2', 'toString[0]=3']) {
    setValues(line, values, { mode: 'typed' });
  }
  assert.deepEqual([...values.keys()], ['__proto__', 'constructor', 'toString']);
  assert.equal(Object.hasOwn(Object.prototype, 'a'), false);
});

test('files with a byte order mark, CRLF and bytes that are no text are rendered as Helm renders them', () => {
  const { manifest } = render({
    'templates/a.yaml': 'a: 1\r\nb: {{ .Values.x }}\r\n',
    'values.yaml': '\ufeffx: 5\r\ny: 6\r\n',
  });
  assert.match(manifest, /a: 1\r\nb: 5\r?\n/);
});
