// SPDX-License-Identifier: Apache-2.0

/** What a user says, as layers of values. */

import { ChartError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import type { DocumentLayer, SetLayer } from '../values/compose.ts';
import { readValuesWithLines } from '../values/read-values.ts';
import type { SetMode } from '../values/set.ts';
import { isTable } from '../values/tables.ts';
import { valueFrom } from './plain-value.ts';

/** What is known of a layer beside its values. */
export interface LayerOptions {
  /** What the layer is called in explanations: a file name, a flag. */
  readonly origin?: string | undefined;
  /** Its leaves are masked by the redactor of `composeValues`. */
  readonly isSecret?: boolean | undefined;
}

/**
 * The values of a YAML (or JSON) text, as of `helm -f FILE`. `profile` `helm4` merges all documents; `helm3`, the default, reads the first.
 *
 * @throws {YamlError | ChartError} `gocompat/yaml`, `chart/values` with Helm's text
 */
export function yamlLayer(
  text: string,
  options: LayerOptions & { readonly profile?: Profile | undefined } = {},
): DocumentLayer {
  const { origin = 'values.yaml', isSecret = false } = options;
  return { origin, isSecret, ...readValuesWithLines(text, options.profile) };
}

/**
 * The values of a JavaScript object. Numbers are floating point, as in Helm's values; a `bigint` is an integer; `undefined` is left out.
 *
 * @throws {ChartError} `chart/values`: no object, or something in it that is no data
 */
export function objectLayer(data: object, options: LayerOptions = {}): DocumentLayer {
  const { origin = 'object', isSecret = false } = options;
  const values = valueFrom(data);
  if (!isTable(values)) throw new ChartError('chart/values', 'values are no object');
  return { origin, isSecret, values };
}

/**
 * `name=value,…` as of `helm --set`; `mode` `string`, `json` and `literal` as of `--set-string`, `--set-json` and `--set-literal`.
 *
 * @param line read by `composeValues`, which throws `chart/set` with Helm's text
 */
export function setLayer(
  line: string,
  options: LayerOptions & { readonly mode?: Exclude<SetMode, 'file'> | undefined } = {},
): SetLayer {
  const { origin = '--set', isSecret = false, mode = 'typed' } = options;
  return { origin, isSecret, set: { line, mode } };
}
