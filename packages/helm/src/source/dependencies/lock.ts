// SPDX-License-Identifier: Apache-2.0

/** Chart.lock: its digest and its text. Source: helm v3.22.0 internal/resolver/resolver.go (HashReq, HashV2Req), pkg/downloader/manager.go (writeLock). */

import {
  type ChartDependency,
  type ChartLock,
  dependencyJson,
  lockJson,
} from '@helm-operator/chart';
import { digestOf } from '@helm-operator/fetch';
import { decodeJson, encodeYaml } from '@helm-operator/gocompat';

/** `undefined`: Go's nil, which it writes as `null`. */
type List = readonly ChartDependency[] | undefined;

function listJson(list: List): string {
  return list === undefined ? 'null' : `[${list.map(dependencyJson).join(',')}]`;
}

/** Of what Chart.yaml wants and what was chosen for it; changes when either does. */
export function lockDigest(requirements: List, locked: List): string {
  return digestOf(`[${listJson(requirements)},${listJson(locked)}]`);
}

/** As Helm 2 computed it, of requirements.yaml alone. */
export function helm2LockDigest(requirements: List): string {
  return digestOf(`{"dependencies":${listJson(requirements)}}`);
}

/** The file's text. */
export function encodeLock(lock: ChartLock): string {
  return encodeYaml(decodeJson(lockJson(lock)));
}
