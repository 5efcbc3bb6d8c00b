// SPDX-License-Identifier: Apache-2.0

/** Renders a corpus case the way its goldens were made: client-only dry run, release `demo` in `apps`, Kubernetes v1.31.0, UTC. */

import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import {
  type ArchivePorts,
  type Capabilities,
  type Chart,
  DEFAULT_CAPABILITIES,
  type Hook,
  loadArchive,
  type Profile,
  processDependencies,
  type RenderInput,
  type RenderOutput,
  readValues,
  renderChart,
} from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import { compareBytes } from '@helm-operator/gocompat';

function capabilitiesOf(profile: Profile): Capabilities {
  return {
    ...DEFAULT_CAPABILITIES[profile],
    kubeVersion: { version: 'v1.31.0', major: '1', minor: '31' },
  };
}

const RELEASE = {
  name: 'demo',
  namespace: 'apps',
  revision: 1,
  isInstall: true,
  isUpgrade: false,
} as const;

export const archivePorts: ArchivePorts = {
  gunzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
};

const ports: RenderInput['ports'] = {
  functions: nodeFunctionPorts(),
  nowMs: () => performance.now(),
};

export function loadCorpusChart(archive: Uint8Array, profile: Profile = 'helm3'): Chart {
  return loadArchive(archive, archivePorts, { profile });
}

/** @throws {Error} with Helm's text */
export function renderCorpusChart(
  loaded: Chart,
  userValues: string,
  {
    profile = 'helm3',
    ...more
  }: Partial<Pick<RenderInput, 'cache' | 'limits' | 'ports' | 'profile'>> = {},
): RenderOutput {
  const values = readValues(userValues);
  const chart = processDependencies(loaded, values, { profile });
  return renderChart({
    chart,
    values,
    release: RELEASE,
    capabilities: capabilitiesOf(profile),
    profile,
    ports,
    ...more,
  });
}

/** What the golden folder of a case should hold: file → text. */
export function corpusOutput(
  archive: Uint8Array,
  userValues: string,
  profile: Profile = 'helm3',
): ReadonlyMap<string, string> {
  try {
    const chart = loadCorpusChart(archive, profile);
    const { manifest, hooks, notes } = renderCorpusChart(chart, userValues, { profile });
    return new Map([
      ['manifest.yaml', manifest.toWellFormed()],
      ['hooks.yaml', printHooks(hooks)],
      ['notes.txt', notes.toWellFormed()],
    ]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return new Map([['error.txt', error.message.toWellFormed()]]);
  }
}

export interface PrintedHook extends Pick<Hook, 'path' | 'kind' | 'name' | 'weight' | 'manifest'> {
  readonly events: readonly string[];
  readonly deletePolicies: readonly string[];
}

/** The text of `hooks.yaml`. */
export function printHooks(hooks: readonly PrintedHook[]): string {
  return hooks
    .toSorted(
      (a, b) =>
        compareBytes(a.path, b.path) ||
        compareBytes(a.kind, b.kind) ||
        compareBytes(a.name, b.name),
    )
    .map(printHook)
    .join('')
    .toWellFormed();
}

function printHook({
  path,
  kind,
  name,
  events,
  weight,
  deletePolicies,
  manifest,
}: PrintedHook): string {
  const facts = `events=${events.join(',')} weight=${weight} deletePolicies=${deletePolicies.join(',')}`;
  return `# Source: ${path}\n# ${kind}/${name} ${facts}\n${manifest}\n---\n`;
}
