// SPDX-License-Identifier: Apache-2.0

/** Names of groups in patterns. Source: Go 1.26 regexp/syntax/parse.go: one name may be given to several groups. */

/** A text from `\Q` to `\E`, an escape, a class (perhaps without end), the beginning of a group. */
const TOKEN =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:[^\]]*:\]|[^\]])*\]|\[[\s\S]*|\(\?P?<([A-Za-z0-9_]+)>|\((?!\?)/g;

/** A pattern whose names are all different, and the groups of each name. */
export interface NamedGroups {
  readonly pattern: string;
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

export function namedGroups(pattern: string): NamedGroups {
  const groups = new Map<string, number[]>();
  let count = 0;
  const unique = pattern.replaceAll(TOKEN, (token: string, name: string | undefined) => {
    if (!token.startsWith('(')) return token;
    count++;
    if (name === undefined) return token;
    const same = groups.get(name);
    groups.set(name, [...(same ?? []), count]);
    return same === undefined ? token : '(';
  });
  return { pattern: unique, groups };
}
