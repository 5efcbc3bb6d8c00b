// SPDX-License-Identifier: Apache-2.0

/** Go's words for patterns that cannot be read, where RE2JS has others. Source: Go 1.26 regexp/syntax/parse.go. */

/** Errors that only say that the pattern ends too soon: Go meets a bad byte before them. */
const AT_END = /missing closing|trailing backslash|invalid named capture|invalid character class/;

/**
 * @param compile throws for what cannot be read
 * @returns why a pattern cannot be read; `undefined` when it can
 */
export function badPattern(
  pattern: string,
  compile: (pattern: string) => void,
): string | undefined {
  const bad = pattern.search(/[\udc80-\udcff]/u);
  if (bad < 0) return reasonOf(pattern, compile, pattern);
  // Go reads from left to right: an error before the first bad byte counts.
  const before = reasonOf(pattern.slice(0, bad), compile, pattern);
  const isCut = /\(\?[a-zA-Z-]*$/.test(pattern.slice(0, bad));
  if (before !== undefined && !isCut && !AT_END.test(before)) return before;
  const shown = pattern.slice(badFrom(pattern, bad), quotedUntil(pattern, bad));
  return `error parsing regexp: invalid UTF-8: \`${shown}\``;
}

/** Between `\\Q` and `\\E` Go shows no more than that. */
function quotedUntil(pattern: string, bad: number): number | undefined {
  if (!/\\Q(?:(?!\\E)[\s\S])*$/.test(pattern.slice(0, bad))) return undefined;
  const end = pattern.indexOf('\\E', bad);
  return end < 0 ? undefined : end;
}

/** Of a group's name, Go shows the name. */
function badFrom(pattern: string, bad: number): number {
  const open = /\(\?P?<[^>]*$/.exec(pattern.slice(0, bad));
  if (open === null) return bad;
  return pattern.includes('>', bad) ? open.index + open[0].indexOf('<') + 1 : open.index;
}

function reasonOf(
  part: string,
  compile: (pattern: string) => void,
  whole: string,
): string | undefined {
  try {
    compile(part);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.endsWith('trailing backslash at end of expression')) return `${message}: \`\``;
    // Too short for a name, Go says.
    const unnamed = /`(\(\?P?<)`$/.exec(message)?.[1];
    if (unnamed !== undefined && part.endsWith(unnamed)) {
      const shown = unnamed.replace('P<', 'P');
      return `error parsing regexp: invalid or unsupported Perl syntax: \`${shown}\``;
    }
    const aboutAll = /^error parsing regexp: (?:missing closing|unexpected) \): /.exec(message);
    return aboutAll === null ? message : `${aboutAll[0]}\`${whole}\``;
  }
}
