// SPDX-License-Identifier: Apache-2.0

/** Names that begin with a word, or differ from it by two letters at most. */
export function nearNames(word: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(word.toLowerCase()) || distance(name, word) <= 2);
}

/** How many letters must be added, taken away or changed, without regard to case. */
function distance(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
