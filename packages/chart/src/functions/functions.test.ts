// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { GoType } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import {
  answer,
  type FunctionAnswer,
  functions,
} from '../../../../test/conformance/function-cases.ts';
import { nodeFunctionPorts } from '../ports/node.ts';
import { createFunctions } from './index.ts';

interface Case extends FunctionAnswer {
  readonly template: string;
}

interface CaseFile {
  readonly values: unknown;
  readonly cases: readonly Case[];
}

interface SignatureFile {
  readonly signatures: Readonly<Record<string, string>>;
}

const CASES = fileURLToPath(new URL('../../../../test/conformance/cases/', import.meta.url));
const ENGINE_BOUND = 4;
/** Names only Helm 4.2 has; `mustToJson` is Sprig's already. */
const HELM4_ONLY = ['mustToToml', 'mustToYaml'];

function readCases<T>(name: string): T {
  return JSON.parse(readFileSync(join(CASES, name), 'utf8')) as T;
}

for (const file of globSync('functions-*.json', { cwd: CASES }).sort()) {
  test(`functions answer as Helm's do: ${basename(file, '.json')}`, () => {
    const { values, cases } = readCases<CaseFile>(file);
    const wrong = cases
      .map(({ template, ...expected }) => ({
        template,
        expected,
        actual: answer({ template, values }),
      }))
      .filter(({ expected, actual }) => JSON.stringify(expected) !== JSON.stringify(actual));
    assert.deepEqual(wrong, [], `${wrong.length} of ${cases.length} differ`);
  });
}

/** A signature as Go's `%T` prints it, the error a function may return left out. */
function signatureOf({ params, isVariadic, result }: TemplateFunction): string {
  const names = params.map((type: GoType, i) =>
    isVariadic && i === params.length - 1 ? `...${type.name}` : type.name,
  );
  return `func(${names.join(', ')}) ${result.name}`;
}

function withoutError(signature: string): string {
  return signature.replace(/ \((.*), error\)$/, ' $1');
}

test('the table of Helm 3 has every function of Helm 3.22 with its Go signature', () => {
  const { signatures } = readCases<SignatureFile>('function-signatures.json');
  const expected = Object.entries(signatures).map(([name, type]) => [name, withoutError(type)]);
  const actual = [...functions].map(([name, fn]) => [name, signatureOf(fn)]);
  assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected));
  assert.equal(functions.size, 220 - ENGINE_BOUND);
});

test('the table of Helm 4 adds what fails loudly', () => {
  const table = createFunctions('helm4', nodeFunctionPorts());
  const added = [...table.keys()].filter((name) => !functions.has(name)).sort();
  assert.deepEqual(added, HELM4_ONLY);
  assert.equal(table.size, 222 - ENGINE_BOUND);
});

test('every function is called by its own name', () => {
  assert.deepEqual(
    [...functions].filter(([name, fn]) => fn.name !== name),
    [],
  );
});

test('Helm 4 stops where Helm 3 gives nothing', () => {
  const table = createFunctions('helm4', nodeFunctionPorts());
  const run = (name: string, value: number) => () =>
    answer({ template: `{{ ${name} (float64 "${value}") }}`, values: {} }, table);
  assert.match(run('mustToYaml', Infinity)().error ?? '', /error calling mustToYaml: .*\+Inf/);
  assert.match(run('mustToJson', Infinity)().error ?? '', /json: unsupported value: \+Inf/);
  assert.deepEqual(run('toYaml', Infinity)(), { output: '' });
  assert.deepEqual(answer({ template: '{{ mustToYaml (dict "a" 1) }}', values: {} }, table), {
    output: 'a: 1',
  });
  assert.deepEqual(answer({ template: '{{ mustToToml (dict "a" 1) }}', values: {} }, table), {
    output: 'a = 1\n',
  });
});
