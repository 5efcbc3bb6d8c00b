// SPDX-License-Identifier: Apache-2.0

import { type KubeVersion, parseKubeVersion } from '@helm-operator/chart';
import { UsageError } from '../context.ts';

/** The value of `--kube-version`; empty is none. @throws {UsageError} with Helm's text */
export function readKubeVersion(text: string): KubeVersion | undefined {
  if (text === '') return undefined;
  try {
    return parseKubeVersion(text, 'helm3');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`invalid kube version '${text}': ${reason}`, { cause: error });
  }
}
