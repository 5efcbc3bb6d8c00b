// SPDX-License-Identifier: Apache-2.0

/** The drafts of JSON schema. Source: github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 draft.go */

import type { JsonObject } from './document.ts';
import { splitFragment } from './uri.ts';

export type DraftVersion = 4 | 6 | 7 | 2019 | 2020;

export interface Draft {
  readonly version: DraftVersion;
  readonly url: string;
  /** The keyword that names a schema. */
  readonly idKeyword: string;
  /** Where schemas stand inside a schema; `*`: all properties, `[]`: all items. */
  readonly subschemas: readonly string[];
  readonly defaultVocabularies: readonly string[];
}

const SUBSCHEMAS_4 = [
  'definitions/*',
  'not',
  'allOf/[]',
  'anyOf/[]',
  'oneOf/[]',
  'properties/*',
  'additionalProperties',
  'patternProperties/*',
  'items',
  'items/[]',
  'additionalItems',
  'dependencies/*',
];
const SUBSCHEMAS_6 = [...SUBSCHEMAS_4, 'propertyNames', 'contains'];
const SUBSCHEMAS_7 = [...SUBSCHEMAS_6, 'if', 'then', 'else'];
const SUBSCHEMAS_2019 = [
  ...SUBSCHEMAS_7,
  '$defs/*',
  'dependentSchemas/*',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentSchema',
];

export const DRAFT_2020: Draft = {
  version: 2020,
  url: 'https://json-schema.org/draft/2020-12/schema',
  idKeyword: '$id',
  subschemas: [...SUBSCHEMAS_2019, 'prefixItems/[]'],
  defaultVocabularies: ['core', 'applicator', 'unevaluated', 'validation'],
};

const DRAFTS = new Map<string, Draft>(
  [
    DRAFT_2020,
    {
      version: 2019,
      url: 'https://json-schema.org/draft/2019-09/schema',
      idKeyword: '$id',
      subschemas: SUBSCHEMAS_2019,
      defaultVocabularies: ['core', 'applicator', 'validation'],
    } as const,
    {
      version: 7,
      url: 'http://json-schema.org/draft-07/schema',
      idKeyword: '$id',
      subschemas: SUBSCHEMAS_7,
      defaultVocabularies: [],
    } as const,
    {
      version: 6,
      url: 'http://json-schema.org/draft-06/schema',
      idKeyword: '$id',
      subschemas: SUBSCHEMAS_6,
      defaultVocabularies: [],
    } as const,
    {
      version: 4,
      url: 'http://json-schema.org/draft-04/schema',
      idKeyword: 'id',
      subschemas: SUBSCHEMAS_4,
      defaultVocabularies: [],
    } as const,
  ].map((draft): [string, Draft] => [draft.url.replace(/^https?:\/\//, ''), draft]),
);

/** The draft a `$schema` names; `undefined`: another metaschema. */
export function draftOf(schemaUri: string): Draft | undefined {
  const [uri, fragment] = splitFragment(schemaUri);
  if (fragment !== '') return undefined;
  const name = uri.replace(/^https?:\/\//, '');
  return name === 'json-schema.org/schema' ? DRAFT_2020 : DRAFTS.get(name);
}

/** The name an object gives itself, without fragment; empty: none. */
export function idOf(draft: Draft, object: JsonObject): string {
  if (draft.version < 2019 && object.has('$ref')) return '';
  const id = object.get(draft.idKeyword);
  return typeof id === 'string' ? splitFragment(id)[0] : '';
}
