// SPDX-License-Identifier: Apache-2.0

/** Names on the network. Source: Helm v3.22.0 pkg/engine initFunMap; Masterminds/sprig v3.3.0 network.go */

import { types } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';
import type { FunctionPorts } from './ports.ts';
import { RandomSource } from './random-source.ts';

function hostByName(name: string, ports: FunctionPorts, source: RandomSource): string {
  if (ports.resolveHost === undefined) return '';
  const addresses = ports.resolveHost(name);
  if (addresses.length === 0) throw new FunctionError('invalid argument to Intn');
  return addresses[Number(source.below(BigInt(addresses.length)))] ?? '';
}

/** `getHostByName`: one of a host's addresses, "" where DNS is not enabled. */
export function networkFunctions(ports: FunctionPorts): readonly TemplateFunction[] {
  const source = new RandomSource(ports);
  return [
    define('getHostByName', ['string'], types.string, (name) => hostByName(name, ports, source)),
  ];
}
