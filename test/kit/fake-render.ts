// SPDX-License-Identifier: Apache-2.0

/** A render port that gives back what a test wrote, split as Helm splits it. */

import { createHash } from 'node:crypto';
import { decodeYaml, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  type ChartHandle,
  type CrdFile,
  HelmError,
  type HookEvent,
  type HookRecord,
  type RenderedRelease,
  type RenderPort,
  type RenderRequest,
} from '@helm-operator/helm';

/** A chart as a test writes it: documents of Kubernetes objects; those with the hook annotation become hooks. */
export interface FakeChart {
  readonly documents: readonly string[];
  readonly crds?: readonly CrdFile[];
  readonly notes?: string;
  readonly name?: string;
}

/** Each handle stands for one fake chart. */
export class FakeRender implements RenderPort {
  readonly requests: RenderRequest[] = [];
  readonly #charts = new Map<string, FakeChart>();

  chart(chart: FakeChart, version = '1.0.0'): ChartHandle {
    const bytes = new TextEncoder().encode(JSON.stringify([chart, version]));
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.#charts.set(digest, chart);
    return { digest, bytes, metadata: { name: chart.name ?? 'fake', version } };
  }

  async crds(request: { readonly chart: ChartHandle }): Promise<readonly CrdFile[]> {
    return this.#of(request.chart).crds ?? [];
  }

  async render(request: RenderRequest): Promise<RenderedRelease> {
    this.requests.push(request);
    const { documents, notes } = this.#of(request.chart);
    const parts = documents.map((text, i) => ({
      text: text.trim(),
      path: `fake/templates/${i}.yaml`,
    }));
    const hooks = parts.flatMap(({ text, path }) => hookOf(text, path));
    const manifest = parts
      .filter(({ text, path }) => hookOf(text, path).length === 0)
      .map(({ text, path }) => `---\n# Source: ${path}\n${text}\n`)
      .join('');
    const { name, version } = request.chart.metadata;
    const templates = documents.map((text, i) => ({ name: `templates/${i}.yaml`, text }));
    const json = JSON.stringify({ metadata: { name, version }, templates, notes, values: {} });
    return {
      manifest,
      hooks,
      notes: notes ?? '',
      chart: { json, facts: { name, version, appVersion: '' } },
    };
  }

  async coalesceStored(_chart: unknown, config: ValueMap | undefined): Promise<ValueMap> {
    return config ?? new Map();
  }

  #of({ digest }: ChartHandle): FakeChart {
    const chart = this.#charts.get(digest);
    if (chart === undefined) throw new Error(`no fake chart ${digest}`);
    return chart;
  }
}

/** Puts the values, as JSON in quotes, where a chart says `VALUES`. */
export class ValuesRender extends FakeRender {
  mustFail: () => boolean = () => false;

  override async render(request: RenderRequest): Promise<RenderedRelease> {
    if (this.mustFail()) {
      const cause = { code: 'chart/render' };
      const text = 'execution error at (web/templates/web.yaml:1:2): no';
      throw new HelmError('helm/render', text, { cause });
    }
    const rendered = await super.render(request);
    const { values } = request as unknown as { values: ValueMap };
    const text = JSON.stringify(encodeJson(values));
    return { ...rendered, manifest: rendered.manifest.replaceAll('VALUES', () => text) };
  }
}

function hookOf(text: string, path: string): readonly HookRecord[] {
  const object = decodeYaml(text) as ValueMap;
  const metadata = object.get('metadata') as ValueMap;
  const annotations = (metadata.get('annotations') ?? new Map()) as Map<string, string>;
  const events = annotations.get('helm.sh/hook');
  if (events === undefined) return [];
  const list = (key: string): readonly string[] =>
    (annotations.get(key) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  return [
    {
      name: String(metadata.get('name')),
      kind: String(object.get('kind')),
      path,
      manifest: text,
      events: events.split(',').map((event) => event.trim()) as HookEvent[],
      lastRun: { startedAt: '', completedAt: '', phase: '' },
      weight: Number(annotations.get('helm.sh/hook-weight') ?? 0),
      deletePolicies: list('helm.sh/hook-delete-policy'),
      outputLogPolicies: list('helm.sh/hook-output-log-policy'),
    },
  ];
}
