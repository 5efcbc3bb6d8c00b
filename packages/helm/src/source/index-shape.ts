// SPDX-License-Identifier: Apache-2.0

/**
 * What may stand in an index, and Go's words for what may not.
 *
 * Source:  helm v3.22.0 pkg/repo/index.go (IndexFile, ChartVersion), pkg/chart (Metadata, Dependency, Maintainer);
 *          Go 1.26 encoding/json, sigs.k8s.io/yaml v1.6.0 (UnmarshalStrict)
 * Differs: where Go stops at a bad time before it comes to other faults, the first fault in the order of Go's keys is named.
 */

import {
  Int,
  loadZone,
  parseInstant,
  quote,
  sortedKeys,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';

type Shape =
  /** `loose`: YAML's other scalars become text. Inside Metadata they do not: Go's YAML reader does not look into it. */
  | { readonly kind: 'text'; readonly loose: boolean }
  | { readonly kind: 'bool' | 'time' | 'any' }
  | { readonly kind: 'list'; readonly type: string; readonly item: Shape }
  | { readonly kind: 'map'; readonly type: string; readonly item: Shape }
  | Struct;

interface Struct {
  readonly kind: 'struct';
  readonly type: string;
  /** As Go names it in front of a field. */
  readonly name: string;
  /** Before the names of its fields: those of an embedded struct. */
  readonly fields: ReadonlyMap<string, Field>;
}

interface Field {
  readonly shape: Shape;
  /** The field's part of the path in Go's message. */
  readonly path: string;
}

const TEXT: Shape = { kind: 'text', loose: false };
const LOOSE: Shape = { kind: 'text', loose: true };
const BOOL: Shape = { kind: 'bool' };
const TIME: Shape = { kind: 'time' };
const ANY: Shape = { kind: 'any' };
const TEXTS: Shape = { kind: 'list', type: '[]string', item: TEXT };
const TEXT_MAP: Shape = { kind: 'map', type: 'map[string]string', item: TEXT };

function struct(type: string, shapes: Readonly<Record<string, Shape>>, embedded = ''): Struct {
  const fields = Object.entries(shapes).map(([name, shape]): [string, Field] => [
    name,
    { shape, path: embedded + name },
  ]);
  return { kind: 'struct', type, name: type.replace(/^.*\./, ''), fields: new Map(fields) };
}

const MAINTAINER = struct('chart.Maintainer', { name: TEXT, email: TEXT, url: TEXT });

const DEPENDENCY = struct('chart.Dependency', {
  name: TEXT,
  version: TEXT,
  repository: TEXT,
  condition: TEXT,
  tags: TEXTS,
  enabled: BOOL,
  'import-values': { kind: 'list', type: '[]interface {}', item: ANY },
  alias: TEXT,
});

const METADATA = struct(
  'chart.Metadata',
  {
    name: TEXT,
    home: TEXT,
    sources: TEXTS,
    version: TEXT,
    description: TEXT,
    keywords: TEXTS,
    maintainers: { kind: 'list', type: '[]*chart.Maintainer', item: MAINTAINER },
    icon: TEXT,
    apiVersion: TEXT,
    condition: TEXT,
    tags: TEXT,
    appVersion: TEXT,
    deprecated: BOOL,
    annotations: TEXT_MAP,
    kubeVersion: TEXT,
    dependencies: { kind: 'list', type: '[]*chart.Dependency', item: DEPENDENCY },
    type: TEXT,
  },
  'Metadata.',
);

const OWN_FIELDS = struct('repo.ChartVersion', {
  urls: { kind: 'list', type: '[]string', item: LOOSE },
  created: TIME,
  removed: BOOL,
  digest: LOOSE,
  checksum: LOOSE,
  engine: LOOSE,
  tillerVersion: LOOSE,
  url: LOOSE,
});

const CHART_VERSION: Struct = {
  ...OWN_FIELDS,
  fields: new Map([...METADATA.fields, ...OWN_FIELDS.fields]),
};

const VERSIONS: Shape = { kind: 'list', type: 'repo.ChartVersions', item: CHART_VERSION };

const INDEX_FILE: Struct = struct('repo.IndexFile', {
  serverInfo: { kind: 'map', type: 'map[string]interface {}', item: ANY },
  apiVersion: LOOSE,
  generated: TIME,
  entries: {
    kind: 'map',
    type: 'map[string]repo.ChartVersions',
    item: VERSIONS,
  },
  publicKeys: { kind: 'list', type: '[]string', item: LOOSE },
  annotations: { kind: 'map', type: 'map[string]string', item: LOOSE },
});

/** `json`: fields nobody knows are left out; `yaml`: they are faults, and loose texts may be other scalars. */
export type IndexFormat = 'json' | 'yaml';

/** Where a value stands. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

/** @returns Go's message for the first fault of an index, or `undefined` */
export function indexFault(root: Value, format: IndexFormat): string | undefined {
  const walk = new Walk(format, false);
  const fault = walk.check(root, INDEX_FILE, undefined);
  if (fault === undefined || format === 'json') return fault;
  // Go reads what was YAML with its keys sorted; sorting all of a large index costs too much to do it for nothing.
  const first = new Walk(format, true).check(root, INDEX_FILE, undefined);
  return `error unmarshaling JSON: while decoding JSON: ${first ?? fault}`;
}

/** @returns whether a list of versions of one chart has a fault; its message needs the whole index */
export function haveVersionsFault(versions: Value, format: IndexFormat): boolean {
  return new Walk(format, false).check(versions, VERSIONS, undefined) !== undefined;
}

/** The same for what stands beside the entries. */
export function hasHeadFault(head: Value, format: IndexFormat): boolean {
  return new Walk(format, false).check(head, INDEX_FILE, undefined) !== undefined;
}

class Walk {
  readonly #format: IndexFormat;
  readonly #isSorted: boolean;

  constructor(format: IndexFormat, isSorted: boolean) {
    this.#format = format;
    this.#isSorted = isSorted;
  }

  check(value: Value, shape: Shape, place: Place | undefined): string | undefined {
    if (value === null || shape.kind === 'any') return undefined;
    switch (shape.kind) {
      case 'text':
        return typeof value === 'string' || (shape.loose && this.#isLooseText(value))
          ? undefined
          : mismatch(value, 'string', place);
      case 'bool':
        return typeof value === 'boolean' ? undefined : mismatch(value, 'bool', place);
      case 'time':
        return timeFault(value);
      case 'list':
        return Array.isArray(value)
          ? firstFault(value, (item) => this.check(item, shape.item, place))
          : mismatch(value, shape.type, place);
      case 'map':
        return value instanceof Map
          ? this.#mapFault(value, (item) => this.check(item, shape.item, place))
          : mismatch(value, shape.type, place);
      case 'struct':
        return value instanceof Map
          ? this.#structFault(value, shape, place)
          : mismatch(value, shape.type, place);
    }
  }

  #structFault(map: ValueMap, shape: Struct, place: Place | undefined): string | undefined {
    const above = place === undefined ? '' : `${place.path}.`;
    return this.#mapFault(map, (item, key) => {
      const field = fieldNamed(shape.fields, key);
      if (field === undefined)
        return this.#format === 'yaml' ? `json: unknown field ${quote(key)}` : undefined;
      return this.check(item, field.shape, { struct: shape.name, path: above + field.path });
    });
  }

  #mapFault(
    map: ValueMap,
    fault: (item: Value, key: string) => string | undefined,
  ): string | undefined {
    if (this.#isSorted)
      return firstFault(sortedKeys(map), (key) => fault(map.get(key) ?? null, key));
    for (const [key, item] of map) {
      const found = fault(item, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #isLooseText(value: Value): boolean {
    if (this.#format !== 'yaml') return false;
    return typeof value === 'boolean' || typeof value === 'number' || value instanceof Int;
  }
}

function firstFault<T>(items: readonly T[], fault: (item: T) => string | undefined) {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FOLDED = new WeakMap<ReadonlyMap<string, Field>, ReadonlyMap<string, Field>>();

/** A field by its name, else by its name in any case. */
function fieldNamed(fields: ReadonlyMap<string, Field>, name: string): Field | undefined {
  const exact = fields.get(name);
  if (exact !== undefined) return exact;
  let folded = FOLDED.get(fields);
  if (folded === undefined) {
    folded = new Map([...fields].map(([key, field]) => [key.toLowerCase(), field]));
    FOLDED.set(fields, folded);
  }
  return folded.get(name.toLowerCase());
}

const utc = loadZone('UTC');

function timeFault(value: Value): string | undefined {
  if (typeof value !== 'string') return 'Time.UnmarshalJSON: input is not a JSON string';
  try {
    parseInstant('2006-01-02T15:04:05Z07:00', value, utc);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function mismatch(value: Value, type: string, place: Place | undefined): string {
  const target =
    place === undefined
      ? `Go value of type ${type}`
      : `Go struct field ${place.struct}.${place.path} of type ${type}`;
  return `json: cannot unmarshal ${kindOf(value)} into ${target}`;
}

function kindOf(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || value instanceof Int) return 'number';
  return Array.isArray(value) ? 'array' : 'object';
}
