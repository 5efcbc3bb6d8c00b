// SPDX-License-Identifier: Apache-2.0

/** Which template line printed a line of a manifest, and with which values. */

import {
  type OutputTrace,
  type Printer,
  type TemplatePlace,
  valuePathsOf,
} from '@helm-operator/chart';
import { decodeYamlWithLines, type Value, type YamlLines } from '@helm-operator/gocompat';
import { UsageError } from '../context.ts';
import { type ExplainInput, explainPath, printExplained } from './explained.ts';

const NO_VALUE = '<no value>';
/** Values shown for one action; a whole table may be printed at once. */
const MAX_VALUES = 12;

/** One document of what is printed. */
interface Block {
  readonly path: string;
  readonly content: string;
  /** Line of its first line in all that is printed, from 1. */
  readonly line: number;
}

/** What `helm template` printed, and how it came about. */
export interface Printed {
  readonly text: string;
  readonly trace: OutputTrace;
}

const HEAD = /^---\n# Source: (.*)\n/gm;

function blocksOf(text: string): readonly Block[] {
  const heads = [...text.matchAll(HEAD)];
  return heads.map((head, i) => {
    const start = head.index + head[0].length;
    const content = text.slice(start, heads[i + 1]?.index ?? text.length);
    return { path: head[1] ?? '', content, line: text.slice(0, start).split('\n').length };
  });
}

/**
 * @param line of what is printed, from 1
 * @throws {UsageError} there is no such line, or no template printed it
 */
export function explainLine(printed: Printed, line: number, input: ExplainInput): string {
  const blocks = blocksOf(printed.text);
  const count = printed.text.replace(/\n$/, '').split('\n').length;
  if (line < 1 || line > count) throw new UsageError(`line ${line}: ${count} lines are printed`);
  const at = blocks.findLastIndex((block) => block.line - 2 <= line);
  const block = blocks[at];
  if (block === undefined || line < block.line) {
    throw new UsageError(`line ${line} is no template's: it tells where the next lines are from`);
  }
  const before = blocks.slice(0, at).filter((other) => isSame(other, block)).length;
  return explain({ block, skip: before, index: line - block.line }, printed, input);
}

function isSame(a: Block, b: Block): boolean {
  return a.path === b.path && a.content.trim() === b.content.trim();
}

const OBJECT_PATH = /^([A-Za-z][\w.-]*)\/([^:]+):(.*)$/s;

/** Whether a text names a field of an object instead of a value: `Deployment/web:spec.replicas`. */
export function isObjectPath(text: string): boolean {
  return OBJECT_PATH.test(text);
}

/**
 * @param text `KIND/NAME:PATH`, PATH as in `spec.containers[0].image`; `\.` is a dot of a key
 * @throws {UsageError} there is no such object or field
 */
export function explainField(printed: Printed, text: string, input: ExplainInput): string {
  const [, kind = '', name = '', path = ''] = OBJECT_PATH.exec(text) ?? [];
  const blocks = blocksOf(printed.text);
  const found = blocks.map((block) => ({ block, object: readObject(block) }));
  const at = found.findIndex(
    ({ object }) => object !== undefined && isNamed(object.value, kind, name),
  );
  const { block, object } = found[at] ?? {};
  if (block === undefined || object === undefined) {
    throw new UsageError(
      `no ${kind}/${name} is printed: ${namesOf(found) || 'there are no objects'}`,
    );
  }
  const line = lineOf(object.lines, readFieldPath(path), text);
  const before = blocks.slice(0, at).filter((other) => isSame(other, block)).length;
  return explain({ block, skip: before, index: line - 1 }, printed, input);
}

interface ReadObject {
  readonly value: ReadonlyMap<Value, Value>;
  readonly lines: YamlLines;
}

