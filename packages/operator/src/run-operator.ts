// SPDX-License-Identifier: Apache-2.0

/** Puts the operator together and runs it until it is told to stop. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EventRecorder, isKubeError, runLeaderElection } from '@helm-operator/kube';
import { Controller } from './controller/controller.ts';
import { ServedKinds } from './controller/served-kinds.ts';
import { showsToken } from './health/api-token.ts';
import { serveHealth } from './health/server.ts';
import { Metrics } from './metrics/metrics.ts';
import type { OperatorOptions } from './options.ts';
import type { OperatorPorts } from './ports.ts';
import { Reporter } from './reconcile/report.ts';

/** Name of the Lease that a running operator holds. */
export const LEASE_NAME = 'helm-operator';

/**
 * Runs until the signal is aborted, or the Lease is lost.
 *
 * @returns `lost` when another one leads now: the process should end and be started anew
 */
export async function runOperator(
  options: OperatorOptions,
  ports: OperatorPorts,
  signal: AbortSignal,
): Promise<'stopped' | 'lost'> {
  const { cluster, clock, random, log } = ports;
  const metrics = new Metrics();
  const events = new EventRecorder({
    cluster,
    clock,
    random,
    component: 'helm-operator',
    onTrouble: (error) => log.warning('an event could not be written', { err: String(error) }),
  });
  const kinds = new ServedKinds({ ...ports, onDefinitionDeletion: options.onDefinitionDeletion });
  const reporter = new Reporter({
    cluster,
    clock,
    events,
    metrics,
    isOurs: (apiVersion) => kinds.isOurs(apiVersion),
  });
  const controller = new Controller({ options, ports, reporter, metrics, kinds });
  let isLeading = !options.mustElectLeader;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const server =
    options.listen === ''
      ? undefined
      : await serveHealth({
          listen: options.listen,
          metrics,
          // One that waits for the Lease is ready to take over.
          isReady: () => !isLeading || controller.isReady,
          isAllowed: (authorization) =>
            showsToken(options.apiTokenFile, authorization).catch((error: unknown) => {
              log.error('the token of the API cannot be read', { err: String(error) });
              return false;
            }),
          syncGit: () => {
            ports.charts.forgetListings?.();
            controller.lookAtGit();
          },
          refresh: () => metrics.eventLoopDelay(delay.percentile(99) / 1e6),
        });
  try {
    if (!options.mustElectLeader) {
      await controller.run(signal);
      return 'stopped';
    }
    const refused = new AbortController();
    const end = await runLeaderElection({
      cluster,
      clock,
      random,
      signal: AbortSignal.any([signal, refused.signal]),
      namespace: options.leaderElectionNamespace,
      name: LEASE_NAME,
      identity: options.identity,
      mustRelease: true,
      lead: async (leading) => {
        isLeading = true;
        await controller.run(leading);
      },
      onLeader: (identity) => log.info('leader seen', { identity }),
      onTrouble: (error) => {
        log.warning('leader election', { err: String(error) });
        // Rights of old: they know no Leases.
        if (!isLeading && isKubeError(error, 'kube/forbidden')) refused.abort(error);
      },
    });
    if (!refused.signal.aborted || signal.aborted) return end;
    log.warning(
      'Leases may not be used: running without leader election; run one replica only, or allow get, create and update on leases.coordination.k8s.io',
      { component: 'operator', namespace: options.leaderElectionNamespace },
    );
    isLeading = true;
    await controller.run(signal);
    return 'stopped';
  } finally {
    delay.disable();
    server?.closeAllConnections();
    server?.close();
  }
}
