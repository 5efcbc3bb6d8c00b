// SPDX-License-Identifier: Apache-2.0

/**
 * The peers we test against, built from pinned Go modules into the user's cache folder, once.
 *
 * Each folder beside this file is a Go module that pins one peer; its `go.sum` makes the build repeatable.
 */

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));

export type ToolName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok'
  | 'helm3'
  | 'helm4'
  | 'helm37'
  | 'registry'
  | 's3';

interface Tool {
  /** Folder with the `go.mod`. */
  readonly module: string;
  readonly version: string;
  readonly goPackage: string;
  /** File name of the binary. */
  readonly binary: string;
  /** `-X` settings: what the release builds of the peer set too. */
  readonly settings: readonly string[];
  /** May a binary of that name from `KUBEBUILDER_ASSETS` or `PATH` stand in? */
  readonly isReplaceable: boolean;
}

const KUBERNETES_VERSION = 'v1.36.3';
const KUBERNETES_SETTINGS = [
  `k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
  'k8s.io/component-base/version.gitMajor=1',
  'k8s.io/component-base/version.gitMinor=36',
  'k8s.io/component-base/version.gitTreeState=clean',
];

function kubernetes(binary: string): Tool {
  return {
    module: 'kubernetes',
    version: KUBERNETES_VERSION,
    goPackage: `k8s.io/kubernetes/cmd/${binary}`,
    binary,
    settings: KUBERNETES_SETTINGS,
    isReplaceable: true,
  };
}

/** Helm 3's release builds set the Kubernetes version that `helm template` assumes: that of their client-go. */
const HELM3_CAPABILITIES = ['chartutil', 'lint/rules'].flatMap((folder) => [
  `helm.sh/helm/v3/pkg/${folder}.k8sVersionMajor=1`,
  `helm.sh/helm/v3/pkg/${folder}.k8sVersionMinor=37`,
]);

function helm(major: 3 | 4, version: string, capabilities: readonly string[] = []): Tool {
  return {
    module: `helm${major}`,
    version,
    goPackage: `helm.sh/helm/v${major}/cmd/helm`,
    binary: 'helm',
    settings: [`helm.sh/helm/v${major}/internal/version.version=${version}`, ...capabilities],
    isReplaceable: false,
  };
}

export const TOOLS: ReadonlyMap<ToolName, Tool> = new Map<ToolName, Tool>([
  [
    'etcd',
    {
      module: 'etcd',
      version: 'v3.6.5',
      goPackage: 'go.etcd.io/etcd/server/v3',
      binary: 'etcd',
      settings: [],
      isReplaceable: true,
    },
  ],
  ['kube-apiserver', kubernetes('kube-apiserver')],
  ['kube-controller-manager', kubernetes('kube-controller-manager')],
  ['kube-scheduler', kubernetes('kube-scheduler')],
  ['kubectl', kubernetes('kubectl')],
  [
    'kwok',
    {
      module: 'kwok',
      version: 'v0.8.0',
      goPackage: 'sigs.k8s.io/kwok/cmd/kwok',
      binary: 'kwok',
      settings: [],
      isReplaceable: true,
    },
  ],
  ['helm3', helm(3, 'v3.22.0', HELM3_CAPABILITIES)],
  ['helm4', helm(4, 'v4.2.1')],
  // The library of Helm Operator 1.4.4.
  ['helm37', { ...helm(3, 'v3.7.0'), module: 'helm37' }],
  [
    'registry',
    {
      module: 'registry',
      version: 'v3.1.2',
      goPackage: 'github.com/distribution/distribution/v3/cmd/registry',
      binary: 'registry',
      settings: [],
      isReplaceable: false,
    },
  ],
  [
    's3',
    {
      module: 's3',
      // Of the library; the rest is ours: raise it when main.go changes.
      version: 'v0.0.11-1',
      goPackage: '.',
      binary: 's3',
      settings: [],
      isReplaceable: false,
    },
  ],
]);

/** Why a tool cannot be had here; cluster tests are skipped with this text. */
export class ToolMissingError extends Error {
  readonly code = 'tools/missing';
  readonly retry = 'terminal';
}

/** Folder of heavy, rebuildable things: outside the tree, keyed by version. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'helm-operator');
}

/**
 * Path of a tool's binary; builds it when the cache lacks it.
 *
 * @param report gets one line when a build starts and one when it ends
 * @throws {ToolMissingError} `tools/missing`: not built yet and Go (or its module source) is not there
 */
export async function ensureTool(
  name: ToolName,
  report: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<string> {
  const tool = TOOLS.get(name);
  if (tool === undefined) throw new ToolMissingError(`unknown tool ${name}`);
  const path = join(cacheFolder(), 'tools', `${tool.module}-${tool.version}`, tool.binary);
  if (await isExecutable(path)) return path;
  const standIn = tool.isReplaceable ? await findStandIn(tool.binary) : undefined;
  if (standIn !== undefined) return standIn;
  await build(name, tool, path, report);
  return path;
}

async function findStandIn(binary: string): Promise<string | undefined> {
  const folders = [
    process.env['KUBEBUILDER_ASSETS'],
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  for (const folder of folders) {
    if (folder === undefined || folder === '') continue;
    const path = join(folder, binary);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function build(
  name: ToolName | 'oracle' | 'oracle4',
  tool: Tool,
  path: string,
  report: (line: string) => void,
): Promise<void> {
  try {
    await promisify(execFile)('go', ['version']);
  } catch (cause) {
    throw new ToolMissingError(
      `${name} ${tool.version} is not in the cache and there is no Go to build it: install Go 1.26 or set KUBEBUILDER_ASSETS`,
      { cause },
    );
  }
  report(`building ${name} ${tool.version} (once, into the user's cache folder) ...`);
  const startedMs = Date.now();
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const flags = ['-s', '-w', ...tool.settings.flatMap((setting) => ['-X', setting])].join(' ');
  const args = ['build', '-trimpath', '-ldflags', flags, '-o', temporary, tool.goPackage];
  try {
    await runGo(args, join(here, tool.module));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new ToolMissingError(`building ${name} ${tool.version}: ${String(cause)}`, { cause });
  }
  report(`built ${name} ${tool.version} in ${Math.round((Date.now() - startedMs) / 1000)} s`);
}

function runGo(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let tail = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      tail = (tail + text).slice(-2_000);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${args[0]} ended with ${code}: ${tail}`)),
    );
  });
}

/**
 * Path of an oracle: our Go program over Helm 3's (`oracle`) or Helm 4's (`oracle4`) modules, keyed by its sources.
 *
 * @throws {ToolMissingError} `tools/missing`
 */
export async function ensureOracle(
  report: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
  module: 'oracle' | 'oracle4' = 'oracle',
): Promise<string> {
  const folder = join(here, module);
  const { stdout } = await promisify(execFile)('find', [folder, '-type', 'f']);
  const hash = createHash('sha256');
  for (const file of stdout.split('\n').filter(Boolean).sort()) hash.update(await readFile(file));
  const version = hash.digest('hex').slice(0, 12);
  const path = join(cacheFolder(), 'tools', `${module}-${version}`, module);
  if (await isExecutable(path)) return path;
  const tool: Tool = {
    module,
    version,
    goPackage: '.',
    binary: module,
    settings: [],
    isReplaceable: false,
  };
  await build(module, tool, path, report);
  return path;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of TOOLS.keys()) process.stdout.write(`${name}\t${await ensureTool(name)}\n`);
}
