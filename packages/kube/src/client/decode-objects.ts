// SPDX-License-Identifier: Apache-2.0

import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { JsonObject } from '../cluster.ts';
import { KubeError } from '../errors.ts';

/** An object with its numbers as the API server wrote them. @throws {KubeError} `kube/response` */
export function decodeObject(body: Buffer, doing: string): ValueMap {
  let value: unknown;
  try {
    value = decodeJson(body.toString('utf8'), { numbers: 'int64orFloat64' });
  } catch (error) {
    throw notJson(doing, error);
  }
  if (value instanceof Map) return value;
  throw notJson(doing, undefined);
}

/** An object as plain JSON. @throws {KubeError} `kube/response` */
export function decodeJsonObject(body: Buffer, doing: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw notJson(doing, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw notJson(doing, undefined);
}

function notJson(doing: string, cause: unknown): KubeError {
  return new KubeError({
    code: 'kube/response',
    message: `${doing}: the answer is not a JSON object; is the address that of a Kubernetes API server?`,
    cause,
  });
}
