// SPDX-License-Identifier: Apache-2.0
import { type GoType, int, intOf, type Method, Typed, types, type Value } from '../value/value.ts';
import { SemverError } from './errors.ts';
import { Version } from './version.ts';

/**
 * A version as templates hold it: a `*semver.Version` with its methods.
 *
 * Source: github.com/Masterminds/semver/v3 v3.5.0, as Sprig's `semver` gives it
 */
export function typedVersion(version: Version): Typed {
  return new Typed(semverPointerType, typedValue(version));
}

/** The version a `*semver.Version` or `semver.Version` holds; `undefined` for all else. */
export function versionOf(value: Value): Version | undefined {
  if (!(value instanceof Typed)) return undefined;
  if (value.data instanceof Version) return value.data;
  return value.data instanceof Typed ? versionOf(value.data) : undefined;
}

function typedValue(version: Version): Typed {
  return new Typed(semverType, version);
}

function receiverOf(receiver: Typed): Version {
  const version = versionOf(receiver);
  if (version === undefined) {
    throw new SemverError('runtime error: invalid memory address or nil pointer dereference');
  }
  return version;
}

function method(result: GoType, read: (version: Version) => Value): Method {
  return { params: [], result, call: (receiver) => read(receiverOf(receiver)) };
}

function textMethod(result: GoType, read: (version: Version, text: string) => Value): Method {
  return {
    params: [types.string],
    result,
    call: (receiver, [text]) => read(receiverOf(receiver), typeof text === 'string' ? text : ''),
  };
}

function comparing(result: GoType, read: (order: number) => Value): Method {
  return {
    params: [semverPointerType],
    result,
    call: (receiver, [other]) => {
      const version = versionOf(other ?? null);
      if (version === undefined) return missingOther(receiver, result);
      return read(receiverOf(receiver).compare(version));
    },
  };
}

/** Only `Equal` bears a nil pointer. */
function missingOther(receiver: Typed, result: GoType): Value {
  if (result === types.bool && receiver.data !== null) return false;
  throw new SemverError('runtime error: invalid memory address or nil pointer dereference');
}

const valueMethods = new Map<string, Method>();
const pointerMethods = new Map<string, Method>();

/** Go's `semver.Version`, what the `Inc…` methods give. */
export const semverType: GoType = {
  kind: 'struct',
  name: 'semver.Version',
  fields: [],
  methods: valueMethods,
};

/** Go's `*semver.Version`. */
export const semverPointerType: GoType = {
  kind: 'ptr',
  name: '*semver.Version',
  elem: semverType,
  methods: pointerMethods,
};

for (const [name, one] of [
  ['Major', method(types.uint64, ({ major }) => intOf('uint64', major))],
  ['Minor', method(types.uint64, ({ minor }) => intOf('uint64', minor))],
  ['Patch', method(types.uint64, ({ patch }) => intOf('uint64', patch))],
  ['Prerelease', method(types.string, ({ prerelease }) => prerelease)],
  ['Metadata', method(types.string, ({ metadata }) => metadata)],
  ['String', method(types.string, (version) => version.toString())],
  ['MarshalJSON', method(types.string, (version) => `"${version.toString()}"`)],
  ['MarshalText', method(types.string, (version) => version.toString())],
  ['Value', method(types.string, (version) => version.toString())],
  ['IncMajor', method(semverType, (version) => typedValue(version.incMajor()))],
  ['IncMinor', method(semverType, (version) => typedValue(version.incMinor()))],
  ['IncPatch', method(semverType, (version) => typedValue(version.incPatch()))],
  [
    'SetPrerelease',
    textMethod(semverType, (version, text) => typedValue(version.setPrerelease(text))),
  ],
  ['SetMetadata', textMethod(semverType, (version, text) => typedValue(version.setMetadata(text)))],
] as const) {
  valueMethods.set(name, one);
  pointerMethods.set(name, one);
}

for (const [name, one] of [
  ['Original', method(types.string, ({ original }) => original)],
  ['Compare', comparing(types.int, (order) => int(order))],
  ['Equal', comparing(types.bool, (order) => order === 0)],
  ['LessThan', comparing(types.bool, (order) => order < 0)],
  ['LessThanEqual', comparing(types.bool, (order) => order <= 0)],
  ['GreaterThan', comparing(types.bool, (order) => order > 0)],
  ['GreaterThanEqual', comparing(types.bool, (order) => order >= 0)],
] as const) {
  pointerMethods.set(name, one);
}
