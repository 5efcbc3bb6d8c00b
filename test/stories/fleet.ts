// SPDX-License-Identifier: Apache-2.0

/** Many releases of one small chart in one namespace: applied, changed, and seen the moment they settle. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChartRepository, packChart, startChartRepository } from '../kit/chart-repository.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { applyHelmRelease, installCrd, until } from '../kit/helm-release.ts';
import { inParallel } from '../kit/in-parallel.ts';
import {
  type OperatorOptions,
  type OperatorProcess,
  startOperator,
} from '../kit/operator-process.ts';
import { makeNamespace } from '../kit/shared-plane.ts';
import { type ObjectWatch, watchObjects } from '../kit/watch-objects.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The operator as it is shipped. */
export const BUNDLE: string = join(root, 'dist/npm/bundle/main.js');
const SMALL_CHART = join(root, 'demo/charts/small');
/** Requests of the kit that are under way together. */
const WRITERS = 8;

/** All rows, as users run the operator (bundled); else small samples, from source. */
export const IS_LONG: boolean = process.env['LONG'] === 'true';

/** A number that the environment may change. */
export function parameter(name: string, long: number, short: number): number {
  return Number(process.env[name] ?? (IS_LONG ? long : short));
}

interface ReleaseObject {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** A HelmRelease as it was last seen. */
interface ReleaseView {
  readonly generation: number;
  /** Its newest generation is released. */
  readonly isReleased: boolean;
}

export class Fleet {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly repository: ChartRepository;
  readonly names: readonly string[];
  readonly #views = new Map<string, ReleaseView>();
  /** Generation each was last applied with. */
  readonly #wanted = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #watch: ObjectWatch;
  readonly #operators: OperatorProcess[] = [];

  private constructor(fields: Pick<Fleet, 'plane' | 'namespace' | 'repository' | 'names'>) {
    this.plane = fields.plane;
    this.namespace = fields.namespace;
    this.repository = fields.repository;
    this.names = fields.names;
    const path = `/apis/helm.fluxcd.io/v1/namespaces/${this.namespace}/helmreleases`;
    this.#watch = watchObjects<ReleaseObject>(this.plane, path, (object) => this.#see(object));
  }

  /** @param changes text of chart files that replace or join those of the small chart */
  static async open(
    plane: ControlPlane,
    count: number,
    changes: ReadonlyMap<string, string> = new Map(),
  ): Promise<Fleet> {
    await installCrd(plane);
    return new Fleet({
      plane,
      namespace: await makeNamespace(plane, 'fleet'),
      repository: await startChartRepository([await packChart(SMALL_CHART, changes)]),
      names: Array.from({ length: count }, (_, i) => `small-${i}`),
    });
  }

  async close(): Promise<void> {
    this.#watch.stop();
    for (const operator of this.#operators) if (operator.exitCode() === null) await operator.kill();
    await this.repository.stop();
  }

  /** As users run it: the bundled command, with its defaults. */
  async operator(options: Partial<OperatorOptions> = {}): Promise<OperatorProcess> {
    if (IS_LONG && !existsSync(BUNDLE))
      throw new Error('there is no bundle: run `npm run build` first');
    const { plane, namespace } = this;
    const main = IS_LONG ? { main: BUNDLE } : {};
    const operator = await startOperator({
      ...{ kubeconfig: plane.kubeconfig, namespace },
      ...main,
      ...options,
    });
    this.#operators.push(operator);
    return operator;
  }

  #see({ metadata, status = {} }: ReleaseObject): void {
    const isReleased =
      status.observedGeneration === metadata.generation &&
      status.conditions?.some(({ type, status: is }) => type === 'Released' && is === 'True') ===
        true;
    this.#views.set(metadata.name, { generation: metadata.generation, isReleased });
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns the generation that says so */
  async apply(name: string, message: string): Promise<number> {
    const generation = await applyHelmRelease(this.plane, this.namespace, name, {
      releaseName: name,
      chart: { repository: this.repository.url, name: 'small', version: '1.0.0' },
      values: { message },
    });
    this.#wanted.set(name, generation);
    return generation;
  }

  /** Applies one message to all. */
  async applyAll(message: string): Promise<void> {
    await inParallel(this.names, WRITERS, (name) => this.apply(name, message));
  }

  #isReleased(name: string): boolean {
    const view = this.#views.get(name);
    return view?.isReleased === true && view.generation >= (this.#wanted.get(name) ?? 0);
  }

  /** How many are released as they were last applied. */
  releasedCount(): number {
    return this.names.filter((name) => this.#isReleased(name)).length;
  }

  /** Waits until all are released as they were last applied. */
  async untilReleased(withinMs: number): Promise<void> {
    const isOver = async (): Promise<boolean> => this.releasedCount() === this.names.length;
    const seen = () => {
      const missing = this.names.filter((name) => !this.#isReleased(name));
      const logs = this.#operators.map((operator) => operator.log().slice(-2_000)).join('\n--\n');
      return `${missing.length} are not, among them ${missing.slice(0, 5).join(', ')}\n${logs}`;
    };
    await until('all are released', isOver, withinMs, seen);
  }

  /** @returns when the watch told that it is released as it was last applied, as `performance.now()` */
  async releasedAt(name: string, withinMs: number): Promise<number> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`${name} is not released within ${withinMs} ms`));
      }, withinMs);
      const look = () => {
        if (!this.#isReleased(name)) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(performance.now());
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** The message each release's ConfigMap holds. */
  async liveMessages(): Promise<ReadonlyMap<string, string>> {
    const path = `/api/v1/namespaces/${this.namespace}/configmaps`;
    const { body } = await this.plane.call('GET', path);
    const { items } = body as {
      items: { metadata: { name: string }; data?: { message?: string } }[];
    };
    return new Map(items.map(({ metadata, data }) => [metadata.name, data?.message ?? '']));
  }
}

/** The value below which a share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
