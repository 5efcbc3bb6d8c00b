// SPDX-License-Identifier: Apache-2.0

/** `.gitmodules`: which repository stands at which path. Source: git v2.39 gitmodules(5), config.c (values and quotes). */

const SECTION = /^\[\s*submodule\s+"((?:[^"\\]|\\.)*)"\s*\]\s*(.*)$/;
const PAIR = /^([a-zA-Z][a-zA-Z0-9-]*)\s*(?:=\s*(.*))?$/;

/** Path → URL as written. */
export function readGitmodules(text: string): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  let path: string | undefined;
  let url: string | undefined;
  const finish = () => {
    if (path !== undefined && url !== undefined) modules.set(path.replace(/\/+$/, ''), url);
    path = undefined;
    url = undefined;
  };
  for (const raw of text.replaceAll('\\\n', '').split(/\r?\n/)) {
    let line = raw.trim();
    if (line.startsWith('[')) {
      finish();
      line = SECTION.exec(line)?.[2] ?? '';
    }
    const [, key, value = ''] = PAIR.exec(line) ?? [];
    if (key?.toLowerCase() === 'path') path = unquoted(value);
    else if (key?.toLowerCase() === 'url') url = unquoted(value);
  }
  finish();
  return modules;
}

/** Takes quotes, escapes and comments away. */
function unquoted(value: string): string {
  let text = '';
  let isQuoted = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === '"') isQuoted = !isQuoted;
    else if (char === '\\') text += value[++at] ?? '';
    else if (!isQuoted && (char === '#' || char === ';')) return text.trimEnd();
    else text += char;
  }
  return isQuoted ? text : text.trimEnd();
}
