// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, encodeUtf8, type Value } from '@helm-operator/gocompat';
import type { Chart, ChartFile } from './chart.ts';

/** A file that is kept as text: templates are read as text, and seldom as bytes. */
export class TextFile implements ChartFile {
  readonly name: string;
  #text: string;

  constructor(name: string, text: string) {
    this.name = name;
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  get data(): Uint8Array {
    return encodeUtf8(this.#text);
  }

  /** Takes an equal text in the place of its own, which somebody else keeps anyhow. */
  share(equal: string): void {
    if (equal === this.#text) this.#text = equal;
  }
}

/** The text of a file, without bytes in between where it is kept as text. */
export function textOfFile(file: ChartFile): string {
  return file instanceof TextFile ? file.text : decodeUtf8(file.data);
}

/** A chart made to be kept, and the memory it takes, in bytes: estimated. */
export interface CompactChart {
  readonly chart: Chart;
  readonly bytes: number;
  /** The part of it that are templates and files of the chart itself. */
  readonly fileBytes: number;
}

/** What a value takes in a list or map, beside its text. */
const BYTES_PER_VALUE = 60;
/** What a chart takes beside its files and values. */
const BYTES_PER_CHART = 4000;
const BYTES_PER_FILE = 200;

/**
 * A chart for rendering, again and again: without the archive it came from and the files as they came (`raw`), templates as texts.
 *
 * Renders and is stored as the chart it was made from.
 */
export function compactChart(chart: Chart): CompactChart {
  let bytes = BYTES_PER_CHART + bytesOf(chart.values ?? null);
  const room = new Room(
    [...chart.files.map(({ data }) => data), chart.schema].reduce(
      (sum, data) => sum + (data?.length ?? 0),
      0,
    ),
  );
  const files = chart.files.map(({ name, data }) => ({ name, data: room.take(data) }));
  const schema = chart.schema === undefined ? undefined : room.take(chart.schema);
  const templates = chart.templates.map(({ name, data }) => new TextFile(name, decodeUtf8(data)));
  const dependencies = chart.dependencies.map(compactChart);
  const fileBytes = templates.reduce((sum, { text }) => sum + text.length, room.size);
  bytes += fileBytes + (templates.length + files.length) * BYTES_PER_FILE;
  for (const child of dependencies) bytes += child.bytes;
  return {
    fileBytes,
    chart: {
      ...chart,
      files,
      schema,
      templates,
      raw: [],
      dependencies: dependencies.map((child) => child.chart),
    },
    bytes,
  };
}

/** One piece of memory for all files of a chart. */
class Room {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  get size(): number {
    return this.#bytes.length;
  }

  take(data: Uint8Array): Uint8Array {
    const from = this.#used;
    this.#used += data.length;
    this.#bytes.set(data, from);
    return this.#bytes.subarray(from, this.#used);
  }
}

function bytesOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  let bytes = BYTES_PER_VALUE;
  if (Array.isArray(value)) for (const item of value) bytes += bytesOf(item);
  else if (value instanceof Map)
    for (const [key, item] of value) bytes += key.length + bytesOf(item);
  return bytes;
}
