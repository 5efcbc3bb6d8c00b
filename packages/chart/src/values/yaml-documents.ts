// SPDX-License-Identifier: Apache-2.0

import { trimSpace } from '../render/split.ts';

/**
 * Cuts a text at its separator lines, as Kubernetes does.
 *
 * Source: k8s.io/apimachinery v0.36.1 pkg/util/yaml/decoder.go (YAMLReader.Read)
 * @param wrong makes the error for a separator line with other text behind it
 */
export function* separateDocuments(
  text: string,
  wrong: (rest: string) => Error,
): Generator<string> {
  let document = '';
  for (const line of linesOf(text)) {
    if (line.startsWith('---')) {
      const rest = trimSpace(line.slice(3));
      if (rest !== '' && !rest.startsWith('#')) throw wrong(rest);
      if (document !== '') {
        yield document;
        document = '';
        continue;
      }
    }
    document += `${line}\n`;
  }
  if (document !== '') yield document;
}

/** Lines without their ends; behind a final line break there is none. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
