// SPDX-License-Identifier: Apache-2.0

/** Our engine in this process, against a real control plane. */

import { fileURLToPath } from 'node:url';
import {
  type ActionContext,
  createSecretStorage,
  type Profile,
  RenderPool,
} from '@helm-operator/helm';
import { type ConnectedCluster, connect, loadKubeconfig, systemClock } from '@helm-operator/kube';

export interface Engine {
  readonly cluster: ConnectedCluster;
  readonly render: RenderPool;
  /** A context for actions on the releases of one namespace. */
  context(namespace: string, profile: Profile, change?: Partial<ActionContext>): ActionContext;
  close(): Promise<void>;
}

const RENDER_HOST = fileURLToPath(
  new URL('../../../packages/helm/src/render-host/main.ts', import.meta.url),
);

/** @param kubeconfig path */
export async function openEngine(kubeconfig: string): Promise<Engine> {
  const cluster = connect(await loadKubeconfig({ paths: [kubeconfig] }));
  const render = new RenderPool({
    nodePath: process.execPath,
    entryPath: RENDER_HOST,
    memoryLimitMiB: 512,
    timeLimitMs: 60_000,
    clock: systemClock,
  });
  return {
    cluster,
    render,
    context: (namespace, profile, change = {}) => {
      const used = change.cluster ?? cluster;
      return {
        cluster: used,
        storage: createSecretStorage({ cluster: used, namespace, profile, clock: systemClock }),
        render,
        clock: systemClock,
        signal: new AbortController().signal,
        log: () => {},
        reached: () => {},
        redact: (text) => text,
        holder: 'test',
        ...change,
      };
    },
    close: async () => {
      await render.close();
      cluster.close();
    },
  };
}
