// SPDX-License-Identifier: Apache-2.0

import {
  type BranchNode,
  type Node,
  placeOf,
  printNode,
  type RunObserver,
  type Source,
  type Statement,
} from '@helm-operator/gotemplate';

/** Statements kept; what comes later is not explained. */
const MAX_STATEMENTS = 5_000_000;

/** A place in a template, and what stands there. */
export interface TemplatePlace {
  /** `chart/templates/x.yaml`; `gotpl` inside of `tpl`. */
  readonly template: string;
  readonly line: number;
  /** Counted in bytes from 0, as in Helm's errors. */
  readonly column: number;
  /** The action, or the line of plain text. */
  readonly code: string;
  /** Whether the template itself says what it prints. */
  readonly isText: boolean;
}

/** A statement that printed a part of a line. */
export interface Printer extends TemplatePlace {
  readonly node: Node;
  /** The part. */
  readonly text: string;
  /** `{{template}}` actions on the way, the outermost first. */
  readonly callers: readonly TemplatePlace[];
  /** What the statement stands in, the outermost first. */
  readonly within: readonly (TemplatePlace & { readonly node: BranchNode })[];
  /** What printed that inside of an `include` or `tpl` of the statement. */
  readonly inner: readonly Printer[];
}

/** A statement that has run. */
interface Trace {
  readonly statement: Statement;
  readonly callers: readonly Statement[];
  readonly children: Execution[];
}

/** One template that was executed, with those it called by `{{template}}`. */
interface Execution {
  readonly traces: Trace[];
  output: string;
  /** Where a new statement stands in `{{template}}` actions. */
  readonly callers: Statement[];
}

/** Keeps which statement printed what, and tells it line by line. Give one to `renderChart`; it costs memory and time. */
export class OutputTrace implements RunObserver {
  readonly #files = new Map<string, Execution>();
  readonly #running: Execution[] = [];
  #count = 0;

  begin(name: string): void {
    const execution: Execution = { traces: [], output: '', callers: [] };
    const around = this.#running.at(-1);
    if (around === undefined) this.#files.set(name, execution);
    else around.traces.at(-1)?.children.push(execution);
    this.#running.push(execution);
  }

  statement(statement: Statement): void {
    const { traces, callers } = this.#running.at(-1) as Execution;
    callers.length = Math.min(callers.length, statement.depth);
    if (this.#count++ < MAX_STATEMENTS) {
      traces.push({ statement, callers: [...callers], children: [] });
    }
    if (statement.node.kind === 'template') callers[statement.depth] = statement;
  }

  end(output: string | undefined): void {
    const execution = this.#running.pop();
    if (execution !== undefined) execution.output = output ?? '';
  }

  /** What a file's template printed, as it came. */
  textOf(path: string): string | undefined {
    return this.#files.get(path)?.output;
  }

  /** @param line of what the file's template printed, from 1 @returns in the order of the line; nothing for blanks */
  printersOf(path: string, line: number): readonly Printer[] {
    const file = this.#files.get(path);
    return file === undefined ? [] : printersIn(file, line - 1);
  }
}

function printersIn(execution: Execution, index: number): readonly Printer[] {
  const { traces, output } = execution;
  const [start, end] = lineRange(output, index);
  return traces.flatMap((trace, i) => {
    const from = trace.statement.printed;
    const to = traces[i + 1]?.statement.printed ?? output.length;
    const part = output.slice(Math.max(from, start), Math.min(to, end));
    if (from >= end || to <= start || part.trim() === '') return [];
    const whole = output.slice(from, to);
    const skipped = output.slice(from, Math.max(from, start)).split('\n').length - 1;
    return [
      printer(trace, {
        part,
        offset: Math.max(start - from, 0),
        inner: innerPrinters(execution, i, whole, skipped),
      }),
    ];
  });
}

