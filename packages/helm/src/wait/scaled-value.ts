// SPDX-License-Identifier: Apache-2.0

import type { Json } from '@helm-operator/kube';

/**
 * An absolute number or a share of `total`.
 *
 * @returns `undefined` when it is neither
 * Source: apimachinery v0.37.0 pkg/util/intstr GetScaledValueFromIntOrPercent
 */
export function scaledValue(
  value: Json | undefined,
  total: number,
  rounding: 'up' | 'down',
): number | undefined {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? /^(\d+)%$/.exec(value) : null;
  if (match?.[1] === undefined) return undefined;
  const share = (Number(match[1]) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
