// SPDX-License-Identifier: Apache-2.0

/**
 * What a render child does with a request. Knows nothing of pipes and processes.
 */

import {
  type Chart,
  ChartError,
  type ChartFile,
  type CompactChart,
  coalesceValues,
  compactChart,
  crdsOf,
  createTemplateCache,
  type FunctionPorts,
  HELM_VERSIONS,
  loadArchive,
  loadFiles,
  type Profile,
  processDependencies,
  renderChart,
  storedChart,
} from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import {
  decodeJson,
  decodeUtf8,
  encodeUtf8,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { jsonFields } from '../release/json-fields.ts';
import type { HookRecord } from '../release/record.ts';
import type { HostQuestion, HostReply, HostRequest } from './protocol.ts';
import { mapFromWire, toWire } from './wire-value.ts';

/** The world of the worker: the parent answers questions, the rest is this machine. */
export interface WorkerPorts {
  /** Blocks until the parent has answered. */
  readonly ask: (
    question: HostQuestion,
    body?: Uint8Array,
  ) => { readonly error: string | undefined; readonly body: Uint8Array };
  readonly gunzip: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  readonly resolveHost: (name: string) => readonly string[];
  readonly localZone: string;
  readonly nowMs: () => number;
}

export interface WorkerAnswer {
  readonly reply: HostReply;
  readonly body?: Uint8Array | undefined;
}

/** Memory of the charts that are kept, in bytes. */
const CHARTS_LIMIT_BYTES = 64 * 1024 * 1024;
/** Memory of the compiled templates that are kept, in bytes. */
const TEMPLATES_LIMIT_BYTES = 64 * 1024 * 1024;

export class RenderWorker {
  readonly #ports: WorkerPorts;
  /** By digest and profile, the least recently used first: Helm 3 and 4 read values.yaml differently. */
  readonly #charts = new Map<string, CompactChart>();
  #chartBytes = 0;
  /** Files of charts that are kept, as records store them. */
  readonly #stored = new WeakMap<readonly ChartFile[], string>();
  /** The archive that came last. */
  #archive: { readonly digest: string; readonly bytes: Uint8Array } | undefined;
  readonly #templates = createTemplateCache(TEMPLATES_LIMIT_BYTES);
  /** Kept: calls in compiled templates are linked to the functions made from them. */
  readonly #functions: FunctionPorts;
  readonly #resolvingFunctions: FunctionPorts;
  /** Files of the request that is worked on, until they are made into objects. */
  #rendered: ReadonlyMap<string, string> | undefined;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
    const { localZone, resolveHost } = ports;
    this.#functions = nodeFunctionPorts({ localZone });
    this.#resolvingFunctions = nodeFunctionPorts({ localZone, resolveHost });
  }

  /** @returns `undefined` for a request that has no answer */
  answer(request: HostRequest, body: Uint8Array): WorkerAnswer | undefined {
    this.#rendered = undefined;
    try {
      return this.#work(request, body);
    } catch (error) {
      const isInvalid = error instanceof ChartError && error.code === 'chart/manifest';
      const files = isInvalid ? this.#rendered : undefined;
      return { reply: { ...failureOf(error), files: files && [...files] } };
    }
  }

  #work(request: HostRequest, body: Uint8Array): WorkerAnswer | undefined {
    switch (request.type) {
      case 'chart':
        this.#archive = { digest: request.digest, bytes: body };
        return undefined;
      case 'crds':
        return this.#crds(request);
      case 'render':
        return this.#render(request);
      case 'coalesce':
        return { reply: { type: 'coalesced', values: toWire(coalesceStored(request, body)) } };
      case 'found':
        throw new Error('an answer came that nobody waits for');
      default:
        return request satisfies never;
    }
  }

  /** @returns `undefined` when the archive must be sent (again) */
  #chart(digest: string, profile: Profile): Chart | undefined {
    const key = `${profile} ${digest}`;
    const known = this.#charts.get(key);
    if (known !== undefined) {
      this.#charts.delete(key);
      this.#charts.set(key, known);
      return known.chart;
    }
    if (this.#archive?.digest !== digest) return undefined;
    const { gunzip } = this.#ports;
    const compact = compactChart(loadArchive(this.#archive.bytes, { gunzip }, { profile }));
    const made = { ...compact, bytes: compact.bytes + compact.fileBytes * STORED_SHARE };
    this.#charts.set(key, made);
    this.#chartBytes += made.bytes;
    for (const [other, { bytes }] of this.#charts) {
      if (this.#chartBytes <= CHARTS_LIMIT_BYTES || other === key) break;
      this.#charts.delete(other);
      this.#chartBytes -= bytes;
    }
    return made.chart;
  }

  #crds(request: HostRequest & { readonly type: 'crds' }): WorkerAnswer {
    const loaded = this.#chart(request.digest, request.profile);
    if (loaded === undefined) return { reply: { type: 'need-chart' } };
    const chart = processDependencies(loaded, mapFromWire(request.values), {
      profile: request.profile,
    });
    const files = crdsOf(chart).map(({ file }) => ({
      name: file.name,
      text: decodeUtf8(file.data),
    }));
    return { reply: { type: 'crds', files } };
  }

  #render(request: HostRequest & { readonly type: 'render' }): WorkerAnswer {
    const loaded = this.#chart(request.digest, request.profile);
    if (loaded === undefined) return { reply: { type: 'need-chart' } };
    const { profile, release, capabilities, policy, budget } = request;
    const { gitVersion, major, minor, apiVersions } = capabilities;
    const values = mapFromWire(request.values);
    const chart = processDependencies(withValues(loaded, request), values, { profile });
    const output = renderChart({
      chart,
      values,
      release,
      profile,
      capabilities: {
        kubeVersion: { version: gitVersion, major, minor },
        apiVersions,
        helmVersion: HELM_VERSIONS[profile],
      },
      ports: {
        functions: policy.canResolveDns === true ? this.#resolvingFunctions : this.#functions,
        nowMs: this.#ports.nowMs,
      },
      lookup: request.canLookup ? (...question) => this.#lookup(question) : undefined,
      limits: budget,
      cache: { templates: this.#templates, chartDigest: request.digest },
      mustRenderSubchartNotes: policy.mustRenderSubchartNotes,
      mustSkipSchemaValidation: policy.mustSkipSchemaValidation,
      mustIncludeCrds: policy.mustIncludeCrds,
      postRender: request.isPostRendered ? (stream) => this.#postRender(stream) : undefined,
      onRendered: (files) => {
        this.#rendered = files;
      },
    });
    const { manifest, notes } = output;
    const hooks = output.hooks.map((hook): HookRecord => ({ ...hook, lastRun: NEVER }));
    const stored = storedChart(chart, base64, this.#stored);
    return { reply: { type: 'rendered', manifest, hooks, notes }, body: encodeUtf8(stored) };
  }

  #lookup([apiVersion, kind, namespace, name]: readonly [
    string,
    string,
    string,
    string,
  ]): ValueMap {
    const found = this.#ask({ type: 'lookup', apiVersion, kind, namespace, name });
    return asMap(decodeJson(found, { numbers: 'int64orFloat64' }));
  }

  #postRender(stream: string): string {
    return this.#ask({ type: 'post-render' }, encodeUtf8(stream));
  }

  #ask(question: HostQuestion, asked?: Uint8Array): string {
    const { error, body } = this.#ports.ask(question, asked);
    if (error !== undefined) throw new Error(error);
    return decodeUtf8(body);
  }
}

