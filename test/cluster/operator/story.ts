// SPDX-License-Identifier: Apache-2.0

/** What every story of the operator needs: a namespace, a chart repository, an operator that watches that namespace. */

import { fileURLToPath } from 'node:url';
import {
  type ChartRepository,
  packChart,
  startChartRepository,
} from '../../kit/chart-repository.ts';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { applyHelmRelease, type HelmReleaseSpec, installCrd } from '../../kit/helm-release.ts';
import {
  type OperatorOptions,
  type OperatorProcess,
  startOperator,
} from '../../kit/operator-process.ts';
import { clusterTest, makeNamespace } from '../../kit/shared-plane.ts';

export const WEB_CHART: string = fileURLToPath(
  new URL('../../../demo/charts/web', import.meta.url),
);

export const SMALL_CHART: string = fileURLToPath(
  new URL('../../../demo/charts/small', import.meta.url),
);

export interface Story {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly repository: ChartRepository;
  /** Starts an operator for this namespace; it is ended with the story. */
  operator(options?: Partial<OperatorOptions>): Promise<OperatorProcess>;
  /** Applies a HelmRelease of the demo chart; `spec` adds to it or replaces. Gives its generation. */
  apply(name: string, spec?: HelmReleaseSpec): Promise<number>;
  /** GET of an object of the namespace; `undefined` when it is absent. */
  get(resource: string): Promise<Record<string, unknown> | undefined>;
  /** UIDs of the namespace's pods, sorted. */
  podUids(): Promise<readonly string[]>;
}

/** A test on the shared control plane; whatever it started is stopped, also when it fails. */
export function story(name: string, tell: (story: Story) => Promise<void>, skip?: string): void {
  const run = async (plane: ControlPlane): Promise<void> => {
    await installCrd(plane);
    const namespace = await makeNamespace(plane, 'story');
    const repository = await startChartRepository([
      await packChart(WEB_CHART),
      await packChart(SMALL_CHART),
    ]);
    const operators: OperatorProcess[] = [];
    try {
      await tell({
        plane,
        namespace,
        repository,
        operator: async (options = {}) => {
          const operator = await startOperator({
            kubeconfig: plane.kubeconfig,
            namespace,
            ...options,
          });
          operators.push(operator);
          return operator;
        },
        apply: (release, spec = {}) =>
          applyHelmRelease(plane, namespace, release, {
            releaseName: release,
            chart: { repository: repository.url, name: 'web', version: '1.0.0' },
            timeout: 60,
            ...spec,
          }),
        get: async (resource) => {
          const { status, body } = await plane.call('GET', resource);
          return status === 200 ? (body as Record<string, unknown>) : undefined;
        },
        podUids: async () => {
          const { body } = await plane.call('GET', `/api/v1/namespaces/${namespace}/pods`);
          const { items } = body as { items: { metadata: { uid: string } }[] };
          return items.map(({ metadata }) => metadata.uid).sort();
        },
      });
    } catch (error) {
      const logs = operators.map((operator) => operator.log().slice(-4_000)).join('\n--\n');
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}\noperator log:\n${logs}`,
        {
          cause: error,
        },
      );
    } finally {
      for (const operator of operators) if (operator.exitCode() === null) await operator.kill();
      await repository.stop();
    }
  };
  clusterTest(name, run, skip);
}
