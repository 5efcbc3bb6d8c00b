// SPDX-License-Identifier: Apache-2.0

/** The functions and types of test/tools/oracle/template.go, in TypeScript: one for each kind of parameter and result. */

import {
  encodeUtf8,
  type GoType,
  Int,
  int,
  intOf,
  type Method,
  sprint,
  sprintf,
  Typed,
  typeOf,
  types,
  type Value,
} from '@helm-operator/gocompat';
import type { Run, TemplateFunction, TemplateSet } from '@helm-operator/gotemplate';

/** What `include` needs of a run. */
export interface RunState {
  readonly set: TemplateSet;
}

type MethodEntry = [string, Method];

function method(
  params: readonly GoType[],
  result: GoType,
  call: (receiver: Typed, args: readonly Value[]) => Value,
): Method {
  return { params, result, call };
}

function fieldsOf(receiver: Typed): ReadonlyMap<string, Value> {
  const struct = receiver.data instanceof Typed ? receiver.data : receiver;
  return struct.data as ReadonlyMap<string, Value>;
}

function intField(receiver: Typed, name: string): number {
  const value = fieldsOf(receiver).get(name);
  return value instanceof Int ? Number(value.value) : 0;
}

function textField(receiver: Typed, name: string): string {
  return String(fieldsOf(receiver).get(name));
}

const innerType: GoType = {
  kind: 'struct',
  name: 'main.inner',
  fields: [
    { name: 'Depth', type: types.int },
    { name: 'Label', type: types.string },
  ],
};
const innerPtrType: GoType = { kind: 'ptr', name: '*main.inner', elem: innerType };

const baseType: GoType = {
  kind: 'struct',
  name: 'main.base',
  fields: [{ name: 'ID', type: types.string }],
  methods: new Map<string, Method>([
    ['Describe', method([], types.string, (r) => `base ${textField(r, 'ID')}`)],
  ]),
};

const valueMethods: readonly MethodEntry[] = [
  ['Sum', method([], types.int, (r) => int(intField(r, 'X') + intField(r, 'Y')))],
  [
    'Add',
    method([types.int], types.int, (r, [n]) =>
      int(intField(r, 'X') + intField(r, 'Y') + Number((n as Int).value)),
    ),
  ],
  [
    'Greet',
    {
      ...method([types.string], types.string, (r, names) => {
        return `${textField(r, 'Name')} greets ${names.join('+')}`;
      }),
      variadic: true,
    },
  ],
  [
    'Fail',
    method([], types.string, () => {
      throw new Error('point failed');
    }),
  ],
  ['Boxed', method([], types.any, () => new Map<string, Value>([['k', int(1)]]))],
];

const pointFields = [
  { name: 'base', type: baseType, embedded: true },
  { name: 'X', type: types.int },
  { name: 'Y', type: types.int },
  { name: 'Name', type: types.string },
  { name: 'Any', type: types.any },
  { name: 'Inner', type: innerPtrType },
  { name: 'Plain', type: innerType },
  { name: 'Tags', type: types.strings },
  { name: 'Attrs', type: types.stringMap },
  { name: 'hidden', type: types.int },
];

const pointType: GoType = {
  kind: 'struct',
  name: 'main.point',
  fields: pointFields,
  methods: new Map<string, Method>([
    ...valueMethods,
    ['Self', method([], types.any, (r) => new Typed(pointType, fieldsOf(r)))],
  ]),
};
const pointPtrType: GoType = {
  kind: 'ptr',
  name: '*main.point',
  elem: pointType,
  methods: new Map<string, Method>([
    ...(pointType.methods ?? []),
    ['Pointer', method([], types.string, (r) => `via pointer ${textField(r, 'Name')}`)],
  ]),
};

function inner(depth: number, label: string): Typed {
  return new Typed(
    innerType,
    new Map<string, Value>([
      ['Depth', int(depth)],
      ['Label', label],
    ]),
  );
}

