// SPDX-License-Identifier: Apache-2.0

/** Real `helm` in a folder of its own, beside ours. */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTool } from '../../tools/tools.ts';

export interface Outcome {
  readonly isAccepted: boolean;
  /** What is printed, or why it is refused. */
  readonly text: string;
}

export interface Workspace {
  /** Holds nothing of Helm's own. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  helm(args: readonly string[], cwd?: string): Promise<Outcome>;
  stop(): Promise<void>;
}

export async function openWorkspace(): Promise<Workspace> {
  const helm = await ensureTool('helm3');
  const root = await mkdtemp(join(tmpdir(), 'sources-'));
  const folder = join(root, 'work');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(root, 'home'),
    TZ: 'UTC',
    HELM_CACHE_HOME: join(root, 'cache'),
    HELM_CONFIG_HOME: join(root, 'config'),
    HELM_DATA_HOME: join(root, 'data'),
    HELM_REGISTRY_CONFIG: join(root, 'registry.json'),
    GNUPGHOME: join(root, 'gnupg'),
  };
  await mkdir(folder, { recursive: true });
  return {
    folder,
    env,
    helm: (args, cwd = folder) =>
      new Promise((resolve) => {
        execFile(helm, [...args], { cwd, env }, (error, stdout, stderr) => {
          const isAccepted = error === null;
          const refusal = /^Error: ([\s\S]*)$/m.exec(stderr)?.[1] ?? stderr;
          resolve({ isAccepted, text: (isAccepted ? stdout : refusal).trimEnd() });
        });
      }),
    stop: () => rm(root, { recursive: true, force: true }),
  };
}

/** Ours, as a command would end. */
export async function outcomeOf(work: () => Promise<string>): Promise<Outcome> {
  try {
    return { isAccepted: true, text: (await work()).trimEnd() };
  } catch (error) {
    return { isAccepted: false, text: error instanceof Error ? error.message : String(error) };
  }
}