function readObject({ content }: Block): ReadObject | undefined {
  try {
    const { value, lines } = decodeYamlWithLines(content);
    return value instanceof Map && lines !== undefined ? { value, lines } : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(object: ReadonlyMap<Value, Value>): Value | undefined {
  const metadata = object.get('metadata');
  return metadata instanceof Map ? metadata.get('name') : undefined;
}

function isNamed(object: ReadonlyMap<Value, Value>, kind: string, name: string): boolean {
  const own = object.get('kind');
  return (
    typeof own === 'string' && own.toLowerCase() === kind.toLowerCase() && nameOf(object) === name
  );
}

function namesOf(found: readonly { readonly object: ReadObject | undefined }[]): string {
  return found
    .flatMap(({ object }) =>
      object === undefined
        ? []
        : [`${String(object.value.get('kind'))}/${String(nameOf(object.value))}`],
    )
    .join(', ');
}

type Step = string | number;

function readFieldPath(text: string): readonly Step[] {
  const parts = text.match(/\[\d+\]|(?:\\.|[^.\\[])+/g) ?? [];
  return parts.map((part) =>
    part.startsWith('[') ? Number(part.slice(1, -1)) : part.replace(/\\(.)/g, '$1'),
  );
}

function lineOf(lines: YamlLines, path: readonly Step[], text: string): number {
  let at = lines;
  for (const step of path) {
    const next: YamlLines | undefined =
      typeof step === 'number' ? at.items?.[step] : at.keys?.get(step);
    if (next === undefined) {
      throw new UsageError(`${text}: there is no ${step} in ${shapeOf(at)}`);
    }
    at = next;
  }
  return at.line;
}

function shapeOf({ keys, items }: YamlLines): string {
  if (keys !== undefined) return `a map of ${[...keys.keys()].join(', ')}`;
  return items === undefined ? 'a plain value' : `a list of ${items.length}`;
}

/** A line of a document. */
interface Wanted {
  readonly block: Block;
  /** Documents of the same template with the same text before it. */
  readonly skip: number;
  /** From 0. */
  readonly index: number;
}

function explain({ block, skip, index }: Wanted, { trace }: Printed, input: ExplainInput): string {
  const text = trace.textOf(block.path)?.replaceAll(NO_VALUE, '');
  const content = block.content.trim();
  let start = -1;
  for (let i = 0; i <= skip; i++) start = text?.indexOf(content, start + 1) ?? -1;
  if (text === undefined || start < 0) {
    throw new UsageError(
      `no template printed this line as it stands: it is of ${block.path}, from crds/ or changed by a post-renderer`,
    );
  }
  const first = text.slice(0, start).split('\n').length;
  const shown = block.content.split('\n')[index] ?? '';
  const printers = trace.printersOf(block.path, first + index);
  const blocks = printers.map((printer) => printPrinter(printer, { depth: 1, block, input }));
  const nobody = '  nothing but blanks\n';
  return `${block.path}, line ${first + index} of what it printed:\n  ${shown.trim()}\n${blocks.join('') || nobody}`;
}

interface PrinterFacts {
  readonly depth: number;
  readonly block: Block;
  readonly input: ExplainInput;
}

function printPrinter(printer: Printer, facts: PrinterFacts): string {
  const { within, callers, inner, isText, text } = printer;
  const pad = '  '.repeat(facts.depth);
  const deeper = { ...facts, depth: facts.depth + 1 };
  return [
    `${pad}${isText ? 'text of' : 'printed by'} ${printPlace(printer)}\n`,
    ...callers.toReversed().map((place) => `${pad}  called at ${printPlace(place)}\n`),
    ...within.toReversed().map((place) => `${pad}  inside of ${printPlace(place)}\n`),
    ...inner.map((part) => printPrinter(part, deeper)),
    ...(isText ? [] : [printValues(printer, text, deeper)]),
  ].join('');
}

function printPlace({ template, line, column, code }: TemplatePlace): string {
  const name = template === 'gotpl' ? 'the text given to tpl' : template;
  return `${name}:${line}:${column}: ${code}`;
}

/** The values an action names, with where they came from. */
function printValues({ node, within }: Printer, text: string, facts: PrinterFacts): string {
  const charts = [...facts.block.path.matchAll(/\/charts\/([^/]+)/g)].map(([, name = '']) => name);
  const paths = valuePathsOf(
    node,
    within.map((place) => place.node),
  );
  const explained = paths.flatMap((path) => leavesOf([...charts, ...path], facts.input));
  const fitting = explained.filter(({ path }) => text.includes(path.at(-1) ?? ''));
  const chosen = explained.length > 1 && fitting.length > 0 ? fitting : explained;
  const pad = '  '.repeat(facts.depth);
  return printExplained(chosen.slice(0, MAX_VALUES)).replace(/^(?=.)/gm, pad);
}

/** Below `range` dot is an item: the list is told then. */
function leavesOf(path: readonly string[], input: ExplainInput): ReturnType<typeof explainPath> {
  for (let length = path.length; length > 0; length--) {
    const text = path
      .slice(0, length)
      .map((part) => part.replace(/[\\.]/g, '\\$&'))
      .join('.');
    try {
      return explainPath(text, input);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return [];
}
