// SPDX-License-Identifier: Apache-2.0

/** What templates see as `.Files`. Source: helm v3.22.0 pkg/engine/files.go. */

import {
  compileGlob,
  decodeUtf8,
  encodeYaml,
  type GoType,
  type Method,
  Typed,
  types,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import type { ChartFile } from '../chart/chart.ts';

function asMap(receiver: Typed): ValueMap {
  return receiver.data as ValueMap;
}

const fileType: GoType = types.bytes;

function filesMethods(): Map<string, Method> {
  const bytesOf = (receiver: Typed, name: Value) =>
    (asMap(receiver).get(String(name)) as Typed | undefined)?.data as Uint8Array | undefined;
  const textOf = (receiver: Typed, name: Value) => {
    const bytes = bytesOf(receiver, name);
    return bytes === undefined ? '' : decodeUtf8(bytes);
  };
  return new Map<string, Method>([
    [
      'Get',
      {
        params: [types.string],
        result: types.string,
        call: (files, [name]) => textOf(files, name ?? ''),
      },
    ],
    [
      'GetBytes',
      {
        params: [types.string],
        result: types.bytes,
        call: (files, [name]) =>
          new Typed(fileType, bytesOf(files, name ?? '') ?? new Uint8Array()),
      },
    ],
    [
      'Glob',
      {
        params: [types.string],
        result: FILES,
        call: (files, [pattern]) => globFiles(files, String(pattern)),
      },
    ],
    [
      'AsConfig',
      { params: [], result: types.string, call: (files) => byBaseName(files, decodeUtf8) },
    ],
    ['AsSecrets', { params: [], result: types.string, call: (files) => byBaseName(files, base64) }],
    [
      'Lines',
      {
        params: [types.string],
        result: types.strings,
        call: (files, [name]) => {
          const content = textOf(files, name ?? '');
          return new Typed(
            types.strings,
            content === '' ? [] : content.replace(/\n$/, '').split('\n'),
          );
        },
      },
    ],
  ]);
}

const FILES: GoType = { kind: 'map', name: 'engine.files', key: types.string, elem: fileType };
const FILES_TYPE: GoType = { ...FILES, methods: filesMethods() };

function globFiles(files: Typed, pattern: string): Typed {
  const matches = compileGlob(pattern, '/') ?? (() => true);
  return new Typed(FILES_TYPE, new Map([...asMap(files)].filter(([name]) => matches(name))));
}

function byBaseName(files: Typed, encode: (bytes: Uint8Array) => string): string {
  const map = new Map<string, Value>();
  for (const [name, file] of asMap(files)) {
    map.set(name.slice(name.lastIndexOf('/') + 1), encode((file as Typed).data as Uint8Array));
  }
  return encodeYaml(map).replace(/\n$/, '');
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

/** `.Files` of a chart. */
export function filesObject(files: readonly ChartFile[]): Typed {
  return new Typed(
    FILES_TYPE,
    new Map(files.map(({ name, data }) => [name, new Typed(fileType, data)])),
  );
}
