// SPDX-License-Identifier: Apache-2.0

/**
 * Cuts a large index.yaml into pieces that can be read one by one: some versions of one chart at a time.
 *
 * Knows the form in which indexes are written (block style, one key per line). Everything else is `UnusualIndexError`:
 * then the index has to be read whole. A cut at a wrong place leaves a piece that is no YAML, so it shows.
 */

import { decodeUtf8 } from '@helm-operator/gocompat';

export type IndexPiece =
  /** A chart begins; its versions, if any, follow. */
  | { readonly kind: 'chart'; readonly chart: string }
  /** A YAML list of versions, or what stands behind `CHART:` on one line. */
  | { readonly kind: 'versions'; readonly chart: string; readonly yaml: string }
  /** The YAML of the keys beside the entries, one after the other. */
  | { readonly kind: 'head'; readonly yaml: string };

/** The index is not in the form that can be cut. */
export class UnusualIndexError extends Error {
  readonly code = 'source/unusual-index';
  readonly retry = 'terminal';
}

/** A piece is passed on when it is as long as this, in characters. */
const PIECE_LENGTH = 24 * 1024;
const NEWLINE = 10;

const TOP_KEY = /^(?:"([^"\\]*)"|'([^']*)'|([A-Za-z_][\w-]*)):(?:[ ]+(.*))?$/;
const CHART_KEY = /^(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>%@`{}[\],?:-][^\s#:]*)):(?:[ ]+(.*))?$/;

/** @throws {UnusualIndexError} */
export async function* cutIndex(parts: AsyncIterable<Uint8Array>): AsyncGenerator<IndexPiece> {
  const cutter = new Cutter();
  let rest: Uint8Array = new Uint8Array(0);
  for await (const part of parts) {
    const end = part.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, part]);
      continue;
    }
    const text = decodeUtf8(Buffer.concat([rest, part.subarray(0, end)]));
    rest = part.subarray(end);
    yield* cutter.lines(text);
  }
  if (rest.length > 0) yield* cutter.lines(`${decodeUtf8(rest)}\n`);
  yield* cutter.end();
}

class Cutter {
  /** Lines of the keys beside the entries. */
  #head = '';
  #isInEntries = false;
  #hasEntries = false;
  /** Of chart names and of the dashes below them; -1 until the first is seen. */
  #chartIndent = -1;
  #dashIndent = -1;
  #chart: string | undefined;
  #versions = '';

  *lines(text: string): Generator<IndexPiece> {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = text.slice(start, end);
      start = end + 1;
      if (this.#isInEntries) yield* this.#entriesLine(line);
      else this.#headLine(line);
    }
  }

  *end(): Generator<IndexPiece> {
    yield* this.#flush();
    yield { kind: 'head', yaml: this.#head };
  }

  #headLine(line: string): void {
    const [, double, single, plain, value = ''] = TOP_KEY.exec(line) ?? [];
    const key = double ?? single ?? plain;
    if (key === undefined) {
      const isContinued =
        /^(?:[ ]|-(?: |$)|#|$)/.test(line) || (line === '---' && this.#head === '');
      if (!isContinued || line.includes('\t')) throw unusual(line);
      if (line !== '---') this.#head += `${line}\n`;
      return;
    }
    if (key === 'entries' && isEmpty(value)) {
      if (this.#hasEntries) throw unusual(line);
      this.#hasEntries = true;
      this.#isInEntries = true;
      return;
    }
    this.#head += `${line}\n`;
  }

  *#entriesLine(line: string): Generator<IndexPiece> {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || (line[indent] === '#' && indent <= this.#dashIndent)) {
      // A blank line may belong to a text of several lines.
      if (this.#versions !== '') this.#versions += `${line}\n`;
      return;
    }
    if (line[indent] === '\t' || line[indent] === '\r') throw unusual(line);
    if (this.#chart !== undefined && this.#dashIndent >= 0 && indent > this.#dashIndent) {
      this.#versions += `${line}\n`;
      return;
    }
    const isDash = /^-(?: |$)/.test(line.slice(indent));
    if (isDash && this.#chart !== undefined && this.#isDashPlace(indent)) {
      if (this.#versions.length > PIECE_LENGTH) yield* this.#flush();
      this.#versions += `${line}\n`;
      return;
    }
    yield* this.#keyLine(line, indent);
  }

  #isDashPlace(indent: number): boolean {
    if (this.#dashIndent < 0 && indent >= this.#chartIndent) this.#dashIndent = indent;
    return indent === this.#dashIndent;
  }

  /** A chart, or what follows the entries. */
  *#keyLine(line: string, indent: number): Generator<IndexPiece> {
    yield* this.#flush();
    this.#chart = undefined;
    this.#dashIndent = -1;
    if (indent === 0) {
      this.#isInEntries = false;
      this.#headLine(line);
      return;
    }
    if (this.#chartIndent < 0) this.#chartIndent = indent;
    const [, double, single, plain, value = ''] = CHART_KEY.exec(line.slice(indent)) ?? [];
    const chart = double ?? single ?? plain;
    if (indent !== this.#chartIndent || chart === undefined || isReserved(plain))
      throw unusual(line);
    yield { kind: 'chart', chart };
    if (isEmpty(value)) this.#chart = chart;
    else yield { kind: 'versions', chart, yaml: value };
  }

  *#flush(): Generator<IndexPiece> {
    if (this.#chart === undefined || this.#versions === '') return;
    const yaml = this.#versions;
    this.#versions = '';
    yield { kind: 'versions', chart: this.#chart, yaml };
  }
}

/** Plain keys that YAML 1.1 reads as something else than this text. */
function isReserved(plain: string | undefined): boolean {
  return (
    plain !== undefined &&
    /^(?:~|null|true|false|yes|no|on|off|y|n|[-+.]?[0-9][0-9a-fox_.:e+-]*|\.inf|\.nan|<<|=)$/i.test(
      plain,
    )
  );
}

function isEmpty(value: string): boolean {
  return value === '' || /^\s*(?:#.*)?$/.test(value);
}

function unusual(line: string): UnusualIndexError {
  return new UnusualIndexError(`cannot cut the index at ${JSON.stringify(line.slice(0, 80))}`);
}
