// SPDX-License-Identifier: Apache-2.0

/**
 * What Go's libraries make of a text, and what ours do: one function for each question.
 *
 * The rows of `cases/yaml-*.json`, `cases/semver.json` and `cases/jsonschema.json`, and the answers of the program
 * in `test/tools/oracle` (`serveText`), are in this form. Bytes that are not UTF-8 are lone surrogates U+DC80..DCFF.
 */

import {
  decodeYaml,
  encodeJson,
  encodeYaml,
  encodeYamlPretty,
  newConstraint,
  newVersion,
  strictNewVersion,
  type Value,
  validateSchema,
  yamlToJson,
} from '@helm-operator/gocompat';
import { STDLIB_ANSWERS } from './stdlib-cases.ts';

/** A question, the text it is about, and Go's answer: a text or an error. */
export interface TextRow {
  readonly op: string;
  readonly in: string;
  readonly out?: string;
  readonly err?: string;
  /** Of a known difference only. */
  readonly reason?: string;
}

export interface TextAnswer {
  readonly out: string;
  readonly err: string;
}

type Answer = (text: string) => string;

const inMap = (text: string): Value =>
  new Map<string, Value>([
    ['a', [text]],
    ['k', text],
  ]);

const keysOf = (text: string): Value => new Map(text.split('\0').map((key) => [key, null]));

const plainJson = (value: Value): string => encodeJson(value, { escapeHtml: false });

/** Ours, by question. */
export const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['yaml.decode', (text) => plainJson(decodeYaml(text))],
  ['yaml.strict', (text) => plainJson(decodeYaml(text, { strict: true }))],
  ['yaml.json', yamlToJson],
  ['yaml.encode', (text) => encodeYaml(fromJson(text))],
  ['yaml.string', (text) => encodeYaml(inMap(text))],
  ['yaml.root', (text) => encodeYaml(text)],
  ['yaml.key', (text) => encodeYaml(new Map([[text, 1]]))],
  ['yaml.keys', (text) => encodeYaml(keysOf(text))],
  ['yaml.again', (text) => encodeYaml(decodeYaml(text))],
  ['yaml.pretty', (text) => encodeYamlPretty(fromJson(text))],
  ['yaml.prettystring', (text) => encodeYamlPretty(inMap(text))],
  ['yaml.prettyroot', (text) => encodeYamlPretty(text)],
  ['yaml.prettykey', (text) => encodeYamlPretty(new Map([[text, 1]]))],
  ['yaml.prettykeys', (text) => encodeYamlPretty(keysOf(text))],
  ['semver.check', checkConstraint],
  ['semver.table', checkTable],
  ['semver.version', describeVersion],
  ['semver.strict', (text) => [strictNewVersion(text).toString(), text].join('\n')],
  ['semver.compare', compareVersions],
  ...STDLIB_ANSWERS,
]);

/** Ours for one question. Errors of other classes are bugs, and thrown on. */
export function answerText(op: string, text: string): TextAnswer {
  try {
    if (op === 'jsonschema') return { out: '', err: checkSchema(text) };
    const answer = ANSWERS.get(op);
    if (answer === undefined) throw new Error(`no such question: ${op}`);
    return { out: answer(text), err: '' };
  } catch (error) {
    if (!(error instanceof Error) || !isOurs(error)) throw error;
    return { out: '', err: error.message };
  }
}

function isOurs(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('gocompat/');
}

function fromJson(text: string): Value {
  return toValue(JSON.parse(text));
}

function toValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (typeof json !== 'object' || json === null) return json as Value;
  return new Map(Object.entries(json).map(([key, value]) => [key, toValue(value)]));
}

function halves(text: string): [before: string, after: string] {
  const [before = '', after = ''] = text.split('\0');
  return [before, after];
}

function checkConstraint(text: string): string {
  const [constraintText, versionText] = halves(text);
  const constraint = newConstraint(constraintText);
  const version = newVersion(versionText);
  const problems = constraint.validate(version);
  const lines = [String(constraint.check(version))];
  if (problems.length === 0) lines.push('valid');
  lines.push(constraint.toString(), ...problems);
  return lines.map((line) => `${line}\n`).join('');
}

function checkTable(text: string): string {
  const [constraint = '', ...versions] = text.split('\0');
  return versions
    .map((version) => answerText('semver.check', `${constraint}\0${version}`))
    .map(({ out, err }) => (err === '' ? out : `${err}\n`))
    .join('');
}

function describeVersion(text: string): string {
  const version = newVersion(text);
  const { original, prerelease, metadata } = version;
  const next = [version.incPatch(), version.incMinor(), version.incMajor()];
  return [version.toString(), original, prerelease, metadata]
    .concat(next.map((one) => one.original))
    .join('\n');
}

function compareVersions(text: string): string {
  const [a, b] = halves(text);
  return String(newVersion(a).compare(newVersion(b)));
}

function checkSchema(text: string): string {
  const [schema, values] = halves(text);
  return validateSchema(schema, fromJson(values));
}
