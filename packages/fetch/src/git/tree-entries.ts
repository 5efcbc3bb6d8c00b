// SPDX-License-Identifier: Apache-2.0

/** What a tree object says. Source: git v2.39 tree-walk.c (decode_tree_entry), fsck.c (names no tree may have). */

import { decodeUtf8 } from '@helm-operator/gocompat';

export interface TreeEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'module';
  readonly oid: string;
}

const MODES: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['40000', 'folder'],
  ['040000', 'folder'],
  ['120000', 'link'],
  ['160000', 'module'],
]);
const SPACE = 0x20;

/** A tree that cannot be read, or names what lies outside of it. */
export class BadTreeError extends Error {}

/** @param oidBytes 20, or 32 with SHA-256 @throws {BadTreeError} */
export function readTree(data: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(SPACE, at);
    const end = data.indexOf(0, space);
    const next = end + 1 + oidBytes;
    if (space < 0 || end < 0 || next > data.length) throw new BadTreeError('a tree ends too early');
    const mode = data.toString('latin1', at, space);
    const name = decodeUtf8(data.subarray(space + 1, end));
    if (
      name === '' ||
      name === '.' ||
      name === '..' ||
      /[/\\]/.test(name) ||
      /^\.git$/i.test(name)
    ) {
      throw new BadTreeError(`a tree has an entry with the name ${JSON.stringify(name)}`);
    }
    entries.push({
      name,
      kind: MODES.get(mode) ?? 'file',
      oid: data.toString('hex', end + 1, next),
    });
    at = next;
  }
  return entries;
}