function samplePoint(): Typed {
  return new Typed(
    pointType,
    new Map<string, Value>([
      ['base', new Typed(baseType, new Map([['ID', 'b1']]))],
      ['X', int(3)],
      ['Y', int(4)],
      ['Name', 'pt'],
      ['Any', 'any'],
      ['Inner', new Typed(innerPtrType, inner(2, 'in'))],
      ['Plain', inner(1, 'pl')],
      ['Tags', new Typed(types.strings, ['t1', 't2'])],
      [
        'Attrs',
        new Typed(
          types.stringMap,
          new Map([
            ['z', '26'],
            ['a', '1'],
          ]),
        ),
      ],
      ['hidden', int(0)],
    ]),
  );
}

const versionFields = [{ name: 'Major', type: types.int }];
const versionMethods = new Map<string, Method>([
  ['String', method([], types.string, (r) => `v${intField(r, 'Major')}`)],
]);
const versionType: GoType = { kind: 'struct', name: 'main.version', fields: versionFields };
const addressableVersionType: GoType = {
  ...versionType,
  methods: versionMethods,
  copied: versionType,
};
const versionPtrType: GoType = {
  kind: 'ptr',
  name: '*main.version',
  elem: versionType,
  methods: versionMethods,
};

function held(type: GoType, versionOf: GoType): Typed {
  return new Typed(
    type,
    new Map<string, Value>([
      ['Version', new Typed(versionOf, new Map([['Major', int(7)]]))],
      ['Ptr', new Typed(versionPtrType, new Typed(versionType, new Map([['Major', int(8)]])))],
    ]),
  );
}
const holderType: GoType = {
  kind: 'struct',
  name: 'main.holder',
  fields: [
    { name: 'Version', type: versionType },
    { name: 'Ptr', type: versionPtrType },
  ],
};
const holderPtrType: GoType = { kind: 'ptr', name: '*main.holder', elem: holderType };

const valuesType: GoType = {
  kind: 'map',
  name: 'main.values',
  key: types.string,
  elem: types.any,
  methods: new Map<string, Method>([
    [
      'Table',
      method([types.string], types.any, (r, [name]) => {
        const table = (r.data as ReadonlyMap<string, Value>).get(String(name));
        if (table instanceof Map) return new Typed(valuesType, table);
        throw new Error(sprintf('%q is not a table', [name ?? null]));
      }),
    ],
    ['AsMap', method([], types.map, (r) => r.data as Map<string, Value>)],
  ]),
};

const spanType: GoType = {
  kind: 'int64',
  name: 'main.span',
  methods: new Map<string, Method>([
    ['String', method([], types.string, (r) => `${(r.data as Int).value}ns`)],
  ]),
};
const labelType: GoType = { kind: 'string', name: 'main.label' };
const intsType: GoType = { kind: 'slice', name: '[]int', elem: types.int };
const fnType: GoType = { kind: 'func', name: 'func(int, string) string' };

interface Signature {
  readonly params?: readonly GoType[];
  readonly result: GoType;
  readonly isVariadic?: boolean;
}

const functions = new Map<string, TemplateFunction>();

function add(
  name: string,
  { params = [], result, isVariadic = false }: Signature,
  call: (args: readonly Value[], run: Run) => Value,
): void {
  functions.set(name, { name, params, result, isVariadic, call });
}

function number(value: Value | undefined): number {
  return value instanceof Int ? Number(value.value) : 0;
}

