// SPDX-License-Identifier: Apache-2.0

/** A release as the structs that templates of `helm get all --template` walk. Source: helm v3.22.0 pkg/release/*.go, pkg/chart/*.go */

import { metadataType } from '@helm-operator/chart';
import {
  type GoType,
  type Method,
  type StructField,
  Typed,
  timeType,
  types,
  type Value,
} from '@helm-operator/gocompat';

const pointerTo = (elem: GoType, methods?: ReadonlyMap<string, Method>): GoType => ({
  kind: 'ptr',
  name: `*${elem.name}`,
  elem,
  ...(methods === undefined ? {} : { methods }),
});
const sliceOf = (elem: GoType): GoType => ({ kind: 'slice', name: `[]${elem.name}`, elem });
const struct = (name: string, fields: readonly StructField[]): GoType => ({
  kind: 'struct',
  name,
  fields,
});
const field = (name: string, type: GoType, json: string): StructField => ({ name, type, json });

const textMethods: ReadonlyMap<string, Method> = new Map([
  ['String', { params: [], result: types.string, call: ({ data }) => String(data) }],
]);
/** A string type that prints itself. */
const textType = (name: string): GoType => ({ kind: 'string', name, methods: textMethods });

const statusType: GoType = {
  ...textType('release.Status'),
  methods: new Map([
    ...textMethods,
    [
      'IsPending',
      {
        params: [],
        result: types.bool,
        call: ({ data }) => /^pending-(?:install|upgrade|rollback)$/.test(String(data)),
      },
    ],
  ]),
};

const infoType = struct('release.Info', [
  field('FirstDeployed', timeType, 'first_deployed'),
  field('LastDeployed', timeType, 'last_deployed'),
  field('Deleted', timeType, 'deleted'),
  field('Description', types.string, 'description'),
  field('Status', statusType, 'status'),
  field('Notes', types.string, 'notes'),
  field('Resources', { ...types.map, name: 'map[string][]runtime.Object' }, 'resources'),
]);

const runType = struct('release.HookExecution', [
  field('StartedAt', timeType, 'started_at'),
  field('CompletedAt', timeType, 'completed_at'),
  field('Phase', textType('release.HookPhase'), 'phase'),
]);

const hookType = struct('release.Hook', [
  field('Name', types.string, 'name'),
  field('Kind', types.string, 'kind'),
  field('Path', types.string, 'path'),
  field('Manifest', types.string, 'manifest'),
  field('Events', sliceOf(textType('release.HookEvent')), 'events'),
  field('LastRun', runType, 'last_run'),
  field('Weight', types.int, 'weight'),
  field('DeletePolicies', sliceOf(textType('release.HookDeletePolicy')), 'delete_policies'),
  field(
    'OutputLogPolicies',
    sliceOf({ kind: 'string', name: 'release.HookOutputLogPolicy' }),
    'output_log_policies',
  ),
]);

const filesType = sliceOf(
  pointerTo(
    struct('chart.File', [field('Name', types.string, 'name'), field('Data', types.bytes, 'data')]),
  ),
);
const dependenciesField = metadataType.fields?.find(({ name }) => name === 'Dependencies');
const lockType = struct('chart.Lock', [
  field('Generated', timeType, 'generated'),
  field('Digest', types.string, 'digest'),
  ...(dependenciesField === undefined ? [] : [dependenciesField]),
]);

const chartType = struct('chart.Chart', [
  field('Raw', filesType, '-'),
  field('Metadata', pointerTo(metadataType), 'metadata'),
  field('Lock', pointerTo(lockType), 'lock'),
  field('Templates', filesType, 'templates'),
  field('Values', types.map, 'values'),
  field('Schema', types.bytes, 'schema'),
  field('Files', filesType, 'files'),
]);

/** What a stored chart, which has neither parent nor subcharts, says of itself. */
const chartMethods: ReadonlyMap<string, Method> = new Map([
  ['Name', ofMetadata('Name')],
  ['AppVersion', ofMetadata('AppVersion')],
  ['ChartPath', ofMetadata('Name')],
  ['ChartFullPath', ofMetadata('Name')],
  ['IsRoot', { params: [], result: types.bool, call: () => true }],
]);

function ofMetadata(name: string): Method {
  return {
    params: [],
    result: types.string,
    call: (chart) => pointed(fieldsOf(chart).get('Metadata'))?.get(name) ?? '',
  };
}

function pointed(value: Value | undefined): ReadonlyMap<string, Value> | undefined {
  return value instanceof Typed && value.data !== null ? fieldsOf(value) : undefined;
}

function fieldsOf(value: Typed): ReadonlyMap<string, Value> {
  const { data } = value;
  return data instanceof Typed ? fieldsOf(data) : (data as ReadonlyMap<string, Value>);
}

/** Go's `*release.Release`, with the names its JSON has. */
export const releaseType: GoType = pointerTo(
  struct('release.Release', [
    field('Name', types.string, 'name'),
    field('Info', pointerTo(infoType), 'info'),
    field('Chart', pointerTo(chartType, chartMethods), 'chart'),
    field('Config', types.map, 'config'),
    field('Manifest', types.string, 'manifest'),
    field('Hooks', sliceOf(pointerTo(hookType)), 'hooks'),
    field('Version', types.int, 'version'),
    field('Namespace', types.string, 'namespace'),
    field('Labels', types.stringMap, 'labels'),
  ]),
);
