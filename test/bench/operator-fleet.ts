// SPDX-License-Identifier: Apache-2.0

/** A control plane, a repository with podinfo, the shipped operator: COUNT releases made, then looked at again. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditEvent, auditSince, markAudit, tally } from '../kit/audit.ts';
import { type ChartRepository, startChartRepository } from '../kit/chart-repository.ts';
import { type ControlPlane, startControlPlane } from '../kit/control-plane/control-plane.ts';
import { applyHelmRelease, installCrd, until } from '../kit/helm-release.ts';
import { inParallel } from '../kit/in-parallel.ts';
import { type OperatorProcess, startOperator } from '../kit/operator-process.ts';
import { megabytes, sampleUsage, usageOf } from '../kit/process-usage.ts';
import { watchObjects } from '../kit/watch-objects.ts';
import { AGENT, isRenewal, untilQuiet } from '../stories/quiet.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const COMMAND = join(root, 'dist/npm/bin/helm-operator.js');
const PODINFO = join(root, '../shared/corpus/charts/stefanprodan-podinfo--podinfo.tgz');
const PODINFO_VERSION = '6.14.1';
const NAMESPACE = 'bench';
const WORKERS = 10;
const APPLIED_AT_ONCE = 10;
const RELEASED_WITHIN_MS = 480_000;
const QUIET_WITHIN_MS = 120_000;
/** Nothing, or what an operator asks that has nothing to do. */
const WRITES: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What it cost to make all releases. */
export interface MakingFigures {
  readonly releases: number;
  readonly seconds: number;
  readonly cpuMsPerRelease: number;
  readonly requestsPerRelease: number;
  readonly requests: Readonly<Record<string, number>>;
  /** Highest sum of the resident sets of operator and render host, in megabytes; what each had then. */
  readonly peakMB: number;
  readonly eachMB: readonly number[];
  readonly p99DelayMs: number;
  /** Sum of the resident sets before the first release. */
  readonly emptyMB: number;
}

/** One look at all releases. */
export interface LookFigures {
  readonly cpuMs: number;
  /** Sum of the resident sets at its end, in megabytes. */
  readonly residentMB: number;
}

export interface ResyncFigures {
  readonly looks: readonly LookFigures[];
  readonly writes: number;
  /** All requests but those for the Lease and the watches. */
  readonly requests: Readonly<Record<string, number>>;
}

export class OperatorFleet {
  readonly plane: ControlPlane;
  readonly operator: OperatorProcess;
  readonly #repository: ChartRepository;
  readonly #intervalMs: number;
  readonly #released = new Map<string, number>();
  readonly #watch: { stop(): void };

  private constructor(
    fields: Pick<OperatorFleet, 'plane' | 'operator'>,
    repository: ChartRepository,
    intervalMs: number,
  ) {
    this.plane = fields.plane;
    this.operator = fields.operator;
    this.#repository = repository;
    this.#intervalMs = intervalMs;
    const path = `/apis/helm.fluxcd.io/v1/namespaces/${NAMESPACE}/helmreleases`;
    this.#watch = watchObjects<ReleaseObject>(this.plane, path, (object) => this.#see(object));
  }

  /** @param intervalMs between two looks at all releases */
  static async open(intervalMs: number): Promise<OperatorFleet> {
    if (!existsSync(COMMAND)) throw new Error('there is no bundle: run `npm run build` first');
    const plane = await startControlPlane();
    const archive = readFileSync(PODINFO);
    const repository = await startChartRepository([
      { name: 'podinfo', version: PODINFO_VERSION, archive },
    ]);
    await installCrd(plane);
    await plane.call('POST', '/api/v1/namespaces', {
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: { name: NAMESPACE },
    });
    const operator = await startOperator({
      kubeconfig: plane.kubeconfig,
      main: COMMAND,
      args: [`--workers=${WORKERS}`, `--charts-sync-interval=${intervalMs}ms`],
    });
    return new OperatorFleet({ plane, operator }, repository, intervalMs);
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await this.operator.stop();
    await this.#repository.stop();
    await this.plane.stop();
  }

  /** From the first object until all are released. */
  async make(count: number): Promise<MakingFigures> {
    const { pid } = this.operator;
    const before = usageOf(pid);
    const sampler = sampleUsage(pid);
    const mark = await markAudit(this.plane.auditLog);
    const startedMs = performance.now();
    await this.apply(count, 'info');
    await this.untilReleased(count, 1);
    const seconds = (performance.now() - startedMs) / 1000;
    const events = await untilQuiet(this.plane.auditLog, mark, QUIET_WITHIN_MS);
    const after = usageOf(pid);
    sampler.stop();
    return {
      releases: count,
      seconds,
      cpuMsPerRelease: (after.cpuMs - before.cpuMs) / count,
      requestsPerRelease: events.length / count,
      requests: tally(events),
      peakMB: megabytes(sampler.peakMiB()),
      eachMB: sampler.peak().eachRssMiB.map(megabytes),
      p99DelayMs: await this.#p99DelayMs(),
      emptyMB: megabytes(before.rssMiB),
    };
  }

  /** @param logLevel a value of podinfo */
  async apply(count: number, logLevel: string): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `podinfo-${i}`);
    await inParallel(names, APPLIED_AT_ONCE, (name) =>
      applyHelmRelease(this.plane, NAMESPACE, name, {
        releaseName: name,
        chart: { repository: this.#repository.url, name: 'podinfo', version: PODINFO_VERSION },
        values: {
          replicaCount: 0,
          logLevel,
          ingress: { enabled: true },
          serviceAccount: { enabled: true },
        },
      }),
    );
  }

  /** Waits until so many have released this generation. */
  async untilReleased(count: number, generation: number): Promise<void> {
    const done = () => [...this.#released.values()].filter((at) => at >= generation).length;
    const seen = () => `${done()} are\n${this.operator.log().slice(-3_000)}`;
    await until('all are released', async () => done() >= count, RELEASED_WITHIN_MS, seen);
  }

  /** @param looks at all releases, one after the other */
  async resync(looks: number): Promise<ResyncFigures> {
    const { plane, operator } = this;
    const mark = await markAudit(plane.auditLog);
    const figures: LookFigures[] = [];
    let cpuMs = usageOf(operator.pid).cpuMs;
    for (let look = 0; look < looks; look++) {
      await new Promise((resolve) => setTimeout(resolve, this.#intervalMs));
      const now = usageOf(operator.pid);
      figures.push({ cpuMs: now.cpuMs - cpuMs, residentMB: megabytes(now.rssMiB) });
      cpuMs = now.cpuMs;
    }
    const events = await auditSince(plane.auditLog, mark, AGENT);
    const asked = events.filter((event) => !isRenewal(event));
    return { looks: figures, writes: asked.filter(isWrite).length, requests: tally(asked) };
  }

  #see({ metadata, status = {} }: ReleaseObject): void {
    const { observedGeneration = 0, phase } = status;
    if (phase === 'Succeeded') this.#released.set(metadata.name, observedGeneration);
  }

  async #p99DelayMs(): Promise<number> {
    const text = await this.operator.metrics();
    const seconds = /^helm_operator_event_loop_delay_p99_seconds ([0-9.e-]+)/m.exec(text)?.[1];
    return Number(seconds) * 1000;
  }
}

interface ReleaseObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly observedGeneration?: number; readonly phase?: string };
}

function isWrite({ verb }: AuditEvent): boolean {
  return WRITES.includes(verb);
}
