// SPDX-License-Identifier: Apache-2.0

import { Body, type Growth } from './body.ts';
import type { Source } from './node.ts';
import { type KnownText, parse } from './parse/parse.ts';

/** Memory of a text's own bookkeeping, in bytes. */
const BASE_BYTES = 200;

/**
 * A text that was read, with the programs made of it so far. Sets of templates that hold the same text under whatever name share one, as long as
 * their functions have the same names.
 */
export class ParsedText {
  readonly text: string;
  readonly #defined: ReadonlyMap<string, Body>;
  /** What the text prints by itself; absent where it defines a template of its own name. */
  readonly #whole: Body | undefined;
  /** The name that the text was read under. */
  readonly #name: string;
  readonly #textBytes: number;
  readonly #growth: Growth = { hasGrown: true };

  /** @throws {TemplateParseError} `gotemplate/parse` */
  constructor({ name, text }: Source, hasFunction: (name: string) => boolean) {
    const known: KnownText = { text, hasFunction };
    const defined = new Map<string, Body>();
    let whole: Body | undefined;
    for (const [word, tree] of parse(name, text, hasFunction)) {
      const body = new Body(known, tree, this.#growth);
      if (word === name && tree.isWhole) whole = body;
      else defined.set(word, body);
    }
    this.text = text;
    this.#name = name;
    this.#defined = defined;
    this.#whole = whole;
    this.#textBytes = WIDE.test(text) ? text.length * 2 : text.length;
  }

  /** Would the text under this name define the same? */
  fits(name: string): boolean {
    return name === this.#name || (this.#whole !== undefined && !this.#defined.has(name));
  }

  /** What the text defines under a name that fits. */
  *bodies(name: string): Iterable<readonly [name: string, body: Body]> {
    yield* this.#defined;
    if (this.#whole !== undefined) yield [name, this.#whole];
  }

  /** Memory that text and programs take, in bytes: estimated from what was compiled; programs grow with what runs. */
  get bytes(): number {
    let bytes = BASE_BYTES + this.#textBytes + (this.#whole?.bytes ?? 0);
    for (const body of this.#defined.values()) bytes += body.bytes;
    return bytes;
  }

  /** Lets go of trees: what runs later is read again, from the text. Returns whether anything was compiled since the last time. */
  compact(): boolean {
    if (!this.#growth.hasGrown) return false;
    this.#growth.hasGrown = false;
    this.#whole?.forget();
    for (const body of this.#defined.values()) body.forget();
    return true;
  }
}

/** V8 keeps a text with one such character in two bytes a character. */
const WIDE = /[^\u0000-\u00ff]/;
