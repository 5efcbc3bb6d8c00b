// SPDX-License-Identifier: Apache-2.0

import { KubeError } from '../errors.ts';

/** The server does not serve this kind. The sentence is that of apimachinery's `NoKindMatchError`, as `helm` prints it. */
export function unknownKind(
  doing: string,
  apiVersion: string,
  kind: string,
  cause?: unknown,
): KubeError {
  const serverMessage = `no matches for kind "${kind}" in version "${apiVersion}"`;
  return new KubeError({
    code: 'kube/unknown-kind',
    message: `${doing}: ${serverMessage}; ensure CRDs are installed first`,
    serverMessage,
    cause,
  });
}
