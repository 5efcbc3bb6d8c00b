// SPDX-License-Identifier: Apache-2.0

import type { RenderPort, Step } from '@helm-operator/helm';
import type { Clock, Cluster } from '@helm-operator/kube';
import type { ChartSource } from './inputs/chart.ts';
import type { Logger } from './logging/logger.ts';

/** The world as the operator sees it. */
export interface OperatorPorts {
  readonly cluster: Cluster;
  readonly render: RenderPort;
  readonly charts: ChartSource;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Called at each step of an action, with the HelmRelease it belongs to: the journal; fault injection in tests. */
  readonly reached?: ((key: string, step: Step) => void) | undefined;
}
