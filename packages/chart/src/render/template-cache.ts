// SPDX-License-Identifier: Apache-2.0

import type { ParsedText, TemplateSet } from '@helm-operator/gotemplate';

/** The templates of one chart, and the texts they were read from. */
export interface KeptTemplates {
  readonly set: TemplateSet;
  readonly texts: readonly ParsedText[];
}

/** Parsed and compiled templates: by chart, and by text, for what charts have in common. */
export interface TemplateCache {
  /** Memory held, in bytes: estimated from texts and what was compiled of them. */
  readonly bytes: number;
  get(key: string): TemplateSet | undefined;
  /** A text that was read before. @param functions what the names of its functions are known by */
  text(functions: string, text: string): ParsedText | undefined;
  set(key: string, functions: string, templates: KeptTemplates): void;
  /** Keeps a text that belongs to no chart, for some time. */
  keepText(functions: string, parsed: ParsedText): void;
  /** To be called after each rendering: programs grow with what runs. */
  settle(key: string): void;
}

/** One entry of a chart: its set, and the table of names in it. */
const SET_BYTES = 1000;
const BYTES_PER_TEXT = 250;
/** The part of the limit that texts without a chart may take. */
const LOOSE_SHARE = 1 / 16;

interface HeldText {
  readonly parsed: ParsedText;
  readonly functions: string;
  bytes: number;
  /** Charts that hold it. */
  holders: number;
}

interface Entry {
  readonly set: TemplateSet;
  readonly texts: readonly HeldText[];
  readonly bytes: number;
}

/**
 * Keeps templates up to a limit of memory, the least recently used go first.
 *
 * @param limitBytes estimated, not exact
 */
export function createTemplateCache(limitBytes: number): TemplateCache {
  return new SharingCache(limitBytes);
}

class SharingCache implements TemplateCache {
  readonly #limitBytes: number;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** By names of functions, then by text. */
  readonly #texts = new Map<string, Map<string, HeldText>>();
  /** By text, the least recently used first. */
  readonly #loose = new Map<string, HeldText>();
  #bytes = 0;
  #looseBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes + this.#looseBytes;
  }

  get(key: string): TemplateSet | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.set;
  }

  text(functions: string, text: string): ParsedText | undefined {
    const known = this.#texts.get(functions)?.get(text);
    if (known !== undefined) return known.parsed;
    const loose = this.#loose.get(text);
    if (loose?.functions !== functions) return undefined;
    this.#loose.delete(text);
    this.#loose.set(text, loose);
    return loose.parsed;
  }

  set(key: string, functions: string, { set, texts }: KeptTemplates): void {
    this.#drop(key);
    const held = [...new Set(texts)].map((parsed) => this.#hold(functions, parsed));
    const bytes = SET_BYTES + texts.length * BYTES_PER_TEXT;
    this.#entries.set(key, { set, texts: held, bytes });
    this.#bytes += bytes;
    this.#fit();
  }

  keepText(functions: string, parsed: ParsedText): void {
    const { text, bytes } = parsed;
    if (bytes > this.#limitBytes * LOOSE_SHARE) return;
    this.#looseBytes += bytes - (this.#loose.get(text)?.bytes ?? 0);
    this.#loose.set(text, { parsed, functions, bytes, holders: 0 });
    this.#fit();
  }

  settle(key: string): void {
    for (const text of this.#entries.get(key)?.texts ?? []) this.#bytes += settled(text);
    for (const text of this.#loose.values()) this.#looseBytes += settled(text);
    this.#fit();
  }

  #hold(functions: string, parsed: ParsedText): HeldText {
    const table = this.#texts.get(functions) ?? new Map<string, HeldText>();
    this.#texts.set(functions, table);
    const known = table.get(parsed.text);
    if (known?.parsed === parsed) {
      known.holders++;
      return known;
    }
    const held: HeldText = { parsed, functions, bytes: parsed.bytes, holders: 1 };
    if (known === undefined) table.set(parsed.text, held);
    this.#bytes += held.bytes;
    return held;
  }

  #fit(): void {
    for (const [key, text] of this.#loose) {
      if (this.#looseBytes <= this.#limitBytes * LOOSE_SHARE) break;
      this.#loose.delete(key);
      this.#looseBytes -= text.bytes;
    }
    for (const key of this.#entries.keys()) {
      if (this.bytes <= this.#limitBytes) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    for (const text of entry.texts) {
      if (--text.holders > 0) continue;
      this.#bytes -= text.bytes;
      const table = this.#texts.get(text.functions);
      if (table?.get(text.parsed.text) === text) table.delete(text.parsed.text);
    }
  }
}

/** Lets go of trees. Returns what the text takes more than when it was weighed last. */
function settled(text: HeldText): number {
  if (!text.parsed.compact()) return 0;
  const before = text.bytes;
  text.bytes = text.parsed.bytes;
  return text.bytes - before;
}
