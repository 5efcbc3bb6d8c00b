// SPDX-License-Identifier: Apache-2.0

/**
 * Reads the path of a value.
 *
 * @param text `image.tag`, with or without `.Values.` before; `\.` is a dot of a key; empty: the whole
 */
export function valuePath(text: string): readonly string[] {
  const rest = text.replace(/^\.?Values(?:\.|$)/, '').replace(/^\./, '');
  if (rest === '') return [];
  const parts = rest.match(/(?:\\.|[^.\\])+/g) ?? [];
  return parts.map((part) => part.replace(/\\(.)/g, '$1'));
}
