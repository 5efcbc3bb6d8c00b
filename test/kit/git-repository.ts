// SPDX-License-Identifier: Apache-2.0

/** Bare repositories for tests, written by `git fast-import`. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a commit puts at a path; `undefined` removes what is there. */
export type GitContent =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly module: string }
  | undefined;

export interface CommitOptions {
  /** Default `main`. */
  readonly branch?: string;
  readonly message?: string;
}

export interface TestRepository {
  readonly folder: string;
  /** Commits onto a branch. @returns the commit's name */
  commit(files: Readonly<Record<string, GitContent>>, options?: CommitOptions): string;
  /** Runs git in it. */
  git(...args: readonly string[]): string;
}

/** The environment of tests' git: nobody's configuration. */
const ENV = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  LC_ALL: 'C',
};

const scratch: string[] = [];

/** A folder that is removed when the test process ends. */
export function scratchFolder(name: string): string {
  if (scratch.length === 0) {
    process.once('exit', () => {
      for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  scratch.push(folder);
  return folder;
}

/** Makes an empty bare repository whose server hands out single objects, as the public ones do. */
export function createRepository(
  root: string,
  name: string,
  options: { readonly isPlain?: boolean } = {},
): TestRepository {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { env: ENV, encoding: 'utf8', stdio: 'pipe' });
  git('init', '--quiet', '--bare', '-b', 'main');
  if (options.isPlain !== true) {
    git('config', 'uploadpack.allowFilter', 'true');
    git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  }
  let now = 1_700_000_000;
  return {
    folder,
    git,
    commit: (files, { branch = 'main', message = 'change' } = {}) => {
      now += 60;
      const ref = `refs/heads/${branch}`;
      const parts: (string | Uint8Array)[] = [
        `commit ${ref}\ncommitter Test <test@example.com> ${now} +0000\n${data(message)}`,
      ];
      if (git('for-each-ref', ref) !== '') parts.push(`from ${ref}^0\n`);
      for (const [path, content] of Object.entries(files)) parts.push(...change(path, content));
      execFileSync('git', ['-C', folder, 'fast-import', '--quiet', '--force'], {
        env: ENV,
        input: Buffer.concat(
          parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
        ),
      });
      return git('rev-parse', ref).trim();
    },
  };
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function change(path: string, content: GitContent): (string | Uint8Array)[] {
  const name = JSON.stringify(path);
  if (content === undefined) return [`D ${name}\n`];
  if (typeof content === 'string') return [`M 100644 inline ${name}\n`, data(content)];
  if (content instanceof Uint8Array) {
    return [`M 100644 inline ${name}\ndata ${content.length}\n`, content, '\n'];
  }
  if ('link' in content) return [`M 120000 inline ${name}\n`, data(content.link)];
  return [`M 160000 ${content.module} ${name}\n`];
}
