// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The files below a folder, as `loadChart` takes them. */
export function readFolder(folder: URL): [path: string, content: Uint8Array][] {
  const root = folder.pathname;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(root, path).replaceAll(sep, '/'), readFileSync(path)]);
}
