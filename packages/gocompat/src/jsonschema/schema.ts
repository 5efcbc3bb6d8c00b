// SPDX-License-Identifier: Apache-2.0
import type { Json } from './document.ts';
import type { DraftVersion } from './drafts.ts';
import type { Numeral } from './numeral.ts';

/** The types of JSON, in the order in which errors name them. */
export const TYPE_NAMES = [
  'null',
  'boolean',
  'number',
  'integer',
  'string',
  'array',
  'object',
] as const;

export type TypeName = (typeof TYPE_NAMES)[number];

/** A regular expression and its text. */
export interface Pattern {
  readonly text: string;
  readonly matches: (text: string) => boolean;
}

export interface Format {
  readonly name: string;
  /** What is wrong with a string; empty: nothing. */
  readonly problem: (text: string) => string;
}

/** A compiled schema; keywords that are absent do not constrain. */
export interface Schema {
  /** Its place, as errors name it. */
  readonly location: string;
  readonly version: DraftVersion;
  /** `true` and `false`, which allow everything and nothing. */
  bool?: boolean;
  /** The schema of the resource this one lies in. */
  resource: Schema;
  dynamicAnchors: Map<string, Schema>;
  recursiveAnchor?: boolean;
  dynamicAnchor?: string;

  ref?: Schema;
  recursiveRef?: Schema;
  dynamicRef?: { readonly target: Schema; readonly anchor: string };

  types?: readonly TypeName[];
  constant?: Json;
  enum?: readonly Json[];
  format?: Format;

  not?: Schema;
  allOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;

  minProperties?: number;
  maxProperties?: number;
  required?: readonly string[];
  properties?: ReadonlyMap<string, Schema>;
  patternProperties?: readonly (readonly [Pattern, Schema])[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  dependencies?: ReadonlyMap<string, readonly string[] | Schema>;
  dependentSchemas?: ReadonlyMap<string, Schema>;
  dependentRequired?: ReadonlyMap<string, readonly string[]>;
  unevaluatedProperties?: Schema;

  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** `items` as a list (before 2020-12) or `prefixItems`. */
  prefixItems?: readonly Schema[];
  items?: Schema;
  additionalItems?: boolean | Schema;
  contains?: Schema;
  minContains?: number;
  maxContains?: number;
  unevaluatedItems?: Schema;

  minLength?: number;
  maxLength?: number;
  pattern?: Pattern;

  minimum?: Numeral;
  maximum?: Numeral;
  exclusiveMinimum?: Numeral;
  exclusiveMaximum?: Numeral;
  multipleOf?: Numeral;

  /** Every property, or every item, counts as evaluated. */
  allPropertiesEvaluated: boolean;
  allItemsEvaluated: boolean;
  /** Items that count as evaluated from the start. */
  evaluatedItems: number;
}
