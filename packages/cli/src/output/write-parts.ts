// SPDX-License-Identifier: Apache-2.0

import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CliContext } from '../context.ts';

/** A document and the file it goes to. */
export interface OutputPart {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

/** Writes documents to files, several of one template into one, and tells each. Source: helm v3.22.0 pkg/action/install.go (writeToFile). */
export async function writeParts(parts: readonly OutputPart[], context: CliContext): Promise<void> {
  const written = new Set<string>();
  for (const { folder, path, text } of parts) {
    const name = `${folder}/${path}`;
    const file = resolve(context.folder, name);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    const content = `---\n# Source: ${path}\n${text}\n`;
    if (written.has(name)) await appendFile(file, content);
    else await writeFile(file, content);
    written.add(name);
    context.stdout(`wrote ${name}\n`);
  }
}
