// SPDX-License-Identifier: Apache-2.0

import type { HelmReleaseStatus } from '@helm-operator/api';
import { encodeJson, type ValueMap } from '@helm-operator/gocompat';

/** The status of an object as it was read. */
export function statusOf(object: ValueMap): HelmReleaseStatus {
  const status = object.get('status');
  return status instanceof Map ? (JSON.parse(encodeJson(status)) as HelmReleaseStatus) : {};
}