function lineRange(text: string, index: number): readonly [start: number, end: number] {
  let start = 0;
  for (let i = 0; i < index; i++) start = text.indexOf('\n', start) + 1 || text.length;
  const end = text.indexOf('\n', start);
  return [start, end < 0 ? text.length : end];
}

/** What a statement printed of a line. */
interface Part {
  readonly part: string;
  /** Where it begins in all that the statement printed. */
  readonly offset: number;
  readonly inner: readonly Printer[];
}

function printer({ statement, callers }: Trace, { part, offset, inner }: Part): Printer {
  const { source, node, within } = statement;
  return {
    ...(node.kind === 'text' ? textPlace(statement, part, offset) : nodePlace(source, node)),
    node,
    text: part,
    callers: callers.map((caller) => nodePlace(caller.source, caller.node)),
    within: within.map((branch) => ({ ...nodePlace(source, branch), node: branch })),
    inner,
  };
}

/** The action as it is written where it stands on one line, else as Go prints it. */
function nodePlace(source: Source, node: Node): TemplatePlace {
  const start = source.text.lastIndexOf('{{', node.pos);
  const written = source.text.slice(start, source.text.indexOf('}}', node.pos) + 2);
  const isWhole = start >= 0 && !written.includes('\n');
  const code = isWhole ? written : headOf(node);
  const at = start < 0 ? node.pos : start;
  return { template: source.name, ...placeOf(source, at), code, isText: false };
}

function headOf(node: Node): string {
  if (node.kind === 'if' || node.kind === 'with' || node.kind === 'range') {
    return `{{${node.kind} ${printNode(node.pipe)}}}`;
  }
  return printNode(node);
}

function textPlace({ source, node }: Statement, part: string, offset: number): TemplatePlace {
  const at = node.pos + offset + part.length - part.trimStart().length;
  const place = placeOf(source, at);
  return { template: source.name, ...place, code: part.trim(), isText: true };
}

/** Where a line of what an action printed came from, in what it, or a variable before it, included. */
function innerPrinters(
  { traces }: Execution,
  at: number,
  text: string,
  index: number,
): readonly Printer[] {
  const lines = text.split('\n');
  const wanted = lines[index] ?? '';
  const same = lines.slice(0, index).filter((line) => line.trim() === wanted.trim()).length;
  const own = traces[at]?.children ?? [];
  const found = sameLine(own, wanted, same) ?? likeLine(own, wanted);
  if (found !== undefined) return printersIn(...found);
  for (let i = at - 1; i >= 0; i--) {
    const { statement, children } = traces[i] as Trace;
    if (children.length === 0 || !declares(statement.node)) continue;
    const before = sameLine(children, wanted, same);
    if (before !== undefined) return printersIn(...before);
  }
  return [];
}

function declares(node: Node): boolean {
  return node.kind === 'action' && node.pipe.decl.length > 0;
}

type Found = readonly [execution: Execution, index: number];

/** The line with the same text but for blanks around it; `skip` of them came before. */
function sameLine(
  executions: readonly Execution[],
  wanted: string,
  skip: number,
): Found | undefined {
  const found = linesWith(executions, (line) => line.trim() === wanted.trim());
  return found[skip] ?? found.at(-1);
}

/** The longest line that stands within the wanted one: quoted, or followed by something. */
function likeLine(executions: readonly Execution[], wanted: string): Found | undefined {
  const isPart = (line: string) => line.trim() !== '' && wanted.includes(line.trim());
  const lengthOf = ([{ output }, index]: Found) => output.split('\n')[index]?.trim().length ?? 0;
  return linesWith(executions, isPart).sort((a, b) => lengthOf(b) - lengthOf(a))[0];
}

function linesWith(executions: readonly Execution[], isWanted: (line: string) => boolean): Found[] {
  return executions.flatMap((execution) =>
    execution.output
      .split('\n')
      .flatMap((line, index): Found[] => (isWanted(line) ? [[execution, index]] : [])),
  );
}
