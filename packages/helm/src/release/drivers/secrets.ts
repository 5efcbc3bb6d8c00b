// SPDX-License-Identifier: Apache-2.0

import type { ReleaseStorage } from '../storage.ts';
import { createObjectStorage, type DriverOptions, type ObjectShape } from './objects.ts';

const SHAPE: ObjectShape = {
  driver: 'secret',
  kind: 'Secret',
  // The API holds the bytes of the payload, as base64 once more.
  fieldsOf: (payload) => [
    ['type', 'helm.sh/release.v1'],
    ['data', new Map([['release', Buffer.from(payload, 'latin1').toString('base64')]])],
  ],
  payloadOf: (object) => {
    const data = object['data'];
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
    const text = data['release'];
    return typeof text === 'string' ? Buffer.from(text, 'base64').toString('latin1') : undefined;
  },
};

/** Records in Secrets of type `helm.sh/release.v1`: Helm's default. */
export function createSecretStorage(options: DriverOptions): ReleaseStorage {
  return createObjectStorage(SHAPE, options);
}
