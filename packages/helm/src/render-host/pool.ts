// SPDX-License-Identifier: Apache-2.0

/**
 * The render port over child processes. A child that is killed costs its cache; the next request gets a new one.
 *
 * Source: design decision "rendering runs in a child process" (a worker thread cannot be limited: measured)
 */

import { decodeUtf8, encodeJson, encodeUtf8, type ValueMap } from '@helm-operator/gocompat';
import { HelmError, type HelmErrorCode } from '../errors.ts';
import { storedChartOf } from '../release/decode.ts';
import type { StoredChart } from '../release/record.ts';
import { type ChildOptions, type HostAnswer, type OnQuestion, RenderChild } from './child.ts';
import type {
  CrdFile,
  RenderCallOptions,
  RenderedRelease,
  RenderOptions,
  RenderPort,
  RenderRequest,
} from './port.ts';
import type { HostBudget, HostReply, HostRequest } from './protocol.ts';
import { mapFromWire, toWire } from './wire-value.ts';

export interface RenderPoolOptions extends ChildOptions {
  /** Children at most; default 1. */
  readonly size?: number | undefined;
  /** Counted inside the interpreter, before the child's own limits; defaults are generous. */
  readonly budget?: Partial<HostBudget> | undefined;
}

/** Far beyond any chart that means well. */
const DEFAULT_BUDGET: Omit<HostBudget, 'timeMs'> = {
  steps: 50_000_000,
  outputBytes: 256 * 1024 * 1024,
  elements: 20_000_000,
  depth: 2000,
};

/** What a render host may use up. */
export type RenderHostLimits = Pick<RenderPoolOptions, 'memoryLimitMiB' | 'timeLimitMs' | 'budget'>;

/** Where nothing else is said. */
export const DEFAULT_HOST_LIMITS: RenderHostLimits = {
  memoryLimitMiB: 1024,
  timeLimitMs: 60_000,
};

/** Part of the time limit that the interpreter may use, so that its own error comes first. */
const TIME_SHARE = 0.9;

interface Job {
  readonly run: (child: RenderChild) => Promise<void>;
  readonly digest: string | undefined;
}

/** A pool of children behind the port; `close` ends them. */
export class RenderPool implements RenderPort {
  readonly #options: RenderPoolOptions;
  readonly #idle: RenderChild[] = [];
  readonly #busy = new Set<RenderChild>();
  readonly #queue: Job[] = [];
  #isClosed = false;

  constructor(options: RenderPoolOptions) {
    this.#options = options;
  }

