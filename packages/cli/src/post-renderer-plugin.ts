// SPDX-License-Identifier: Apache-2.0

/**
 * Post-renderers of Helm 4: plugins, found by name.
 *
 * Source:  helm v4.2.1 pkg/postrenderer/postrenderer.go, internal/plugin (loader.go, metadata_v1.go, subprocess_commands.go)
 * Differs: what a plugin that fails wrote to its standard error is shown; no WebAssembly.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import {
  decodeYaml,
  quote,
  strictNewVersion,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { helmSettingsOf } from '@helm-operator/helm';
import { type CliContext, UsageError } from './context.ts';

/** A program of a plugin, for one kind of machine or all. */
interface PlatformCommand {
  readonly os: string;
  readonly arch: string;
  /** Program and arguments, separated by single spaces. */
  readonly command: string;
  readonly args: readonly string[];
}

export interface PostRendererPlugin {
  readonly name: string;
  readonly folder: string;
  readonly commands: readonly PlatformCommand[];
}

interface FoundPlugin extends PostRendererPlugin {
  readonly type: string;
  readonly runtime: string;
}

const TYPE = 'postrenderer/v1';
const TYPES: readonly string[] = ['cli/v1', 'getter/v1', TYPE, 'test/v1'];
const RUNTIMES: readonly string[] = ['subprocess', 'extism/v1'];
const PLUGIN_NAME = /^[A-Za-z0-9_-]+$/;
const FIELDS: readonly string[] = [
  'apiVersion',
  'name',
  'type',
  'runtime',
  'version',
  'sourceURL',
  'config',
  'runtimeConfig',
];

/**
 * The plugin of this name; those that cannot be read are told of and passed over.
 *
 * @throws {UsageError} there is none, two have one name, or it is WebAssembly
 */
export function findPostRenderer(name: string, context: CliContext): PostRendererPlugin {
  const { plugins } = helmSettingsOf(Object.fromEntries(context.env), context.homeFolder);
  const folders = plugins.split(delimiter).filter((folder) => folder !== '');
  const all = folders.map((folder) => pluginsIn(folder, context));
  const found = all.flat().find((plugin) => plugin.name === name && plugin.type === TYPE);
  if (found === undefined) throw absent(name, plugins);
  if (found.runtime === 'subprocess') return found;
  throw new UsageError(
    `post-renderer plugin ${quote(name)} at ${quote(found.folder)} is WebAssembly (runtime ${found.runtime}), which is not supported; use one whose runtime is subprocess`,
  );
}

function absent(name: string, plugins: string): UsageError {
  const advice = name.includes('/')
    ? `Helm 4 takes the name of a plugin (type ${TYPE}) below ${plugins}; programs are post-renderers with --profile helm3`
    : `it is looked for below ${plugins} (HELM_PLUGINS), in plugin.yaml of type ${TYPE}`;
  return new UsageError(
    `invalid argument ${quote(name)} for "--post-renderer" flag: plugin: {Name:${name} Type:${TYPE}} not found\n${advice}`,
  );
}

/** @throws {UsageError} two have one name */
function pluginsIn(base: string, { stderr }: CliContext): readonly FoundPlugin[] {
  const byName = new Map<string, FoundPlugin>();
  for (const entry of entriesOf(base)) {
    const folder = join(base, entry);
    const path = join(folder, 'plugin.yaml');
    try {
      const text = readPluginFile(path);
      if (text === undefined) continue;
      const plugin = readPlugin(text, folder);
      const other = byName.get(plugin.name);
      if (other !== undefined) {
        throw new UsageError(
          `two plugins claim the name ${quote(plugin.name)} at ${quote(other.folder)} and ${quote(folder)}`,
        );
      }
      byName.set(plugin.name, plugin);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const failure = `failed to load plugin ${quote(folder)}: ${reason}`;
      stderr(
        `level=WARN msg="failed to load plugin (ignoring)" plugin_yaml=${path} error=${quote(failure)}\n`,
      );
    }
  }
  return [...byName.values()];
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function readPluginFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ENOENT', 'ENOTDIR'].includes(code);
}

