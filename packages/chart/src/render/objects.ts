// SPDX-License-Identifier: Apache-2.0

/** The objects templates see: `.Values`, `.Chart`. Source: helm v3.22.0 pkg/engine (engine.go), pkg/chartutil/values.go. */

import {
  encodeYaml,
  type GoType,
  type Method,
  quote,
  type StructField,
  Typed,
  types,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import type { Chart, ChartDependency, ChartMaintainer, ChartMetadata } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';
import { tableAt, valueAt } from '../values/tables.ts';

function asMap(receiver: Typed): ValueMap {
  return receiver.data as ValueMap;
}

/** `chartutil.Values` (Helm 3) or `common.Values` (Helm 4): a map with methods. */
function valuesType(name: string): GoType {
  const self: { type?: GoType } = {};
  const wrap = (map: ValueMap): Value =>
    self.type === undefined ? map : new Typed(self.type, map);
  const methods = new Map<string, Method>([
    ['YAML', { params: [], result: types.string, call: (receiver) => encodeYaml(asMap(receiver)) }],
    ['AsMap', { params: [], result: types.map, call: (receiver) => asMap(receiver) }],
    [
      'Encode',
      {
        params: [{ kind: 'interface', name: 'io.Writer' }],
        result: types.error,
        call: () => {
          throw new Error('templates have no writer');
        },
      },
    ],
    [
      'Table',
      {
        params: [types.string],
        result: types.any,
        call: (receiver, [path]) => {
          const table = tableAt(asMap(receiver), String(path));
          if (table === undefined)
            throw new Error(`${quote(missingTable(asMap(receiver), String(path)))} is not a table`);
          return wrap(table);
        },
      },
    ],
    [
      'PathValue',
      {
        params: [types.string],
        result: types.any,
        call: (receiver, [path]) => {
          if (path === '') throw new Error('YAML path cannot be empty');
          const value = valueAt(asMap(receiver), String(path));
          if (value === undefined) throw new Error(`${quote(lastOf(String(path)))} is not a value`);
          return value;
        },
      },
    ],
  ]);
  self.type = { ...types.map, name, methods };
  return self.type;
}

/** The first part of a path that is no table. */
function missingTable(values: ValueMap, path: string): string {
  const parts = path.split('.');
  const at = parts.findIndex(
    (_, i) => tableAt(values, parts.slice(0, i + 1).join('.')) === undefined,
  );
  return parts[at] ?? '';
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

const VALUES_TYPES: Readonly<Record<Profile, GoType>> = {
  helm3: valuesType('chartutil.Values'),
  helm4: valuesType('common.Values'),
};

/** A map as templates see `.Values`, `.` and `.Template`: the map itself, with methods. */
export function valuesObject(map: ValueMap, profile: Profile): Typed {
  return new Typed(VALUES_TYPES[profile], map);
}

const anyList: GoType = types.slice;

function text(name: string, json: string): StructField {
  return { name, type: types.string, json, omitEmpty: true };
}

const maintainerFields: readonly StructField[] = [
  text('Name', 'name'),
  text('Email', 'email'),
  text('URL', 'url'),
];
const maintainerType: GoType = {
  kind: 'struct',
  name: 'chart.Maintainer',
  fields: maintainerFields,
};
const dependencyType: GoType = {
  kind: 'struct',
  name: 'chart.Dependency',
  fields: [
    { name: 'Name', type: types.string, json: 'name' },
    text('Version', 'version'),
    { name: 'Repository', type: types.string, json: 'repository' },
    text('Condition', 'condition'),
    { name: 'Tags', type: types.strings, json: 'tags', omitEmpty: true },
    { name: 'Enabled', type: types.bool, json: 'enabled', omitEmpty: true },
    { name: 'ImportValues', type: anyList, json: 'import-values', omitEmpty: true },
    text('Alias', 'alias'),
  ],
};
const pointerTo = (elem: GoType): GoType => ({ kind: 'ptr', name: `*${elem.name}`, elem });
const sliceOf = (elem: GoType): GoType => ({ kind: 'slice', name: `[]${elem.name}`, elem });
const maintainerPointer = pointerTo(maintainerType);
const dependencyPointer = pointerTo(dependencyType);
const maintainersType = sliceOf(maintainerPointer);
const dependenciesType = sliceOf(dependencyPointer);

const metadataFields: readonly StructField[] = [
  text('Name', 'name'),
  text('Home', 'home'),
  { name: 'Sources', type: types.strings, json: 'sources', omitEmpty: true },
  text('Version', 'version'),
  text('Description', 'description'),
  { name: 'Keywords', type: types.strings, json: 'keywords', omitEmpty: true },
  { name: 'Maintainers', type: maintainersType, json: 'maintainers', omitEmpty: true },
  text('Icon', 'icon'),
  text('APIVersion', 'apiVersion'),
  text('Condition', 'condition'),
  text('Tags', 'tags'),
  text('AppVersion', 'appVersion'),
  { name: 'Deprecated', type: types.bool, json: 'deprecated', omitEmpty: true },
  { name: 'Annotations', type: types.stringMap, json: 'annotations', omitEmpty: true },
  text('KubeVersion', 'kubeVersion'),
  { name: 'Dependencies', type: dependenciesType, json: 'dependencies', omitEmpty: true },
  text('Type', 'type'),
];
/** Go's `chart.Metadata`. */
export const metadataType: GoType = {
  kind: 'struct',
  name: 'chart.Metadata',
  fields: metadataFields,
};
const chartType: GoType = {
  kind: 'struct',
  name: 'struct { chart.Metadata; IsRoot bool }',
  fields: [
    { name: 'Metadata', type: metadataType, embedded: true },
    { name: 'IsRoot', type: types.bool },
  ],
};

function strings(items: readonly string[]): Typed {
  return new Typed(types.strings, items.length === 0 ? null : [...items]);
}

function maintainer({ name, email, url }: ChartMaintainer): Value {
  const fields = new Map<string, Value>([
    ['Name', name],
    ['Email', email],
    ['URL', url],
  ]);
  return new Typed(maintainerPointer, new Typed(maintainerType, fields));
}

function dependency(entry: ChartDependency): Value {
  const fields = new Map<string, Value>([
    ['Name', entry.name],
    ['Version', entry.version],
    ['Repository', entry.repository],
    ['Condition', entry.condition],
    ['Tags', strings(entry.tags)],
    ['Enabled', entry.isEnabled],
    [
      'ImportValues',
      new Typed(anyList, entry.importValues.length === 0 ? null : [...entry.importValues]),
    ],
    ['Alias', entry.alias],
  ]);
  return new Typed(dependencyPointer, new Typed(dependencyType, fields));
}

function metadataFieldsOf(metadata: ChartMetadata): Map<string, Value> {
  const { dependencies = [], maintainers, annotations } = metadata;
  return new Map<string, Value>([
    ['Name', metadata.name],
    ['Home', metadata.home],
    ['Sources', strings(metadata.sources)],
    ['Version', metadata.version],
    ['Description', metadata.description],
    ['Keywords', strings(metadata.keywords)],
    [
      'Maintainers',
      new Typed(maintainersType, maintainers.length === 0 ? null : maintainers.map(maintainer)),
    ],
    ['Icon', metadata.icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.isDeprecated],
    [
      'Annotations',
      new Typed(types.stringMap, annotations.size === 0 ? null : new Map(annotations)),
    ],
    ['KubeVersion', metadata.kubeVersion],
    [
      'Dependencies',
      new Typed(dependenciesType, dependencies.length === 0 ? null : dependencies.map(dependency)),
    ],
    ['Type', metadata.type],
  ]);
}

/** `.Chart`: a struct in Helm 3, a map of the same names in Helm 4. */
export function chartObject(chart: Chart, isRoot: boolean, profile: Profile): Value {
  const fields = metadataFieldsOf(chart.metadata);
  if (profile === 'helm4') return new Map([...plainFields(fields), ['IsRoot', isRoot]]);
  return new Typed(
    chartType,
    new Map<string, Value>([
      ['Metadata', new Typed(metadataType, fields)],
      ['IsRoot', isRoot],
    ]),
  );
}

/** Helm 4 hands structs over as maps, lists as plain lists. */
function plainFields(fields: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map([...fields].map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: Value): Value {
  if (!(value instanceof Typed)) return value;
  const { type, data } = value;
  if (type.kind === 'ptr') return data === null ? null : plainValue(data as Value);
  if (type.kind === 'struct') return plainFields(data as ReadonlyMap<string, Value>);
  return type.kind === 'slice' ? ((data as Value[] | null) ?? []).map(plainValue) : value;
}
