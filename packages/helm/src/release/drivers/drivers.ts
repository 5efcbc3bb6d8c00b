// SPDX-License-Identifier: Apache-2.0

import type { ReleaseStorage } from '../storage.ts';
import { createConfigMapStorage } from './configmaps.ts';
import { createMemoryStorage } from './memory.ts';
import type { DriverOptions } from './objects.ts';
import { createSecretStorage } from './secrets.ts';

/** Every storage driver, by the name `HELM_DRIVER` gives it. */
export const STORAGE_DRIVERS: ReadonlyMap<string, (options: DriverOptions) => ReleaseStorage> =
  new Map([
    ['secret', createSecretStorage],
    ['configmap', createConfigMapStorage],
    ['memory', createMemoryStorage],
  ]);
