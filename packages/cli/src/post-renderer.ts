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
  if (path === undefined) {
    const where = postRenderer.includes('/')
      ? `stat ${postRenderer}: no such file or directory`
      : 'executable file not found in $PATH';
    throw new UsageError(
      `invalid argument ${quote(postRenderer)} for "--post-renderer" flag: unable to find binary at ${postRenderer}: exec: ${quote(postRenderer)}: ${where}`,
    );
  }
  return (manifest) => run(path, postRendererArgs, { manifest, context });
}

function findProgram(name: string, { env, folder }: CliContext): string | undefined {
  const places = name.includes('/')
    ? [resolve(folder, name)]
    : (env.get('PATH') ?? '').split(':').map((place) => join(resolve(folder, place), name));
  return places.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
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
