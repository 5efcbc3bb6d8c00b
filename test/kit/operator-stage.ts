// SPDX-License-Identifier: Apache-2.0

/** The whole operator on a fake cluster, with charts that a test makes; it can be stopped and started anew. */

import assert from 'node:assert/strict';
import { helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { Step } from '@helm-operator/helm';
import { type JsonObject, systemClock } from '@helm-operator/kube';
import {
  type ChartSource,
  createLogger,
  DEFAULT_OPTIONS,
  type OperatorOptions,
  runOperator,
} from '@helm-operator/operator';
import { FakeCluster } from './fake-cluster/fake-cluster.ts';
import { FakeRender } from './fake-render.ts';

const KIND = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', namespace: 'default' };
/** Long, since machines may be slow; nothing waits for it when all is well. */
const PATIENCE_MS = 30_000;

export const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}';

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

export class OperatorStage {
  readonly cluster: FakeCluster = new FakeCluster();
  readonly render: FakeRender = new FakeRender();
  readonly log: string[] = [];
  /** Brings the chart of every HelmRelease; its documents are one ConfigMap. */
  fetch: ChartSource['fetch'];
  onStep: (key: string, step: Step) => void = () => {};
  #running: Running | undefined;

  constructor() {
    const chart = this.render.chart({ documents: [CONFIG_MAP] });
    this.fetch = async () => chart;
  }

  async installCrd(): Promise<void> {
    await this.cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  }

  add(name: string, spec: JsonObject = {}): void {
    const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
    const { namespace, ...kind } = KIND;
    this.cluster.seed({
      ...kind,
      metadata: { name, namespace },
      spec: { chart, releaseName: name, values: {}, ...spec },
    });
  }

  async delete(name: string): Promise<void> {
    await this.cluster.delete({ ...KIND, name });
  }

  start(options: Partial<OperatorOptions> = {}): void {
    const stop = new AbortController();
    const clock = systemClock;
    const write = (line: string) => this.log.push(line);
    const ports = {
      ...{ cluster: this.cluster, render: this.render, clock, random: Math.random },
      charts: {
        fetch: (...call: Parameters<ChartSource['fetch']>) => this.fetch(...call),
      },
      log: createLogger({ format: 'json', write, now: () => '' }),
      reached: (key: string, step: Step) => this.onStep(key, step),
    };
    const all = { ...DEFAULT_OPTIONS, listen: '', identity: crypto.randomUUID(), ...options };
    this.#running = { stop, ended: runOperator(all, ports, stop.signal) };
  }

  /** As SIGTERM does; waits for the end. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.ended;
    this.#running = undefined;
  }

  exists(name: string): boolean {
    return this.cluster.peek({ ...KIND, name }) !== undefined;
  }

  /** A condition's status and message; empty when it is not there. */
  condition(name: string, type: string): string {
    const { status = {} } = (this.cluster.peek({ ...KIND, name }) ?? {}) as {
      status?: { conditions?: { type: string; status: string; message: string }[] };
    };
    const found = status.conditions?.find((condition) => condition.type === type);
    return found === undefined ? '' : `${found.status}: ${found.message}`;
  }

  /** Statuses of the stored revisions of a release, oldest first. */
  statuses(release: string): readonly string[] {
    const secrets = this.cluster
      .objects()
      .map(
        ({ metadata }) => (metadata as { labels?: Readonly<Record<string, string>> }).labels ?? {},
      )
      .filter((labels) => labels['owner'] === 'helm' && labels['name'] === release);
    return secrets
      .sort((a, b) => Number(a['version']) - Number(b['version']))
      .map((labels) => labels['status'] ?? '');
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      assert.ok(Date.now() < endMs, `${what}: not within 30 s\n${this.log.slice(-40).join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** All events so far, as `Reason: message`. */
  events(): readonly string[] {
    const events = this.cluster.objects().filter(({ kind }) => kind === 'Event');
    return events.map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
  }
}
