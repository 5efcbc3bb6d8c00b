// SPDX-License-Identifier: Apache-2.0

/** No subcommand: runs the operator until it is told to stop. */

import { inClusterConfig, type KubeConfig, loadKubeconfig } from '@helm-operator/kube';
import { createLogger, createPorts, runOperator } from '@helm-operator/operator';
import type { CliContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { hostLimits } from './flags/limits.ts';
import { readOperatorFlags } from './operator-flags.ts';

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** @returns the exit code @throws {UsageError} a flag is wrong @throws {KubeError} `kube/config` */
export async function runOperatorCommand(
  given: ReadonlyMap<string, string>,
  context: CliContext,
): Promise<number> {
  const isInCluster = context.env.has('KUBERNETES_SERVICE_HOST');
  const flags = readOperatorFlags(given, {
    env: context.env,
    isInCluster,
    podNamespace: isInCluster ? (await context.readText(NAMESPACE_FILE))?.trim() : undefined,
    identity: context.identity,
  });
  const log = createLogger({
    format: flags.options.logFormat,
    write: context.stderr,
    now: () => new Date().toISOString(),
  });
  for (const warning of flags.warnings) log.warning(warning, { component: 'helm-operator' });
  const { ports, close } = createPorts({
    kubeConfig: await kubeConfigOf(flags, context, isInCluster),
    version: context.version,
    env: Object.fromEntries(context.env),
    log,
    nodePath: context.nodePath,
    renderEntry: context.renderEntry,
    sources: flags.sources,
    rendering: hostLimits(flags.renderLimits),
  });
  try {
    const end = await runOperator(flags.options, ports, context.signal);
    log.info('exiting...', { end });
    return end === 'lost' ? EXIT.failed : EXIT.good;
  } finally {
    await close();
  }
}

async function kubeConfigOf(
  { kubeconfig, master }: { readonly kubeconfig: string; readonly master: string },
  context: CliContext,
  isInCluster: boolean,
): Promise<KubeConfig> {
  const overrides = master === '' ? {} : { server: master };
  if (kubeconfig !== '' || master !== '') {
    const paths = kubeconfig === '' ? [] : [kubeconfig];
    return await loadKubeconfig({ paths, mustExist: kubeconfig !== '', overrides });
  }
  if (isInCluster) return await inClusterConfig({ env: Object.fromEntries(context.env) });
  return await loadKubeconfig({ paths: context.kubeconfigPaths });
}
