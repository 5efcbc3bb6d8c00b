// SPDX-License-Identifier: Apache-2.0

/** Actions against a fake cluster: a context, options with sound defaults, and what happened. */

import type { ValueMap } from '@helm-operator/gocompat';
import {
  type ActionContext,
  createSecretStorage,
  type InstallOptions,
  type LogLine,
  type Profile,
  type ReleaseRecord,
  type ReleaseStorage,
  type Step,
} from '@helm-operator/helm';
import type { Clock, JsonObject } from '@helm-operator/kube';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster/fake-cluster.ts';
import { type FakeChart, FakeRender } from './fake-render.ts';

/** Sleeps longer than this are limits, not pauses: they last until they are aborted. */
const LONGEST_PAUSE_MS = 10_000;

/** Time that jumps over pauses and never reaches limits. */
export class JumpingClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);

  nowMs(): number {
    return this.#nowMs;
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  /** Time goes by while nothing happens. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms > LONGEST_PAUSE_MS) {
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
    this.#nowMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A stop at one step, as a crash would be. */
export class Crash extends Error {}

export class Harness {
  readonly cluster: FakeCluster;
  readonly render: FakeRender = new FakeRender();
  readonly clock: JumpingClock = new JumpingClock();
  readonly storage: ReleaseStorage;
  readonly steps: Step[] = [];
  readonly log: LogLine[] = [];
  readonly profile: Profile;
  /** Throws to stop the action there. */
  onStep: (step: Step) => void = () => {};

  constructor(profile: Profile = 'helm3', options: FakeClusterOptions = {}) {
    this.profile = profile;
    this.cluster = new FakeCluster(options);
    const { cluster, clock } = this;
    this.storage = createSecretStorage({ cluster, clock, namespace: 'default', profile });
  }

  context(change: Partial<ActionContext> = {}): ActionContext {
    return {
      cluster: this.cluster,
      storage: this.storage,
      render: this.render,
      clock: this.clock,
      signal: new AbortController().signal,
      log: (line) => this.log.push(line),
      reached: (step) => {
        this.steps.push(step);
        this.onStep(step);
      },
      redact: (text) => text,
      holder: 'me',
      ...change,
    };
  }

  /** Options for an install or an upgrade. */
  options(chart: FakeChart, change: Partial<InstallOptions> = {}): InstallOptions {
    return {
      profile: this.profile,
      release: { name: 'web', namespace: 'default' },
      timeoutMs: 60_000,
      wait: { strategy: 'none' },
      hooks: {},
      chart: this.render.chart(chart),
      values: new Map() as ValueMap,
      render: {},
      apply: { method: 'client', fieldManager: 'helm' },
      crds: { mode: 'create' },
      history: { maxRevisions: 10 },
      ...change,
    };
  }

  async records(): Promise<readonly ReleaseRecord[]> {
    return (await this.storage.history('web')).records;
  }

  /** `revision status`, oldest first. */
  async statuses(): Promise<readonly string[]> {
    return (await this.records()).map(({ revision, info }) => `${revision} ${info.status}`);
  }

  /** `Kind/name` of everything but records and namespaces. */
  objects(): readonly string[] {
    return this.cluster
      .objects()
      .filter(({ kind, type }) => kind !== 'Namespace' && type !== 'helm.sh/release.v1')
      .map(
        (object) =>
          `${String(object['kind'])}/${String((object['metadata'] as JsonObject)['name'])}`,
      )
      .toSorted();
  }

  /** Writes since `from`, as `verb Kind/name`; without those to records. */
  writes(from = 0): readonly string[] {
    return this.cluster.calls
      .slice(from)
      .filter(({ verb }) => ['create', 'update', 'patch', 'delete'].includes(verb))
      .filter(({ name }) => name?.startsWith('sh.helm.release') !== true)
      .map(({ verb, kind, name }) => `${verb} ${kind}/${name}`);
  }
}

/** A ConfigMap document. */
export function configMap(
  name: string,
  data = 'a: b',
  annotations: readonly string[] = [],
): string {
  const lines = annotations.map((annotation) => `\n    ${annotation}`).join('');
  const block = lines === '' ? '' : `\n  annotations:${lines}`;
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}${block}\ndata:\n  ${data}`;
}
