// SPDX-License-Identifier: Apache-2.0

import { textAt } from '@helm-operator/kube';
import { READY, type ReadyRule, waiting } from '../ready.ts';

export const persistentVolumeClaimRule: ReadyRule = {
  check: (object) =>
    textAt(object, 'status.phase') === 'Bound'
      ? READY
      : waiting(`PersistentVolumeClaim is not bound: ${textAt(object, 'metadata.name')}`),
};
