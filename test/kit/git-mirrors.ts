// SPDX-License-Identifier: Apache-2.0

/** Mirrors of Git repositories for tests, and how they are read. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  type Credentials,
  createFetchPorts,
  type FetchContext,
  type FetchErrorCode,
  GitRepositories,
  type WantedRef,
} from '@helm-operator/fetch';
import { scratchFolder } from './git-repository.ts';

export const GIT_ROOT: string = scratchFolder('git-test');
export const GIT_ENV: { readonly path: string } = { path: process.env['PATH'] ?? '' };
export const GIT_CONTEXT: FetchContext = {
  ports: createFetchPorts({ userAgent: 'test/1', hosts: { firstPauseMs: 1 } }),
};
let folders = 0;

/** Mirrors in a folder of their own. */
export function gitMirrors(
  options: { readonly timeoutMs?: number; readonly maxMirrorBytes?: number } = {},
): { readonly git: GitRepositories; readonly folder: string } {
  const folder = join(GIT_ROOT, `mirrors-${folders++}`);
  return { folder, git: new GitRepositories({ folder, env: GIT_ENV, ...options }) };
}

/** Whether an error has this code. */
export const fails =
  (code: FetchErrorCode): ((error: unknown) => boolean) =>
  (error) => {
    assert.equal((error as { code?: unknown }).code, code, String(error));
    return true;
  };

/** The files of a folder, submodules included, as texts. */
export async function readGitFolder(
  git: GitRepositories,
  target: { readonly url: string; readonly credentials?: Credentials },
  wanted: WantedRef = {},
  path = 'chart',
): Promise<Record<string, string>> {
  const revision = await git.resolve(target, wanted, GIT_CONTEXT);
  return await git.open(revision, { mustReadSubmodules: true }, GIT_CONTEXT, async ({ tree }) => {
    const files = await tree.readFolder(path);
    return Object.fromEntries(
      files.map((file) => [file.path, Buffer.from(file.data ?? []).toString()]),
    );
  });
}
