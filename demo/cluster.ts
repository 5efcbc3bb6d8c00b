// SPDX-License-Identifier: Apache-2.0

/** Where the demo plays: a control plane of its own, or a cluster that a kubeconfig names. */

import { readFileSync } from 'node:fs';
import { startControlPlane } from '../test/kit/control-plane/control-plane.ts';
import { type JsonObject, kubectlJson, mustKubectl } from './kubectl.ts';
import { line } from './terminal.ts';

export interface Stage {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Is it ours alone? Then the real Helm may list all of it. */
  readonly isOwn: boolean;
  end(): Promise<void>;
}

const CRD = new URL('../deploy/crds/helm.fluxcd.io_helmreleases.yaml', import.meta.url);
const CRD_NAME = 'helmreleases.helm.fluxcd.io';

/** A fresh control plane, with the CRD and a namespace. */
export async function ownStage(): Promise<Stage> {
  const plane = await startControlPlane({ report: line });
  const stage: Stage = {
    kubeconfig: plane.kubeconfig,
    namespace: 'demo',
    isOwn: true,
    end: () => plane.stop(),
  };
  await prepare(stage);
  return stage;
}

/**
 * A namespace of its own in a cluster that is there; it removes what it made.
 *
 * @throws {Error} when a HelmRelease exists that is not the demo's: the demo's operator must not meet it
 */
export async function borrowedStage(kubeconfig: string): Promise<Stage> {
  const namespace = `helm-operator-demo-${Date.now().toString(36)}`;
  const hadCrd = (await kubectlJson(kubeconfig, ['get', 'crd', CRD_NAME])) !== undefined;
  if (hadCrd) await refuseOthers(kubeconfig);
  const stage: Stage = {
    kubeconfig,
    namespace,
    isOwn: false,
    end: async () => {
      await mustKubectl(kubeconfig, [
        'delete',
        'namespace',
        namespace,
        '--ignore-not-found',
        '--wait=false',
      ]);
      if (!hadCrd) await mustKubectl(kubeconfig, ['delete', 'crd', CRD_NAME, '--ignore-not-found']);
    },
  };
  await prepare(stage);
  return stage;
}

async function refuseOthers(kubeconfig: string): Promise<void> {
  const found = await kubectlJson(kubeconfig, ['get', CRD_NAME, '--all-namespaces']);
  const items = (found?.['items'] ?? []) as JsonObject[];
  if (items.length === 0) return;
  const names = items.map((item) => {
    const { namespace, name } = item['metadata'] as { namespace: string; name: string };
    return `${namespace}/${name}`;
  });
  throw new Error(
    `this cluster has HelmReleases that are not the demo's (${names.slice(0, 3).join(', ')}): use a cluster without any, or no --kubeconfig`,
  );
}

async function prepare({ kubeconfig, namespace }: Stage): Promise<void> {
  await mustKubectl(kubeconfig, ['apply', '-f', '-'], readFileSync(CRD, 'utf8'));
  await mustKubectl(kubeconfig, [
    'wait',
    '--for=condition=Established',
    `crd/${CRD_NAME}`,
    '--timeout=30s',
  ]);
  await mustKubectl(kubeconfig, ['create', 'namespace', namespace]);
  await mustKubectl(kubeconfig, [
    'wait',
    '--for=create',
    'serviceaccount/default',
    '-n',
    namespace,
    '--timeout=30s',
  ]);
}