function readPlugin(text: string, folder: string): FoundPlugin {
  const root = asMap(decodeYaml(text));
  const apiVersion = textAt(root, 'apiVersion');
  const name = textAt(root, 'name');
  if (apiVersion === '') {
    if (!PLUGIN_NAME.test(name)) {
      throw new Error(
        `invalid plugin name ${quote(name)}: must contain only a-z, A-Z, 0-9, _ and -`,
      );
    }
    return { name, folder, type: 'legacy', runtime: 'subprocess', commands: [] };
  }
  if (apiVersion !== 'v1') throw new Error(`invalid plugin apiVersion: ${quote(apiVersion)}`);
  const problem = problemOf(root, name);
  if (problem !== undefined) throw new Error(problem);
  const commands = asMap(root.get('runtimeConfig') ?? null).get('platformCommand');
  return {
    name,
    folder,
    type: textAt(root, 'type'),
    runtime: textAt(root, 'runtime'),
    commands: (Array.isArray(commands) ? commands : []).map(asCommand),
  };
}

/** What is wrong with a plugin.yaml, in Helm's words. */
function problemOf(root: ValueMap, name: string): string | undefined {
  const strange = [...root.keys()].find((key) => !FIELDS.includes(key));
  if (strange !== undefined) return `field ${strange} not found in type plugin.MetadataV1`;
  if (!PLUGIN_NAME.test(name)) return 'invalid plugin `name`';
  const version = textAt(root, 'version');
  if (version === '') return 'plugin `version` is required';
  if (!isVersion(version))
    return `invalid plugin \`version\` ${quote(version)}: must be valid semver`;
  const type = textAt(root, 'type');
  if (type === '') return '`type` missing';
  const runtime = textAt(root, 'runtime');
  if (runtime === '') return '`runtime` missing';
  const converting = 'failed to convert MetadataV1 to Metadata';
  if (!TYPES.includes(type)) return `${converting}: unknown plugin type ${quote(type)}`;
  const [field] = type === TYPE ? asMap(root.get('config') ?? null).keys() : [];
  if (field !== undefined) return `${converting}: field ${field} not found in type ${TYPE}`;
  if (!RUNTIMES.includes(runtime)) {
    return `${converting}: unsupported plugin runtime type: ${quote(runtime)}`;
  }
  return undefined;
}

function isVersion(text: string): boolean {
  try {
    strictNewVersion(text);
    return true;
  } catch {
    return false;
  }
}

function asCommand(value: Value): PlatformCommand {
  const map = asMap(value);
  const args = map.get('args');
  return {
    os: textAt(map, 'os'),
    arch: textAt(map, 'arch'),
    command: textAt(map, 'command'),
    args: (Array.isArray(args) ? args : []).map(String),
  };
}

function asMap(value: Value): ValueMap {
  return value instanceof Map ? value : new Map();
}

function textAt(map: ValueMap, name: string): string {
  const value = map.get(name) ?? '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What Go calls this machine. */
const GO_ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
]);

export interface PluginCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Which program runs with which arguments; variables in both are replaced.
 *
 * @throws {Error} none is for this machine
 */
export function pluginCommand(
  { commands }: PostRendererPlugin,
  extra: readonly string[],
  env: ReadonlyMap<string, string>,
): PluginCommand {
  const machine = { os: platform(), arch: GO_ARCHITECTURES.get(arch()) ?? arch() };
  const chosen = chosenCommand(commands, machine);
  const [program = '', ...rest] = chosen?.command.split(' ') ?? [];
  if (chosen === undefined || program === '') {
    throw new Error('failed to prepare plugin command: no plugin command is applicable');
  }
  const expand = (text: string): string => expandVariables(text, env);
  return { program: expand(program), args: [...[...rest, ...chosen.args].map(expand), ...extra] };
}

/** One for this system and processor, else for this system, else for any. */
function chosenCommand(
  commands: readonly PlatformCommand[],
  machine: { readonly os: string; readonly arch: string },
): PlatformCommand | undefined {
  const isOs = ({ os }: PlatformCommand): boolean => os.toLowerCase() === machine.os;
  return (
    commands.find((one) => isOs(one) && one.arch.toLowerCase() === machine.arch) ??
    commands.find((one) => isOs(one) && one.arch === '') ??
    commands.find((one) => one.os === '' && one.arch === '')
  );
}

/** `$NAME` and `${NAME}`; a dollar that starts neither goes. Source: Go 1.26 os.Expand. */
function expandVariables(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-])|\{)/g,
    (_whole, braced: string | undefined, plain: string | undefined) =>
      env.get(braced ?? plain ?? '') ?? '',
  );
}
