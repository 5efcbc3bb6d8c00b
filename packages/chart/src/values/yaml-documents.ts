// SPDX-License-Identifier: Apache-2.0

import { trimSpace } from '../render/split.ts';

/**
 * Cuts a text at its separator lines, as Kubernetes does. Each document comes with how many lines of the text stand before it.
 *
 * Source: k8s.io/apimachinery v0.36.1 pkg/util/yaml/decoder.go (YAMLReader.Read)
 * @param wrong makes the error for a separator line with other text behind it
 */
export function* separateDocuments(
  text: string,
  wrong: (rest: string) => Error,
): Generator<{ readonly text: string; readonly linesBefore: number }> {
  let document = '';
  let linesBefore = 0;
  for (const [index, line] of linesOf(text).entries()) {
    if (line.startsWith('---')) {
      const rest = trimSpace(line.slice(3));
      if (rest !== '' && !rest.startsWith('#')) throw wrong(rest);
      if (document !== '') {
        yield { text: document, linesBefore };
        document = '';
        linesBefore = index + 1;
        continue;
      }
    }
    document += `${line}\n`;
  }
  if (document !== '') yield { text: document, linesBefore };
}

/** Lines without their ends; behind a final line break there is none. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
