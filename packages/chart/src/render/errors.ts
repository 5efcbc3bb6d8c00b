// SPDX-License-Identifier: Apache-2.0

/** What Helm makes of the errors of text/template. Source: helm v3.22.0 and v4.2.1 pkg/engine/engine.go. */

import { TemplateExecError } from '@helm-operator/gotemplate';
import { ChartError, messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';

/** `required` and `fail` mark their text, so that it can be told from Go's words around it. */
const START = 'HELM_ERR_START';
const END = 'HELM_ERR_END';
const MARKED = new RegExp(`${START}([\\s\\S]*)${END}`);

/** The error of `required` and `fail`. */
export function markedFailure(text: string): Error {
  return new Error(START + text + END);
}

/** A template that cannot be parsed: where, and the last part of Go's text. */
export function parseError(path: string, error: unknown): ChartError {
  const text = messageOf(error);
  const parts = text.split(': ');
  const [, location] = parts;
  if (location === undefined) {
    return new ChartError('chart/render', `parse error in (${path}): ${text}`, error);
  }
  return new ChartError('chart/render', `parse error at (${location}): ${parts.at(-1)}`, error);
}

/** A template that failed; what is no error of a template goes on as it is. */
export function execError(path: string, error: unknown, profile: Profile): unknown {
  if (!(error instanceof TemplateExecError)) return error;
  const text = error.message;
  const [, location, ...rest] = text.split(': ');
  if (location === undefined || rest.length === 0) {
    return new ChartError('chart/render', `execution error in (${path}): ${text}`, error);
  }
  const marked = MARKED.exec(rest.join(': '));
  if (marked !== null) {
    return new ChartError('chart/render', `execution error at (${location}): ${marked[1]}`, error);
  }
  const shown = profile === 'helm4' ? (traceOf(error) ?? text) : text;
  return new ChartError('chart/render', shown, error);
}

/** One template on the way to where it went wrong. */
interface TraceLine {
  readonly location: string;
  readonly execution: string;
  readonly message: string;
}

/** Helm 4's lines, one group for each template; `undefined` when one of the errors is not text/template's. */
function traceOf(error: Error): string | undefined {
  const lines: TraceLine[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const line = readTraceLine(current.message);
    if (line === undefined) return undefined;
    if (!isSame(line, lines.at(-1))) lines.push(line);
  }
  return lines.map(printTraceLine).join('').trim();
}

function isSame(a: TraceLine, b: TraceLine | undefined): boolean {
  return a.location === b?.location && a.execution === b.execution && a.message === b.message;
}

function printTraceLine({ location, execution, message }: TraceLine): string {
  const head = location === '' ? '' : `${location}\n  `;
  const body = execution === '' ? '' : `${execution}\n    `;
  return head + body + (message === '' ? '' : `${message}\n`);
}

function readTraceLine(text: string): TraceLine | undefined {
  const prefix = 'template: ';
  if (!text.startsWith(prefix)) return undefined;
  const rest = text.slice(prefix.length);
  if (rest.startsWith('no template ')) return { location: '', execution: '', message: text };
  return readExecution(rest) ?? readPlain(rest);
}

/** `LOCATION: executing "NAME" at <CONTEXT>: MESSAGE` */
function readExecution(text: string): TraceLine | undefined {
  const [location, after] = cut(text, ': executing ');
  if (after === undefined) return undefined;
  const named = /^"([^"]*)" at </.exec(after);
  if (named === null) return undefined;
  const [context, message] = cut(after.slice(named[0].length), '>: ');
  if (message === undefined) return undefined;
  return {
    location,
    execution: `executing "${named[1]}" at <${context}>:`,
    message: ownMessage(message),
  };
}

/** `LOCATION: MESSAGE` */
function readPlain(text: string): TraceLine | undefined {
  const at = text.lastIndexOf(': ');
  if (at < 0) return undefined;
  return { location: text.slice(0, at), execution: '', message: ownMessage(text.slice(at + 2)) };
}

/** Without the text of the error below. */
function ownMessage(text: string): string {
  return cut(text, ' template:')[0];
}

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
