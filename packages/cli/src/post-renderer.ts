// SPDX-License-Identifier: Apache-2.0

/** A program that changes a manifest. Source: helm v3.22.0 pkg/postrender/exec.go. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quote } from '@helm-operator/gocompat';
import { type CliContext, UsageError } from './context.ts';
import type { PostRendererFlags } from './flags/install.ts';

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Manifest in, manifest out; throws where the program fails. */
export type RunPostRenderer = (manifest: string) => string;

/** @returns `undefined` without the flag @throws {UsageError} there is no such program */
export function postRendererOf(
  { postRenderer, postRendererArgs }: PostRendererFlags,
  context: CliContext,
): RunPostRenderer | undefined {
  if (postRenderer === '') return undefined;
  const path = findProgram(postRenderer, context);
  return (manifest) => run(path, postRendererArgs, { manifest, context });
}

/** Source: Go 1.26 os/exec LookPath. */
function findProgram(name: string, { env, folder }: CliContext): string {
  const fail = (reason: string): never => {
    throw new UsageError(
      `invalid argument ${quote(name)} for "--post-renderer" flag: unable to find binary at ${name}: exec: ${quote(name)}: ${reason}`,
    );
  };
  if (name.includes('/')) {
    const path = resolve(folder, name);
    const problem = programProblem(path, name);
    return problem === undefined ? path : fail(problem);
  }
  for (const place of (env.get('PATH') ?? '').split(':')) {
    const path = join(resolve(folder, place), name);
    if (programProblem(path, path) !== undefined) continue;
    if (place.startsWith('/')) return path;
    return fail('cannot run executable found relative to current directory');
  }
  return fail('executable file not found in $PATH');
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'not a directory'],
  ['EACCES', 'permission denied'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['ENAMETOOLONG', 'file name too long'],
]);

/** What keeps a file from being run, in Go's words. */
function programProblem(path: string, shown: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'is a directory';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return `stat ${shown}: ${REASONS.get(code) ?? code}`;
  }
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return 'permission denied';
  }
}

function run(
  path: string,
  args: readonly string[],
  { manifest, context }: { readonly manifest: string; readonly context: CliContext },
): string {
  const { status, signal, stdout, stderr, error } = spawnSync(path, args, {
    input: manifest,
    cwd: context.folder,
    env: Object.fromEntries(context.env),
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  // A program need not read its input.
  const isUnread = error !== undefined && 'code' in error && error.code === 'EPIPE';
  const failure = isUnread && status !== null ? undefined : error;
  if (failure === undefined && status === 0) return stdout;
  const reason =
    failure?.message ?? (signal === null ? `exit status ${status}` : `signal: ${signal}`);
  throw new Error(`error while running command ${path}. error output:\n${stderr}: ${reason}`);
}
