// SPDX-License-Identifier: Apache-2.0

/** `targetPath`: a text that becomes one value, at a path, instead of a document of values. */

import { type DocumentLayer, keysSet, type SetLayer, type ValuesLayer } from './compose.ts';

/** Where a text goes, and how it is read. */
export interface TargetPath {
  /** As of `--set`: `a.b[0]`, with `\.` for a dot in a name. */
  readonly path: string;
  /** The text is the value, whatever stands in it; else it is read as `--set` reads it. */
  readonly isLiteral: boolean;
}

const QUOTES: readonly string[] = ["'", '"'];
const OUTER_QUOTES = /^['"]+|['"]+$/g;
/** What `--set-string` does not take for itself. */
const SPECIAL = /[\\,[\]{}]/g;

/**
 * The line that sets a text at a path. A text in quotes is text without them.
 *
 * Source: spec helm-controller.md §2.5
 */
export function targetLine({ path, isLiteral }: TargetPath, text: string): SetLayer['set'] {
  if (isLiteral) return { line: `${path}=${text.replace(SPECIAL, '\\$&')}`, mode: 'string' };
  if (QUOTES.some((quote) => text.startsWith(quote) && text.endsWith(quote)))
    return { line: `${path}=${text.replace(OUTER_QUOTES, '')}`, mode: 'string' };
  return { line: `${path}=${text}`, mode: 'typed' };
}

/**
 * Layers in the order in which they count: inline values win over the documents, a target path wins over inline values that name
 * the same thing. Other target paths keep their place, so that later layers win over them.
 *
 * Source: spec helm-controller.md §2.5
 * Differs: there a target path loses against an inline value at the top, or where a document has the parent, too.
 *
 * @throws {ChartError} `chart/set`: a line cannot be read
 */
export function withTargetsOver(
  inline: DocumentLayer,
  layers: readonly ValuesLayer[],
): readonly ValuesLayer[] {
  const isOver = (layer: ValuesLayer): boolean =>
    'set' in layer && keysSet(layer).some((key) => inline.values.has(key));
  return [...layers.filter((layer) => !isOver(layer)), inline, ...layers.filter(isOver)];
}
