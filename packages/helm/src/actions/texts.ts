// SPDX-License-Identifier: Apache-2.0

import { quote } from '@helm-operator/gocompat';
import type { Profile } from './options.ts';

/** Sentences that Helm 3.22 and 4.2 word differently. */
export interface Texts {
  readonly unreachable: string;
  readonly nameInUse: string;
  readonly wrongName: (name: string, problem: string) => string;
  readonly dependencies: (problem: string) => string;
  readonly cannotInstall: string;
  readonly cannotUpdate: string;
  readonly atomic: string;
  readonly hideNeedsDryRun: string;
  /** Goes before the list of what failed in parallel. */
  readonly joinErrors: (messages: readonly string[]) => string;
}

const HELM3: Texts = {
  unreachable: 'Kubernetes cluster unreachable',
  nameInUse: 'cannot re-use a name that is still in use',
  wrongName: (name, problem) => `release name ${quote(name)}: ${problem}`,
  dependencies: (problem) => problem,
  cannotInstall: 'Unable to continue with install',
  cannotUpdate: 'Unable to continue with update',
  atomic: 'atomic',
  hideNeedsDryRun: 'Hiding Kubernetes secrets requires a dry-run mode',
  joinErrors: (messages) => {
    const head = messages.length === 1 ? '1 error occurred' : `${messages.length} errors occurred`;
    return `${head}:\n${messages.map((message) => `\t* ${message}`).join('\n')}\n\n`;
  },
};

const HELM4: Texts = {
  unreachable: 'cluster reachability check failed: kubernetes cluster unreachable',
  nameInUse: 'release name check failed: cannot reuse a name that is still in use',
  wrongName: (name, problem) =>
    `release name check failed: release name ${quote(name)}: ${problem}`,
  dependencies: (problem) => `chart dependencies processing failed: ${problem}`,
  cannotInstall: 'unable to continue with install',
  cannotUpdate: 'unable to continue with update',
  atomic: 'rollback-on-failure',
  hideNeedsDryRun: 'hiding Kubernetes secrets requires a dry-run mode',
  joinErrors: (messages) => messages.join('\n'),
};

export function textsFor(profile: Profile): Texts {
  return profile === 'helm3' ? HELM3 : HELM4;
}
