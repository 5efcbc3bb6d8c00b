// SPDX-License-Identifier: Apache-2.0

import { encodeJson, Int, quote, type Value } from '@helm-operator/gocompat';
import { base64Forms } from './base64-forms.ts';
import { LiteralFinder } from './literal-finder.ts';

/** What stands where a secret stood. */
const MASK = '***';
/** Shorter secrets are not masked: that would destroy every text and hide nothing. */
const SHORTEST = 4;
/** Lines of a longer secret (keys, certificates) this long are masked by themselves, too. */
const SHORTEST_LINE = 16;
/** Words that are no secret wherever they come from. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null']);
const PEM_FRAME = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;

/** What a redactor looks for, made when the first text comes. */
interface Search {
  readonly literals: LiteralFinder;
  /** Secrets with blanks in them, which YAML may fold or indent: one pattern each. */
  readonly spaced: readonly SpacedSecret[];
}

interface SpacedSecret {
  /** Stands in every text that holds the secret. */
  readonly longestWord: string;
  readonly pattern: RegExp;
}

/**
 * Removes secrets from texts that leave the program: as they are, in base64 (also as part of something longer), as they stand in JSON,
 * YAML, a URL or a Go string, folded and indented.
 */
export class Redactor {
  readonly #secrets: ReadonlySet<string>;
  #search: Search | undefined;

  /** @param secrets texts to be masked, in any order */
  constructor(secrets: Iterable<string>) {
    this.#secrets = new Set(secrets);
  }

  /** The text with `***` for every secret. */
  redact(text: string): string {
    if (this.#secrets.size === 0 || text.length < SHORTEST) return text;
    this.#search ??= searchFor(this.#secrets);
    const { literals, spaced } = this.#search;
    let out = text;
    for (const { longestWord, pattern } of spaced) {
      if (out.includes(longestWord)) out = out.replace(pattern, MASK);
    }
    return literals.replaceAll(out, MASK);
  }

  /** One that masks what either does. */
  with(other: Redactor): Redactor {
    return new Redactor([...this.#secrets, ...other.#secrets]);
  }
}

/** Masks nothing. */
export const NO_SECRETS: Redactor = new Redactor([]);

function searchFor(secrets: ReadonlySet<string>): Search {
  const literals = new Set<string>();
  const spaced = new Map<string, SpacedSecret>();
  for (const secret of secrets) {
    for (const text of partsOf(secret)) {
      for (const form of formsOf(text)) literals.add(form);
      const words = text.split(/\s+/);
      if (words.length > 1) spaced.set(text, spacedSecret(words));
    }
  }
  return { literals: new LiteralFinder(literals), spaced: [...spaced.values()] };
}

/** The secret without blanks around it, and its long lines. */
function* partsOf(secret: string): Generator<string> {
  const whole = secret.trim();
  if (whole.length < SHORTEST || PLAIN_WORDS.has(whole.toLowerCase())) return;
  yield whole;
  if (secret !== whole) yield secret;
  if (!whole.includes('\n')) return;
  for (const line of whole.split('\n')) {
    const text = line.trim();
    if (text.length >= SHORTEST_LINE && !PEM_FRAME.test(text)) yield text;
  }
}

function* formsOf(text: string): Generator<string> {
  yield text;
  yield* base64Forms(text);
  yield encodeJson(text, { escapeHtml: false }).slice(1, -1);
  const inJson = encodeJson(text).slice(1, -1);
  yield inJson;
  // JSON as a text in JSON: annotations that hold an object.
  if (inJson !== text) yield encodeJson(inJson).slice(1, -1);
  yield quote(text).slice(1, -1);
  if (text.includes("'")) yield text.replaceAll("'", "''");
  if (text.isWellFormed()) yield encodeURIComponent(text);
}

function spacedSecret(words: readonly string[]): SpacedSecret {
  const longestWord = words.reduce((best, word) => (word.length > best.length ? word : best), '');
  // In a double-quoted text a backslash ends a folded line and begins the next.
  const pattern = new RegExp(words.map(escapeRegExp).join('(?:\\s|\\\\\\s)+\\\\?'), 'g');
  return { longestWord, pattern };
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Every leaf of a value that could be a secret, as the texts it may be printed as. */
export function* leavesOf(value: Value): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield* numberForms(value);
  else if (value instanceof Int) yield value.value.toString();
  else if (Array.isArray(value)) for (const item of value) yield* leavesOf(item);
  else if (value instanceof Map) for (const item of value.values()) yield* leavesOf(item);
}

/** A template prints 1e+06, JSON 1000000. */
function numberForms(value: number): readonly string[] {
  return [encodeJson(value), value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')];
}