add('upper', { params: [types.string], result: types.string }, ([s]) =>
  // One letter becomes one letter, as in Go: `ß` stays.
  Array.from(String(s), (c) => (c.toUpperCase().length === c.length ? c.toUpperCase() : c)).join(
    '',
  ),
);
add('addi', { params: [types.int, types.int], result: types.int }, ([a, b]) =>
  int(number(a) + number(b)),
);
const identities: readonly [string, GoType][] = [
  ['i64', types.int64],
  ['u8', types.uint8],
  ['u64', types.uint64],
  ['f64', types.float64],
  ['b', types.bool],
  ['anyOf', types.any],
];
for (const [name, type] of identities) {
  add(name, { params: [type], result: type }, ([value]) => value ?? null);
}
add(
  'joinAll',
  { params: [types.string, types.string], isVariadic: true, result: types.string },
  ([sep, ...xs]) => xs.join(String(sep)),
);
add('sum', { params: [types.int], isVariadic: true, result: types.int }, (xs) =>
  int(xs.reduce((sum: number, x) => sum + number(x), 0)),
);
add('countAny', { params: [types.any], isVariadic: true, result: types.int }, (xs) =>
  int(xs.length),
);
add(
  'pair',
  { params: [types.string, types.any], isVariadic: true, result: types.string },
  ([a, ...rest]) => sprint([a ?? null, int(rest.length)]),
);
add('fails', { params: [types.string], result: types.string }, ([message]) => {
  throw new Error(String(message));
});
add('panics', { params: [types.string], result: types.string }, ([message]) => {
  throw new Error(String(message));
});
add('listLen', { params: [types.slice], result: types.int }, ([xs]) =>
  int(Array.isArray(xs) ? xs.length : 0),
);
add('mapLen', { params: [types.map], result: types.int }, ([m]) =>
  int(m instanceof Map ? m.size : 0),
);
add('list', { params: [types.any], isVariadic: true, result: types.slice }, (xs) => [...xs]);
add('dict', { params: [types.any], isVariadic: true, result: types.map }, (xs) => {
  const map = new Map<string, Value>();
  for (let i = 0; i + 1 < xs.length; i += 2) map.set(sprint([xs[i] ?? null]), xs[i + 1] ?? null);
  return map;
});
add('nilAny', { result: types.any }, () => null);
add('nilMap', { result: types.map }, () => null);
add('nilList', { result: types.slice }, () => null);
add(
  'strs',
  { params: [types.string], isVariadic: true, result: types.strings },
  (xs) => new Typed(types.strings, [...xs]),
);
add(
  'bytes',
  { params: [types.string], result: types.bytes },
  ([s]) => new Typed(types.bytes, encodeUtf8(String(s))),
);
add(
  'smap',
  { result: types.stringMap },
  () =>
    new Typed(
      types.stringMap,
      new Map([
        ['b', '2'],
        ['a', '1'],
      ]),
    ),
);
add('pt', { result: pointType }, samplePoint);
add('ptPtr', { result: pointPtrType }, () => new Typed(pointPtrType, samplePoint()));
add('nilPt', { result: pointPtrType }, () => new Typed(pointPtrType, null));
add(
  'held',
  { result: holderPtrType },
  () => new Typed(holderPtrType, held(holderType, addressableVersionType)),
);
add('heldCopy', { result: holderType }, () => held(holderType, versionType));
add('vals', { params: [types.map], result: valuesType }, ([m]) =>
  m instanceof Map ? new Typed(valuesType, m) : null,
);
add('valsLen', { params: [valuesType], result: types.int }, ([v]) =>
  int(v instanceof Typed && v.data instanceof Map ? v.data.size : 0),
);
add('takePt', { params: [pointType], result: types.string }, ([p]) =>
  textField(p as Typed, 'Name'),
);
add('takePtr', { params: [pointPtrType], result: types.string }, ([p]) =>
  p instanceof Typed && p.data !== null ? textField(p, 'Name') : 'nil',
);
add('takeErr', { params: [types.error], result: types.string }, ([e]) => sprint([e ?? null]));
add('span', { params: [types.int64], result: spanType }, ([n]) => new Typed(spanType, n));
add('label', { params: [types.string], result: labelType }, ([s]) => new Typed(labelType, s));
add('typeOf', { params: [types.any], result: types.string }, ([v]) =>
  v === null || v === undefined ? '<nil>' : (typeOf(v)?.name ?? ''),
);
const repeat: TemplateFunction = {
  name: 'repeat',
  params: [types.int, types.string],
  result: types.string,
  call: ([n, s]) => String(s).repeat(number(n)),
};
add('fn', { result: fnType }, () => new Typed(fnType, repeat));
add('until', { params: [types.int], result: intsType }, ([n]) => {
  if (number(n) < 0) throw new Error('runtime error: makeslice: len out of range');
  return new Typed(
    intsType,
    Array.from({ length: number(n) }, (_, i) => intOf('int', i)),
  );
});
add('include', { params: [types.string, types.any], result: types.string }, ([name, data], run) =>
  (run.state as RunState).set.execute(String(name), data ?? null, run),
);

/** The functions by name. Runs that call `include` need a `RunState`. */
export const templateFunctions: ReadonlyMap<string, TemplateFunction> = functions;
