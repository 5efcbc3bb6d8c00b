// SPDX-License-Identifier: Apache-2.0

/** Every metric of the operator: one row each. Names of Helm Operator 1.4 stay; our own begin with `helm_operator_`. */

import type { Condition } from '@helm-operator/api';
import type { ReleaseIdentity, ReleaseRecord } from '@helm-operator/helm';
import { collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client';
import { SeriesHistogram } from './series-histogram.ts';

/** Upper bounds of all histograms, in seconds. */
export const BUCKETS: readonly number[] = [1, 5, 10, 30, 60, 120, 180, 300, 600, 1800];
const CONDITION_VALUES: Readonly<Record<Condition['status'], number>> = {
  True: 1,
  Unknown: 0,
  False: -1,
};

/** The action that is a whole turn. */
export const SYNC = 'sync';

/** Names, labels and meanings. */
export const METRICS = {
  releaseCount: { name: 'flux_helm_operator_release_count', help: 'HelmReleases known.' },
  queueLength: {
    name: 'flux_helm_operator_release_queue_length_count',
    help: 'HelmReleases that wait for a worker.',
  },
  actionDuration: {
    name: 'flux_helm_operator_release_action_duration_seconds',
    help: 'Duration of actions on releases, in seconds.',
    labelNames: ['action', 'success', 'target_namespace', 'release_name'],
  },
  releaseDuration: {
    name: 'flux_helm_operator_release_duration_seconds',
    help: 'Deprecated: duration of reconciling a release, in seconds.',
    labelNames: ['success', 'namespace', 'release_name'],
  },
  phaseDuration: {
    name: 'flux_helm_operator_release_phase_duration_seconds',
    help: 'Deprecated: duration of actions on releases, in seconds.',
    labelNames: ['action', 'success', 'namespace', 'release_name'],
  },
  gitReady: {
    name: 'flux_git_ready',
    help: 'Whether the last look at a Git repository of a chart succeeded.',
  },
  conditionInfo: {
    name: 'flux_helm_operator_release_condition_info',
    help: 'Conditions of releases: -1 False, 0 Unknown, 1 True.',
    labelNames: ['target_namespace', 'release_name', 'condition'],
  },
  releaseInfo: {
    name: 'helm_operator_release_info',
    help: 'The newest revision of each release, always 1: its chart, and how it stands.',
    labelNames: [
      'target_namespace',
      'release_name',
      'chart',
      'chart_version',
      'app_version',
      'revision',
      'status',
    ],
  },
  eventLoopDelay: {
    name: 'helm_operator_event_loop_delay_p99_seconds',
    help: '99th percentile of the event loop delay.',
  },
} as const;

/** What the operator counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #releaseCount = new Gauge({ ...METRICS.releaseCount, registers: [this.#registry] });
  #readQueueLength: () => number = () => 0;
  readonly #queueLength: Gauge = new Gauge({
    ...METRICS.queueLength,
    registers: [this.#registry],
    collect: () => this.#queueLength.set(this.#readQueueLength()),
  });
  readonly #eventLoopDelay = new Gauge({ ...METRICS.eventLoopDelay, registers: [this.#registry] });
  readonly #actionDuration = new SeriesHistogram({ ...METRICS.actionDuration, buckets: BUCKETS });
  readonly #releaseDuration = new SeriesHistogram({ ...METRICS.releaseDuration, buckets: BUCKETS });
  readonly #phaseDuration = new SeriesHistogram({ ...METRICS.phaseDuration, buckets: BUCKETS });
  readonly #gitReady = new Gauge({ ...METRICS.gitReady, registers: [this.#registry] });
  readonly #conditionInfo = new Gauge({ ...METRICS.conditionInfo, registers: [this.#registry] });
  readonly #releaseInfo = new Gauge({ ...METRICS.releaseInfo, registers: [this.#registry] });
  readonly #shown = new Map<string, ReadonlySet<string>>();
  readonly #infos = new Map<string, Record<string, string>>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Every series that is ours: its name and its type. */
  get types(): ReadonlyMap<string, string> {
    const rows: readonly { readonly name: string }[] = Object.values(METRICS);
    const isOurs = ({ name }: { readonly name: string }) => rows.some((row) => row.name === name);
    const kept = this.#registry.getMetricsAsArray().filter(isOurs);
    return new Map([
      ...kept.map(({ name, type }) => [name, String(type)] as const),
      ...this.#histograms.map(({ name }) => [name, 'histogram'] as const),
    ]);
  }

  get #histograms(): readonly SeriesHistogram[] {
    return [this.#actionDuration, this.#releaseDuration, this.#phaseDuration];
  }

  /** All of it in the text format of Prometheus, with its content type. */
  async page(): Promise<{ readonly contentType: string; readonly text: string }> {
    const gauges = await this.#registry.metrics();
    const text = [gauges, ...this.#histograms.map((histogram) => `${histogram.text()}\n`)].join(
      '\n',
    );
    return { contentType: this.#registry.contentType, text };
  }

  releaseCount(count: number): void {
    this.#releaseCount.set(count);
  }

  /** @param read asked each time somebody looks */
  queueLength(read: () => number): void {
    this.#readQueueLength = read;
  }

  /** @param p99Ms in milliseconds */
  eventLoopDelay(p99Ms: number): void {
    this.#eventLoopDelay.set(p99Ms / 1000);
  }

  /** @param durationMs in milliseconds */
  actionDone(release: ReleaseIdentity, action: string, isGood: boolean, durationMs: number): void {
    const { namespace, name: release_name } = release;
    const success = String(isGood);
    const seconds = durationMs / 1000;
    const named = { success, release_name };
    this.#actionDuration.observe({ ...named, action, target_namespace: namespace }, seconds);
    if (action === SYNC) this.#releaseDuration.observe({ ...named, namespace }, seconds);
    else this.#phaseDuration.observe({ ...named, action, namespace }, seconds);
  }

  /** @param isReady whether the last look at a Git repository succeeded */
  gitReady(isReady: boolean): void {
    this.#gitReady.set(isReady ? 1 : 0);
  }

  /** Shows each condition with its own value; one that is gone is shown no more. */
  conditions(release: ReleaseIdentity, conditions: readonly Condition[]): void {
    const key = `${release.namespace}/${release.name}`;
    const labels = (condition: string) => ({
      target_namespace: release.namespace,
      release_name: release.name,
      condition,
    });
    const types = new Set(conditions.map(({ type }) => type));
    for (const type of this.#shown.get(key) ?? [])
      if (!types.has(type)) this.#conditionInfo.remove(labels(type));
    for (const { type, status } of conditions)
      this.#conditionInfo.set(labels(type), CONDITION_VALUES[status]);
    this.#shown.set(key, types);
  }

  /** Shows the newest revision of a release. @param record `undefined`: there is none */
  release({ namespace, name }: ReleaseIdentity, record: ReleaseRecord | undefined): void {
    const key = `${namespace}/${name}`;
    const before = this.#infos.get(key);
    if (before !== undefined) this.#releaseInfo.remove(before);
    this.#infos.delete(key);
    if (record === undefined) return;
    const { name: chart = '', version = '', appVersion = '' } = record.chart?.facts ?? {};
    const labels = {
      ...{ target_namespace: namespace, release_name: name, chart },
      ...{ chart_version: version, app_version: appVersion },
      ...{ revision: String(record.revision), status: record.info.status },
    };
    this.#infos.set(key, labels);
    this.#releaseInfo.set(labels, 1);
  }

  /** The release is gone. */
  forget(release: ReleaseIdentity): void {
    this.conditions(release, []);
    this.release(release, undefined);
    this.#shown.delete(`${release.namespace}/${release.name}`);
  }
}