/** In base64 files take a third more. */
const STORED_SHARE = 4 / 3;

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

const NEVER = { startedAt: '', completedAt: '', phase: '' } as const;

/** `--reuse-values`: the last release's values take the place of the chart's own. */
function withValues(
  chart: Chart,
  { chartValues }: HostRequest & { readonly type: 'render' },
): Chart {
  return chartValues === null ? chart : { ...chart, values: mapFromWire(chartValues) };
}

function asMap(value: Value): ValueMap {
  return value instanceof Map ? value : new Map();
}

/** A record's chart has no subcharts: its values are those of all of them already. */
function coalesceStored(
  request: HostRequest & { readonly type: 'coalesce' },
  body: Uint8Array,
): ValueMap {
  const fields = jsonFields(decodeUtf8(body));
  const file = (name: string, key: string, absent: string) => ({
    name,
    data: encodeUtf8(fields.get(key)?.replace(/^null$/, absent) ?? absent),
  });
  // JSON is YAML.
  const files = [file('Chart.yaml', 'metadata', '{}'), file('values.yaml', 'values', '{}')];
  const chart = loadFiles(files, { unpack: () => [] });
  return coalesceValues(chart, mapFromWire(request.config));
}

function failureOf(error: unknown): HostReply & { readonly type: 'failed' } {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
      ? error.code
      : '';
  return { type: 'failed', message, code };
}
