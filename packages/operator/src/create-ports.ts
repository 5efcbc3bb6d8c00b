// SPDX-License-Identifier: Apache-2.0

/** The real ports: a cluster over the network, a render child, charts from repositories. */

import { DEFAULT_HOST_LIMITS, type RenderHostLimits, RenderPool } from '@helm-operator/helm';
import {
  type ConnectedCluster,
  connect,
  isKubeError,
  type KubeConfig,
  systemClock,
} from '@helm-operator/kube';
import type { ChartSource } from './inputs/chart.ts';
import {
  createChartSource,
  DEFAULT_SOURCE_OPTIONS,
  type SourceOptions,
} from './inputs/chart-source.ts';
import type { Logger } from './logging/logger.ts';
import type { OperatorPorts } from './ports.ts';

export interface CreatePortsOptions {
  readonly kubeConfig: KubeConfig;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** The Node that renders, and the file it runs. */
  readonly nodePath: string;
  readonly renderEntry: string;
  readonly sources?: SourceOptions | undefined;
  /** Limits of the render host. */
  readonly rendering?: RenderHostLimits | undefined;
}

/** The ports and what ends them. */
export interface RealPorts {
  readonly ports: OperatorPorts;
  readonly cluster: ConnectedCluster;
  close(): Promise<void>;
}

export function createPorts(options: CreatePortsOptions): RealPorts {
  const { log, version, env } = options;
  const cluster = connect(options.kubeConfig, {
    version,
    env,
    onTrouble: (error, doing) => {
      const level = isKubeError(error, 'kube/forbidden') ? 'warning' : 'debug';
      log[level]('watch interrupted', { doing, err: error.message });
    },
    onWarning: (warning, doing) => log.info('the API server warns', { doing, warning }),
  });
  const render = new RenderPool({
    nodePath: options.nodePath,
    entryPath: options.renderEntry,
    ...(options.rendering ?? DEFAULT_HOST_LIMITS),
    timeZone: env['TZ'],
    clock: systemClock,
  });
  const charts: ChartSource = createChartSource(options.sources ?? DEFAULT_SOURCE_OPTIONS, {
    cluster,
    version,
    env,
    log,
  });
  return {
    cluster,
    ports: { cluster, render, charts, clock: systemClock, random: Math.random, log },
    close: async () => {
      await render.close();
      cluster.close();
    },
  };
}
