// SPDX-License-Identifier: Apache-2.0

/**
 * A program that changes what was rendered.
 *
 * Source: helm v3.22.0 pkg/postrender/exec.go; helm v4.2.1 pkg/postrenderer/postrenderer.go, internal/plugin/runtime_subprocess.go
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeUtf8, encodeUtf8, quote } from '@helm-operator/gocompat';
import type { Profile } from '@helm-operator/helm';
import { type CliContext, UsageError } from './context.ts';
import type { PostRendererFlags } from './flags/install.ts';
import {
  findPostRenderer,
  type PostRendererPlugin,
  pluginCommand,
} from './post-renderer-plugin.ts';

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Manifest in, manifest out; throws where the program fails. */
export type RunPostRenderer = (manifest: string) => string;

/**
 * A program (Helm 3) or a plugin (Helm 4).
 *
 * @returns `undefined` without the flag
 * @throws {UsageError} there is none of this name
 */
export function postRendererOf(
  { postRenderer, postRendererArgs, profile }: PostRendererFlags & { readonly profile: Profile },
  context: CliContext,
): RunPostRenderer | undefined {
  if (postRenderer === '') return undefined;
  if (profile === 'helm4') {
    const plugin = findPostRenderer(postRenderer, context);
    return (stream) => runPlugin(plugin, { stream, args: postRendererArgs, context });
  }
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

interface Ended {
  readonly output: string;
  readonly errors: string;
  /** What kept it from starting, or how it failed. */
  readonly failure?: string | undefined;
  readonly hasStarted: boolean;
}

interface ProgramRun {
  readonly input: string;
  readonly folder: string;
  readonly env: ReadonlyMap<string, string>;
}

function runProgram(
  path: string,
  args: readonly string[],
  { input, folder, env }: ProgramRun,
): Ended {
  const { status, signal, stdout, stderr, error } = spawnSync(path, args, {
    input: encodeUtf8(input),
    cwd: folder,
    env: Object.fromEntries(env),
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  // A program need not read its input.
  const isUnread = error !== undefined && 'code' in error && error.code === 'EPIPE';
  const broken = isUnread && status !== null ? undefined : error;
  const ended = { output: decodeUtf8(stdout ?? NOTHING), errors: decodeUtf8(stderr ?? NOTHING) };
  if (broken === undefined && status === 0) return { ...ended, hasStarted: true };
  const how = signal === null ? `exit status ${status}` : `signal: ${signal}`;
  const hasStarted = broken === undefined || status !== null || signal !== null;
  return { ...ended, hasStarted, failure: broken?.message ?? how };
}

const NOTHING = new Uint8Array(0);

function run(
  path: string,
  args: readonly string[],
  { manifest, context }: { readonly manifest: string; readonly context: CliContext },
): string {
  const { folder, env } = context;
  const { output, errors, failure } = runProgram(path, args, { input: manifest, folder, env });
  if (failure === undefined) return output;
  throw new Error(`error while running command ${path}. error output:\n${errors}: ${failure}`);
}

interface PluginRun {
  readonly stream: string;
  readonly args: readonly string[];
  readonly context: CliContext;
}

function runPlugin(plugin: PostRendererPlugin, { stream, args, context }: PluginRun): string {
  const { name, folder } = plugin;
  const fail = (reason: string): never => {
    throw new Error(`failed to invoke post-renderer plugin ${quote(name)}: ${reason}`);
  };
  const env = new Map(context.env).set('HELM_PLUGIN_NAME', name).set('HELM_PLUGIN_DIR', folder);
  const { program, args: all } = prepared(() => pluginCommand(plugin, args, env), fail);
  const missing = programMissing(program, context);
  if (missing !== undefined) fail(missing);
  const ended = runProgram(program, all, { input: stream, folder: context.folder, env });
  if (ended.failure !== undefined) {
    context.stderr(ended.errors);
    fail(ended.hasStarted ? `plugin ${quote(name)} exited with error` : ended.failure);
  }
  if (ended.output.trim() === '') {
    throw new Error(`post-renderer ${quote(name)} produced empty output`);
  }
  return ended.output;
}

function prepared<T>(make: () => T, fail: (reason: string) => never): T {
  try {
    return make();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Why a program of a plugin cannot be started, in Go's words. */
function programMissing(name: string, { env, folder }: CliContext): string | undefined {
  if (name.includes('/')) {
    const problem = programProblem(resolve(folder, name), name);
    if (problem === undefined) return undefined;
    const reason = problem === 'is a directory' ? 'permission denied' : problem;
    return `fork/exec ${name}: ${reason.slice(reason.lastIndexOf(': ') + 1).trim()}`;
  }
  const places = (env.get('PATH') ?? '').split(':');
  const paths = places.map((place) => join(resolve(folder, place), name));
  if (paths.some((path) => programProblem(path, path) === undefined)) return undefined;
  return `exec: ${quote(name)}: executable file not found in $PATH`;
}