  async crds(
    request: Pick<RenderRequest, 'profile' | 'chart' | 'values'>,
    options: RenderCallOptions = {},
  ): Promise<readonly CrdFile[]> {
    const { reply } = await this.#withChart(
      {
        type: 'crds',
        profile: request.profile,
        digest: request.chart.digest,
        values: toWire(request.values),
      },
      request.chart.bytes,
      options,
    );
    if (reply.type === 'crds') return reply.files;
    throw unexpected(reply);
  }

  async render(request: RenderRequest, options: RenderOptions = {}): Promise<RenderedRelease> {
    const { chart, values, chartValues, ...rest } = request;
    const timeMs = Math.floor(this.#options.timeLimitMs * TIME_SHARE);
    const { reply, body } = await this.#withChart(
      {
        ...rest,
        type: 'render',
        digest: chart.digest,
        values: toWire(values),
        chartValues: chartValues === undefined ? null : toWire(chartValues),
        canLookup: options.lookup !== undefined,
        isPostRendered: options.postRender !== undefined,
        budget: { ...DEFAULT_BUDGET, timeMs, ...this.#options.budget },
      },
      chart.bytes,
      options,
    );
    if (reply.type !== 'rendered') throw unexpected(reply);
    const { manifest, hooks, notes } = reply;
    return { manifest, hooks, notes, chart: storedChartOf(decodeUtf8(body)) };
  }

  async coalesceStored(
    chart: StoredChart,
    config: ValueMap | undefined,
    options: RenderCallOptions = {},
  ): Promise<ValueMap> {
    const request: HostRequest = { type: 'coalesce', config: toWire(config ?? new Map()) };
    const { reply } = await this.#enqueue(undefined, options, (child) =>
      child.ask(request, {
        body: encodeUtf8(chart.json),
        onQuestion: questionsTo({}),
        signal: options.signal,
      }),
    );
    if (reply.type === 'coalesced') return mapFromWire(reply.values);
    throw unexpected(reply);
  }

  /** Ends the children; what they were working on fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new HelmError('helm/render-host', 'the render host was closed');
    await Promise.all([...this.#idle, ...this.#busy].map((child) => child.kill(closed)));
  }

  async #withChart(
    request: HostRequest & { readonly digest: string },
    bytes: Uint8Array,
    options: RenderOptions,
  ): Promise<HostAnswer> {
    const { digest } = request;
    const asking = { onQuestion: questionsTo(options), signal: options.signal };
    return this.#enqueue(digest, options, async (child) => {
      if (!child.knownCharts.has(digest)) this.#sendChart(child, digest, bytes);
      const answer = await child.ask(request, asking);
      if (answer.reply.type !== 'need-chart') return answer;
      this.#sendChart(child, digest, bytes);
      return child.ask(request, asking);
    });
  }

  #sendChart(child: RenderChild, digest: string, bytes: Uint8Array): void {
    child.send({ type: 'chart', digest }, bytes);
    child.knownCharts.add(digest);
  }

  async #enqueue(
    digest: string | undefined,
    { signal }: RenderCallOptions,
    work: (child: RenderChild) => Promise<HostAnswer>,
  ): Promise<HostAnswer> {
    signal?.throwIfAborted();
    const answer = await new Promise<HostAnswer>((resolve, reject) => {
      const run = async (child: RenderChild): Promise<void> => {
        try {
          signal?.throwIfAborted();
          resolve(await work(child));
        } catch (error) {
          reject(error);
        }
      };
      this.#queue.push({ run, digest });
      this.#dispatch();
    });
    if (answer.reply.type === 'failed') throw errorOf(answer.reply);
    return answer;
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#isClosed) {
      const child = this.#freeChild(this.#queue[0]?.digest);
      if (child === undefined) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      void this.#work(child, job);
    }
  }

  async #work(child: RenderChild, job: Job): Promise<void> {
    this.#busy.add(child);
    await job.run(child);
    this.#busy.delete(child);
    if (child.isAlive) this.#idle.push(child);
    this.#dispatch();
  }

  /** One that has the chart if there is one, any idle one otherwise, a new one while there is room. */
  #freeChild(digest: string | undefined): RenderChild | undefined {
    const alive = this.#idle.filter((child) => child.isAlive);
    const best =
      alive.find((child) => digest !== undefined && child.knownCharts.has(digest)) ?? alive[0];
    this.#idle.splice(0, this.#idle.length, ...alive.filter((child) => child !== best));
    if (best !== undefined) return best;
    const room = (this.#options.size ?? 1) - this.#busy.size;
    return room > 0 ? new RenderChild(this.#options) : undefined;
  }
}

function questionsTo({ lookup, postRender, signal }: RenderOptions): OnQuestion {
  return async (question, body) => {
    if (question.type === 'post-render') {
      if (postRender === undefined) throw notAvailable(question.type);
      return encodeUtf8(await postRender(decodeUtf8(body), signal ?? new AbortController().signal));
    }
    if (lookup === undefined) throw notAvailable(question.type);
    const { apiVersion, kind, namespace, name } = question;
    return encodeUtf8(encodeJson(await lookup({ apiVersion, kind, namespace, name })));
  };
}

function notAvailable(what: string): HelmError {
  return new HelmError('helm/render', `${what} is not available here`);
}

function errorOf({ message, code, files }: HostReply & { readonly type: 'failed' }): HelmError {
  const own: HelmErrorCode = code === 'gotemplate/time' ? 'helm/render-timeout' : 'helm/render';
  return new HelmError(own, message, { cause: { code, files } });
}

function unexpected(reply: HostReply): HelmError {
  return new HelmError('helm/render-host', `the render host answered with ${reply.type}`);
}
