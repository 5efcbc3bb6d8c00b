// SPDX-License-Identifier: Apache-2.0

/** Notation envelopes made in the test. */

import { sign } from 'node:crypto';
import type { TestIdentity } from './x509.ts';

export interface EnvelopeOptions {
  readonly digest: string;
  readonly signer: TestIdentity;
  /** Besides the signer's, in order. */
  readonly chain?: readonly TestIdentity[] | undefined;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  readonly expiry?: string | undefined;
}

const PREFIX = 'io.cncf.notary.';

export function notationEnvelope(options: EnvelopeOptions): Record<string, unknown> {
  const { digest, signer, chain = [], header = {}, expiry } = options;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = part({
    targetArtifact: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: 1,
    },
  });
  const head = part({
    alg: 'ES256',
    crit: [`${PREFIX}signingScheme`, ...(expiry === undefined ? [] : [`${PREFIX}expiry`])],
    cty: 'application/vnd.cncf.notary.payload.v1+json',
    [`${PREFIX}signingScheme`]: 'notary.x509',
    [`${PREFIX}signingTime`]: new Date().toISOString(),
    ...(expiry === undefined ? {} : { [`${PREFIX}expiry`]: expiry }),
    ...header,
  });
  const signature = sign('sha256', Buffer.from(`${head}.${payload}`), {
    key: signer.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return {
    payload,
    protected: head,
    header: {
      x5c: [signer, ...chain].map(({ der }) => der.toString('base64')),
      [`${PREFIX}signingAgent`]: 'test',
    },
    signature: signature.toString('base64url'),
  };
}
