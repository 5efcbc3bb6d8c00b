// SPDX-License-Identifier: Apache-2.0

import { encodeJson, encodeUtf8, Int, type Value } from '@helm-operator/gocompat';

/** What stands where a secret stood. */
const MASK = '***';
/** Shorter secrets are not masked inside text: masking them would destroy every message and hide nothing. */
const SHORTEST = 4;
/** Lines of a longer secret (keys, certificates) are masked by themselves, too. */
const SHORTEST_LINE = 8;

/** Removes secrets from texts that leave the program. */
export class Redactor {
  readonly #secrets: readonly string[];

  /** @param secrets texts to be masked, in any order */
  constructor(secrets: Iterable<string>) {
    const forms = new Set<string>();
    for (const secret of secrets) for (const form of formsOf(secret)) forms.add(form);
    this.#secrets = [...forms].sort((a, b) => b.length - a.length);
  }

  /** The text with every secret masked: as it is, in base64, as it stands in JSON or a quoted string. */
  redact(text: string): string {
    let out = text;
    for (const secret of this.#secrets)
      if (out.includes(secret)) out = out.replaceAll(secret, MASK);
    return out;
  }

  /** One that masks what either does. */
  with(other: Redactor): Redactor {
    return new Redactor([...this.#secrets, ...other.#secrets]);
  }
}

/** Masks nothing. */
export const NO_SECRETS: Redactor = new Redactor([]);

function* formsOf(secret: string): Generator<string> {
  const lines = secret.includes('\n') ? secret.split('\n').map((line) => line.trim()) : [];
  for (const text of [
    secret,
    secret.trim(),
    ...lines.filter((line) => line.length >= SHORTEST_LINE),
  ]) {
    if (text.length < SHORTEST) continue;
    yield text;
    yield base64(text);
    const quoted = encodeJson(text, { escapeHtml: false }).slice(1, -1);
    if (quoted !== text) yield quoted;
    const escaped = encodeJson(text).slice(1, -1);
    if (escaped !== quoted) yield escaped;
  }
}

function base64(text: string): string {
  let binary = '';
  for (const byte of encodeUtf8(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Every leaf of a value that could be a secret, as text. */
export function* leavesOf(value: Value): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (value instanceof Int) yield value.value.toString();
  else if (Array.isArray(value)) for (const item of value) yield* leavesOf(item);
  else if (value instanceof Map) for (const item of value.values()) yield* leavesOf(item);
}
