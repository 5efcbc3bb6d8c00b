// SPDX-License-Identifier: Apache-2.0

import type { ReleaseStorage } from '../storage.ts';
import { createObjectStorage, type DriverOptions, type ObjectShape } from './objects.ts';

const SHAPE: ObjectShape = {
  driver: 'configmap',
  kind: 'ConfigMap',
  fieldsOf: (payload) => [['data', new Map([['release', payload]])]],
  payloadOf: (object) => {
    const data = object['data'];
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
    const text = data['release'];
    return typeof text === 'string' ? text : undefined;
  },
};

/** Records in ConfigMaps: `HELM_DRIVER=configmap`. */
export function createConfigMapStorage(options: DriverOptions): ReleaseStorage {
  return createObjectStorage(SHAPE, options);
}
