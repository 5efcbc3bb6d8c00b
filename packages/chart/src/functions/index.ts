// SPDX-License-Identifier: Apache-2.0

/**
 * Every function a chart's templates can call without the engine itself.
 *
 * Source: Helm v3.22.0 and v4.2.1 pkg/engine/funcs.go over Masterminds/sprig v3.3.0 functions.go,
 *         less `env` and `expandenv`; `include`, `tpl`, `required` and `lookup` are bound by the engine.
 */

import type { FunctionTable, TemplateFunction } from '@helm-operator/gotemplate';
import type { Profile } from '../profile.ts';
import { certificateFunctions } from './certificates.ts';
import { cryptoFunctions } from './crypto.ts';
import { formatFunctions, strictFormatFunctions } from './data-formats.ts';
import { dateFunctions } from './dates.ts';
import { defaultFunctions } from './defaults.ts';
import { dictFunctions } from './dicts.ts';
import { encodingFunctions } from './encoding.ts';
import { listFunctions } from './lists.ts';
import { mathFunctions } from './math.ts';
import { networkFunctions } from './network.ts';
import { pathFunctions } from './paths.ts';
import type { FunctionPorts } from './ports.ts';
import { randomFunctions } from './random.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { stringFunctions } from './strings.ts';
import { typeFunctions } from './types.ts';
import { urlFunctions } from './urls.ts';

/** Functions that need nothing from outside. */
const pureFunctions: readonly TemplateFunction[] = [
  ...defaultFunctions,
  ...dictFunctions,
  ...encodingFunctions,
  ...formatFunctions,
  ...listFunctions,
  ...mathFunctions,
  ...pathFunctions,
  ...regexFunctions,
  ...semverFunctions,
  ...stringFunctions,
  ...typeFunctions,
  ...urlFunctions,
];

/** Tables by what they are made from. */
const tables = new WeakMap<FunctionPorts, Map<Profile, FunctionTable>>();

/** The function table of a profile: 216 names for Helm 3, 218 for Helm 4; the same one for the same ports. */
export function createFunctions(profile: Profile, ports: FunctionPorts): FunctionTable {
  const known = tables.get(ports) ?? new Map<Profile, FunctionTable>();
  const table = known.get(profile) ?? functionsOf(profile, ports);
  known.set(profile, table);
  tables.set(ports, known);
  return table;
}

function functionsOf(profile: Profile, ports: FunctionPorts): FunctionTable {
  const functions = [
    ...pureFunctions,
    ...certificateFunctions(ports),
    ...cryptoFunctions(ports),
    ...dateFunctions(ports),
    ...networkFunctions(ports),
    ...randomFunctions(ports),
    ...(profile === 'helm4' ? strictFormatFunctions : []),
  ];
  return new Map(functions.map((fn) => [fn.name, fn]));
}
