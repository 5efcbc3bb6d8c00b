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
  YamlError,
} from '@helm-operator/gocompat';
import type { ChartFile } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';

function asMap(receiver: Typed): ValueMap {
  return receiver.data as ValueMap;
}

const fileType: GoType = types.bytes;
/** What a method that gives files is declared to give. */
const PLAIN_FILES: GoType = {
  kind: 'map',
  name: 'engine.files',
  key: types.string,
  elem: fileType,
};

function bytesOf(files: Typed, name: Value | undefined): Uint8Array | undefined {
  const file = asMap(files).get(String(name));
  return file instanceof Typed ? (file.data as Uint8Array) : undefined;
}

function textOf(files: Typed, name: Value | undefined): string {
  const bytes = bytesOf(files, name);
  return bytes === undefined ? '' : decodeUtf8(bytes);
}

function linesOf(files: Typed, name: Value | undefined, profile: Profile): string[] {
  const text = textOf(files, name);
  if (text !== '') return text.replace(/\n$/, '').split('\n');
  if (profile === 'helm4' && bytesOf(files, name) !== undefined) {
    // Helm 4 looks at the last byte of a file that has none, and Go stops it.
    throw new Error('runtime error: index out of range [-1]');
  }
  return [];
}

function filesType(profile: Profile): GoType {
  const make = (files: ReadonlyMap<string, Value>): Typed => new Typed(own.type, new Map(files));
  const glob = (files: Typed, pattern: string): Typed => {
    const matches = compileGlob(pattern, '/') ?? (() => true);
    return make(new Map([...asMap(files)].filter(([name]) => matches(name))));
  };
  const byName = (result: GoType, call: Method['call']): Method => ({
    params: [types.string],
    result,
    call,
  });
  const methods = new Map<string, Method>([
    ['Get', byName(types.string, (files, [name]) => textOf(files, name))],
    [
      'GetBytes',
      byName(types.bytes, (files, [name]) => new Typed(fileType, bytesOf(files, name) ?? NOTHING)),
    ],
    ['Glob', byName(PLAIN_FILES, (files, [pattern]) => glob(files, String(pattern)))],
    [
      'Lines',
      byName(
        types.strings,
        (files, [name]) => new Typed(types.strings, linesOf(files, name, profile)),
      ),
    ],
    [
      'AsConfig',
      { params: [], result: types.string, call: (files) => byBaseName(files, decodeUtf8) },
    ],
    ['AsSecrets', { params: [], result: types.string, call: (files) => byBaseName(files, base64) }],
  ]);
  const own: { readonly type: GoType } = { type: { ...PLAIN_FILES, methods } };
  return own.type;
}

const NOTHING = new Uint8Array();
const FILES_TYPES: Readonly<Record<Profile, GoType>> = {
  helm3: filesType('helm3'),
  helm4: filesType('helm4'),
};

/** Content by last part of the name, as YAML; nothing where it cannot be written. */
function byBaseName(files: Typed, encode: (bytes: Uint8Array) => string): string {
  const map = new Map<string, Value>();
  for (const [name, file] of asMap(files)) {
    map.set(name.slice(name.lastIndexOf('/') + 1), encode((file as Typed).data as Uint8Array));
  }
  try {
    return encodeYaml(map).replace(/\n$/, '');
  } catch (error) {
    if (error instanceof YamlError) return '';
    throw error;
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

/** `.Files` of a chart. */
export function filesObject(files: readonly ChartFile[], profile: Profile): Typed {
  return new Typed(
    FILES_TYPES[profile],
    new Map(files.map(({ name, data }) => [name, new Typed(fileType, data)])),
  );
}
