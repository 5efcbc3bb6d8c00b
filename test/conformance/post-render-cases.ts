// SPDX-License-Identifier: Apache-2.0

/** What a post-renderer of Helm 4 is given and what becomes of what it prints, by Helm and by ours, in one form. */

import {
  DEFAULT_CAPABILITIES,
  loadFiles,
  type PostRenderStrategy,
  processDependencies,
  renderChart,
} from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import { encodeUtf8, quote, type ValueMap } from '@helm-operator/gocompat';

export interface PostRenderRow {
  /** What the templates print, by name in the chart. */
  readonly files: Readonly<Record<string, string>>;
  /** What the post-renderer prints, one for each time it runs; without it the stream as it came. */
  readonly outputs?: readonly string[];
  readonly strategy?: string;
}

export interface PostRenderAnswer {
  readonly streams: readonly string[];
  readonly manifest?: string;
  readonly hooks?: readonly { readonly Path: string; readonly Manifest: string }[];
  readonly error?: string;
}

export interface PostRenderFile {
  readonly source: string;
  readonly rows: readonly (PostRenderRow & { readonly answer: PostRenderAnswer })[];
}

export function answerPostRender({
  files,
  outputs = [],
  strategy,
}: PostRenderRow): PostRenderAnswer {
  const streams: string[] = [];
  try {
    const { manifest, hooks } = rendered(files, strategy, (stream) => {
      const output = outputs[streams.length];
      streams.push(stream);
      return output ?? stream;
    });
    const shown = hooks.map(({ path, manifest: text }) => ({ Path: path, Manifest: text }));
    return {
      streams,
      ...(manifest === '' ? {} : { manifest }),
      ...(shown.length === 0 ? {} : { hooks: shown }),
    };
  } catch (error) {
    return { streams, error: error instanceof Error ? error.message : String(error) };
  }
}

function rendered(
  files: PostRenderRow['files'],
  strategy: string | undefined,
  postRender: (stream: string) => string,
): ReturnType<typeof renderChart> {
  const file = (name: string, text: string) => ({ name, data: encodeUtf8(text) });
  const chart = loadFiles(
    [
      file('Chart.yaml', 'apiVersion: v2\nname: a\nversion: 1.0.0\n'),
      ...Object.keys(files).map((name) => file(name, `{{ index .Values.texts ${quote(name)} }}`)),
    ],
    { unpack: () => [] },
  );
  const values: ValueMap = new Map([['texts', new Map(Object.entries(files))]]);
  return renderChart({
    chart: processDependencies(chart, values, { profile: 'helm4' }),
    values,
    profile: 'helm4',
    release: { name: 'demo', namespace: 'apps', revision: 1, isInstall: true, isUpgrade: false },
    capabilities: DEFAULT_CAPABILITIES.helm4,
    ports: { functions: nodeFunctionPorts({ localZone: 'UTC' }), nowMs: () => 0 },
    postRender,
    postRenderStrategy: strategy as PostRenderStrategy | undefined,
  });
}

/** The parts of Helm's answer that are compared. */
export function heldPostRender({ hooks, ...answer }: PostRenderAnswer): PostRenderAnswer {
  if (hooks === undefined) return answer;
  return { ...answer, hooks: hooks.map(({ Path, Manifest }) => ({ Path, Manifest })) };
}
