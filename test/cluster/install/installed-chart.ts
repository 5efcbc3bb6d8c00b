// SPDX-License-Identifier: Apache-2.0

/** The operator's chart, installed into the namespace of a story for what it gives an operator: flags and an account with its rights. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runCli } from '../../kit/run-cli.ts';
import type { Story } from '../operator/story.ts';

export const OPERATOR_CHART: string = join(
  import.meta.dirname,
  '../../../deploy/chart/helm-operator',
);

export interface InstalledChart {
  /** Flags of the operator's container. */
  readonly args: readonly string[];
  /** Its service account. */
  readonly account: { readonly namespace: string; readonly name: string; readonly uid: string };
  uninstall(): Promise<void>;
}

/** @param settings as `--set` takes them */
export async function installChart(
  { plane, namespace }: Story,
  settings: readonly string[],
): Promise<InstalledChart> {
  const release = `op-${namespace}`;
  const name = `${release}-helm-operator`;
  const env = { KUBECONFIG: plane.kubeconfig };
  const set = settings.flatMap((setting) => ['--set', setting]);
  const install = ['helm', 'install', release, OPERATOR_CHART, '--skip-crds', '-n', namespace];
  const { code, stderr } = await runCli([...install, ...set], { env });
  assert.equal(code, 0, stderr);
  const { body } = await plane.call(
    'GET',
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
  );
  const { spec } = body as {
    spec: { template: { spec: { containers: { args: string[] }[]; serviceAccountName: string } } };
  };
  assert.equal(spec.template.spec.serviceAccountName, name);
  const account = await plane.call(
    'GET',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`,
  );
  const { uid } = (account.body as { metadata: { uid: string } }).metadata;
  return {
    args: spec.template.spec.containers[0]?.args ?? [],
    account: { namespace, name, uid },
    uninstall: async () => {
      await runCli(['helm', 'uninstall', release, '-n', namespace], { env });
    },
  };
}
