// SPDX-License-Identifier: Apache-2.0

/** Questions at random about what templates take from Go: fmt, strconv, time, RE2, JSON, TOML, semver, globs, reflect.DeepEqual. */

import fc from 'fast-check';
import type { FuzzSuite } from './suite.ts';
import { type Question, textSuite } from './text-suite.ts';

type Text = fc.Arbitrary<string>;

/** One of the texts that stand between the bars. */
const oneOf = (texts: string): Text => fc.constantFrom(...texts.split('¦'));

/** Texts of the pieces between the bars, in any order. */
function soup(max: number, pieces: string): Text {
  return fc.array(oneOf(pieces), { maxLength: max }).map((all) => all.join(''));
}

const held = (...texts: Text[]): Text => fc.tuple(...texts).map((all) => all.join('\0'));
const noNul = (text: Text): Text => text.map((one) => one.replaceAll('\0', ''));

const anyText = noNul(
  fc.oneof(
    soup(8, 'a¦B¦é¦日¦🎉¦ ¦\n¦\t¦"¦\'¦\\¦`¦\udcff¦\u007f¦1'),
    fc.string({ maxLength: 10 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  ),
);

// --- packed values

const digits = fc.oneof(
  fc.bigInt({ min: -300n, max: 300n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const floatText = fc.oneof(
  oneOf('0¦-0¦1¦0.1¦1e21¦1e20¦1e-7¦123456789¦1e6¦100000¦2.5¦1e300'),
  oneOf('NaN¦+Inf¦-Inf¦5e-324¦1.7976931348623157e308¦0.000001¦1234567.891'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
);
const finite = floatText.filter((text) => Number.isFinite(Number(text)));
const packedString = anyText.map((text) =>
  text.isWellFormed() ? ['string', text] : ['string', text.toWellFormed()],
);
const zoneName = oneOf('UTC¦UTC¦Europe/Berlin¦America/New_York¦Asia/Kolkata¦Asia/Tokyo');
const moment = fc.integer({ min: -2_000_000_000, max: 4_000_000_000 });

function packedValues(
  floats: Text,
  leaves: readonly fc.Arbitrary<unknown>[],
): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      { arbitrary: packedString, weight: 3 },
      { arbitrary: fc.tuple(oneOf('int¦int64'), digits.map(String)), weight: 2 },
      { arbitrary: fc.tuple(fc.constant('float64'), floats), weight: 2 },
      { arbitrary: fc.tuple(fc.constant('bool'), oneOf('true¦false')), weight: 1 },
      ...leaves.map((arbitrary) => ({ arbitrary, weight: 1 })),
      {
        arbitrary: fc
          .array(tie('value'), { maxLength: 3 })
          .map((items): unknown => ['list', items]),
        weight: 1,
      },
      {
        arbitrary: fc
          .uniqueArray(fc.tuple(packedString, tie('value')), {
            maxLength: 3,
            selector: ([key]) => String(key),
          })
          .map((members): unknown => ['map', members.flat()]),
        weight: 1,
      },
    ),
  })).value;
}

const nil = fc.constant(['nil']);
const timeIn = (zones: Text): fc.Arbitrary<unknown> =>
  fc
    .tuple(moment, fc.nat(999_999_999), zones)
    .map(([seconds, nanos, zone]) => ['time', String(seconds), String(nanos), zone]);
const time = timeIn(zoneName);
const unusual: readonly fc.Arbitrary<unknown>[] = [
  nil,
  fc.bigInt({ min: 0n, max: 255n }).map((n) => ['uint8', String(n)]),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => ['uint64', String(n)]),
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((n) => ['uint32', String(n)]),
  fc.integer().map((n) => ['int32', String(n)]),
  digits.map((n) => ['duration', String(n)]),
  fc.array(packedString, { maxLength: 3 }).map((items) => ['strings', items]),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => ['bytes', Buffer.from(bytes).toString('base64')]),
];
const anyValue = packedValues(floatText, [...unusual, time]);
/** Under odd verbs the zone of a time shows as an address, that of UTC does not. */
const printable = packedValues(floatText, [...unusual, timeIn(fc.constant('UTC'))]);
const jsonValue = packedValues(finite, [nil, time]);
const tomlValue = packedValues(floatText, [time, nil]);

const json = (value: fc.Arbitrary<unknown>): Text => value.map((one) => JSON.stringify(one));
const jsonList = (value: fc.Arbitrary<unknown>, maxLength: number): Text =>
  json(fc.array(value, { maxLength }));

// --- fmt

const verb = fc
  .tuple(
    soup(2, '+¦-¦#¦ ¦0'),
    oneOf('¦¦¦[1]¦[2]¦[9]¦[x]¦[¦[]'),
    oneOf('¦¦¦1¦5¦12¦*¦08'),
    oneOf('¦¦¦.¦.0¦.1¦.3¦.20¦.*¦.[1]*'),
    fc.constantFrom(...'vvvvsdqxXoObcUeEfFgGtTw%!zé'),
  )
  .map((parts) => `%${parts.join('')}`);
const format = fc
  .array(
    fc.oneof({ arbitrary: verb, weight: 4 }, { arbitrary: oneOf('a¦ ¦%¦é¦%%¦\n'), weight: 1 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((all) => all.join(''));

// --- strconv

const numeral = fc.oneof(
  soup(8, '0¦1¦7¦9¦a¦f¦_¦-¦+¦.¦e¦x¦X¦b¦o¦p¦ ¦18446744073709551615'),
  fc
    .tuple(oneOf('¦-¦+'), oneOf('¦0x¦0b¦0o¦0¦0X'), soup(6, '0¦1¦2¦7¦_¦F'))
    .map((all) => all.join('')),
  fc
    .tuple(
      oneOf('¦-'),
      soup(6, '1¦0¦_¦9'),
      oneOf('¦.¦.5¦._'),
      oneOf('¦e1¦E-3¦e400¦e1_0¦p2¦e¦e-400'),
    )
    .map((all) => all.join('')),
  fc
    .tuple(oneOf('0x¦-0X¦0x_'), soup(6, '1¦a¦_¦.¦F'), oneOf('p1¦P-1074¦p¦¦p+1_0¦p1024'))
    .map((all) => all.join('')),
  floatText,
  digits.map(String),
  oneOf(
    'inf¦-Infinity¦NaN¦nan¦+nan¦INF¦infinit¦¦true¦T¦FALSE¦yes¦9223372036854775808¦1e309¦-1e309¦1.7976931348623159e308¦4.9e-324¦2.4e-324',
  ),
);
const codes = fc
  .array(
    fc.oneof(
      fc.nat(0x10ffff),
      fc.nat(0x30ff),
      fc.nat(0xffff),
      fc.integer({ min: 0x1e000, max: 0x1ffff }),
    ),
    { minLength: 8, maxLength: 8 },
  )
  .map((all) => all.join(' '));
const literal = fc.oneof(
  fc
    .tuple(
      oneOf('"¦\'¦`¦'),
      soup(5, 'a¦é¦\\n¦\\x41¦\\xff¦\\u00e9¦\\U0001F389¦\\101¦\\"¦\\\'¦\\¦"¦`¦\n¦\r¦\\ud800¦\\8'),
      oneOf('"¦\'¦`¦'),
    )
    .map((all) => all.join('')),
  anyText,
);

// --- time

const layout = fc.oneof(
  soup(
    5,
    '2006¦01¦1¦Jan¦January¦02¦2¦_2¦__2¦002¦Mon¦Monday¦15¦3¦03¦04¦4¦05¦5¦PM¦pm¦MST¦Z07:00¦-0700¦-07:00¦-07¦Z0700¦Z07¦-07:00:00¦.000¦.999¦,000¦.0¦06¦ ¦-¦:¦/¦T¦é¦_2006¦_',
  ),
  oneOf(
    '2006-01-02¦2006-01-02T15:04:05Z07:00¦2006-01-02T15:04:05.999999999Z07:00¦Mon, 02 Jan 2006 15:04:05 MST¦3:04PM¦Jan _2 15:04:05¦15:04:05¦02 Jan 06 15:04 -0700¦Monday, January 2, 2006',
  ),
);
const timeText = fc.oneof(
  soup(
    6,
    '2021¦1999¦0000¦12¦13¦02¦29¦31¦3¦0¦ ¦-¦:¦/¦T¦Z¦+01:00¦-0530¦UTC¦CET¦GMT+3¦EST¦WITA¦jan¦February¦Mon¦tuesday¦PM¦am¦.5¦,25¦.123456789¦é¦日¦"¦23:59:60',
  ),
  oneOf(
    '2021-03-04¦2020-02-30¦2021-03-04T05:06:07Z¦2021-03-04T05:06:07.5+05:30¦2021-13-04¦1:02AM¦25:00:00¦Thu, 04 Mar 2021 05:06:07 CET¦04 Mar 21 05:06 -0700¦2021-3-4¦2021-03-04T24:00:00Z¦2021-03-28T02:30:00',
  ),
);
/** Pairs that mostly fit: a layout and a time printed under it would need Go, so parts are drawn together. */
const fitting = fc
  .array(
    fc.constantFrom(
      ...[
        ['2006', '2021'],
        ['2006', '0999'],
        ['01', '02'],
        ['1', '12'],
        ['Jan', 'FEB'],
        ['January', 'march'],
        ['02', '30'],
        ['2', '7'],
        ['_2', ' 9'],
        ['002', '366'],
        ['__2', ' 60'],
        ['Mon', 'sun'],
        ['15', '23'],
        ['3', '12'],
        ['03', '13'],
        ['04', '59'],
        ['05', '60'],
        ['PM', 'PM'],
        ['pm', 'am'],
        ['MST', 'CEST'],
        ['MST', 'GMT-7'],
        ['Z07:00', 'Z'],
        ['-0700', '+0545'],
        ['-07', '-11'],
        ['.000', '.123'],
        ['.999', '.5'],
        [',999', ''],
        ['06', '70'],
        ['05', '07.25'],
        [' ', ' '],
        ['-', '-'],
        ['x', 'y'],
        ['T', 'T'],
        ['-07:00:00', '+01:02:03'],
      ],
    ),
    { maxLength: 6 },
  )
  .map((pairs): string =>
    [0, 1].map((at) => pairs.map((pair) => pair[at] ?? '').join('')).join('\0'),
  );
const zone = fc.oneof(
  { arbitrary: zoneName, weight: 6 },
  {
    arbitrary: oneOf(
      'America/Sao_Paulo¦Asia/Kathmandu¦Australia/Sydney¦Africa/Cairo¦Pacific/Auckland¦America/Los_Angeles¦Europe/London¦Europe/Moscow¦Asia/Shanghai¦Asia/Singapore¦Asia/Dubai¦America/St_Johns¦Europe/Lisbon¦Etc/GMT+5¦Nowhere/Land¦',
    ),
    weight: 2,
  },
);
const duration = fc.oneof(
  soup(7, '1¦30¦0¦.5¦.¦-¦+¦h¦m¦s¦ms¦us¦µs¦ns¦d¦ ¦9223372036854775807¦1.999999999999¦é'),
  oneOf(
    '1h30m¦-1.5h¦0¦+0¦1¦2562047h47m16.854775807s¦-2562047h47m16.854775808s¦2562047h47m16.854775808s',
  ),
);

// --- RE2

const pattern = fc.oneof(
  {
    arbitrary: soup(
      7,
      'a¦b¦é¦.¦*¦+¦?¦|¦(¦)¦[¦]¦^¦$¦\\¦{2}¦{1,3}¦{,2}¦a-z¦[a-z]¦[^b]¦\\d¦\\w+¦\\s¦\\b¦\\B¦(?i)¦(?s)¦(?m)¦(?U)¦(?P<n>¦(?<m>¦(?:¦(?=¦\\pL¦\\p{Greek}¦\\pN¦[[:alpha:]]¦[[:word:]]¦\\x41¦\\x{1F389}¦\\Q¦\\E¦\\z¦\\A¦\\1¦*?¦++¦\udcff¦ ',
    ),
    weight: 2,
  },
  {
    arbitrary: fc
      .array(
        oneOf(
          'a¦b+¦(a)¦(b|c)¦(?P<n>x?)¦[a-c]+?¦.¦^¦$¦\\d+¦(?i:AB)¦\\b¦é¦(a*)*¦x{2,3}¦[^a]¦(?:ab)+¦\\W¦[é-ü]¦(?s:.)¦|',
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((all) => all.join('')),
    weight: 3,
  },
);
const subject = soup(10, 'a¦b¦c¦ab¦x¦xx¦1¦23¦ ¦\n¦é¦A¦B¦🎉¦-¦_¦日¦\udcff¦ü');
const replacement = soup(4, '$1¦$\u007b1}¦$n¦$\u007bn}x¦$1x¦$$¦$¦$\u007b¦z¦$0¦$2¦é¦$\u007bm}¦\\1');

// --- JSON and TOML texts

const jsonText = fc.oneof(
  soup(
    9,
    '{¦}¦[¦]¦,¦:¦"a"¦"¦1¦-¦0¦.5¦e3¦E+¦true¦tru¦null¦nul¦f¦ ¦\n¦\\¦\\u00e9¦\\ud83d¦\\udf89¦\\x¦\t¦é¦\udcff¦\u0001¦01¦1e999¦"b":¦9007199254740993',
  ),
  json(jsonValue),
  fc
    .tuple(
      fc.json({ maxDepth: 3, noUnicodeString: false } as never),
      fc.nat(60),
      oneOf('¦}¦"¦,¦x¦ '),
    )
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + (at % 2))),
);
const tomlText = fc.oneof(
  soup(
    10,
    'a¦b¦ = ¦=¦1¦"x"¦\'y\'¦\n¦\n¦[¦]¦[[t]]¦[t]¦.¦{¦}¦,¦true¦1.5¦1_000¦0x1F¦"""¦\'\'\'¦#c¦ ¦\\¦inf¦-¦2021-03-04¦12:30:00¦2021-03-04T05:06:07Z¦é¦\t¦\r\n¦"k k"',
  ),
  fc
    .array(
      fc.oneof(
        oneOf(
          'a = 1¦b = "x"¦[t]¦[t.u]¦[[l]]¦c = [1, 2]¦d = {x = 1, y = "z"}¦e = 1979-05-27T07:32:00Z¦f = 3.14¦g = true¦h.i = 2¦j = """\nmulti\\\n  line"""¦k = \'raw\\n\'¦# c¦m = [\n 1,\n 2,\n]¦n = 0xDEAD¦o = nan¦p = 1e3¦"q r" = 1¦s = 07:32:00¦t = 1¦u = [[1], ["a"]]¦v = "\\u00e9\\n"¦w = 1_0¦[l.m]¦x = 1 y = 2¦z = "a\nb"¦A = 9223372036854775808¦B = -0¦C = 08¦D = 1.¦E = "\\q"¦F = {a = 1,}¦a = 2',
        ),
      ),
      { maxLength: 6 },
    )
    .map((lines) => lines.join('\n')),
);

// --- semver and globs

const version = fc.oneof(
  fc
    .tuple(
      oneOf('¦¦v'),
      soup(5, '0¦1¦2¦10¦.¦.¦.'),
      oneOf('¦¦-alpha¦-rc.1¦-0¦-01¦-a.b.1¦-'),
      oneOf('¦¦+b¦+b.1¦+¦+é'),
    )
    .map((all) => all.join('')),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3), oneOf('¦¦¦-beta¦-beta.2¦-1¦+x'))
    .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`),
);
const constraintPart = fc
  .tuple(
    oneOf('¦=¦!=¦>¦<¦>=¦<=¦=<¦=>¦~¦~>¦^¦> ¦>>'),
    fc.oneof(version, oneOf('*¦x¦1.x¦1.2.X¦1.*¦*.1¦1¦1.2¦')),
  )
  .map((all) => all.join(''));
const constraint = fc
  .tuple(
    constraintPart,
    fc.array(fc.tuple(oneOf(' ¦, ¦ || ¦||¦ - ¦,¦  '), constraintPart), {
      maxLength: 2,
    }),
  )
  .map(([first, rest]) => first + rest.flat().join(''));
/** Three stars in a row are a listed difference. */
const globPattern = soup(6, 'a¦b¦/¦*¦**¦?¦[a-c]¦[!a]¦[ab]¦.¦\\*¦-¦c¦é¦{a,b}¦{a,bc}¦[^a]').filter(
  (pattern) => !pattern.includes('***'),
);
const globSubject = soup(7, 'a¦b¦c¦/¦.¦*¦-¦é¦ab¦bc');
/** Names of files are never empty; what gobwas does beyond ASCII is a listed difference. */
const filePath = globSubject.filter((text) => /^[ -~]+$/.test(text));
const pathPattern = soup(6, 'a¦b¦/¦*¦?¦[a-c]¦[^a]¦[¦]¦\\¦-¦[a¦é¦[]a]¦[-]¦**');

const of = (op: string, from: Text): fc.Arbitrary<Question> =>
  from.map((text) => ({ op, in: text }));

/** Question and how often it is asked. */
const KINDS: readonly (readonly [op: string, from: Text, weight: number])[] = [
  [
    'fmt.sprintf',
    held(
      format.filter((one) => one.isWellFormed()),
      jsonList(printable, 3),
    ),
    10,
  ],
  ['fmt.sprint', jsonList(anyValue, 4), 2],
  ['fmt.sprintln', jsonList(anyValue, 4), 1],
  ['strconv.parseint', held(numeral, oneOf('0¦10¦10¦16¦2¦8¦36'), oneOf('0¦64¦32¦8')), 4],
  ['strconv.parseuint', held(numeral, oneOf('0¦10¦16¦8'), oneOf('0¦64¦32¦8')), 2],
  ['strconv.atoi', noNul(fc.oneof(numeral, anyText)), 2],
  ['strconv.parsefloat', held(noNul(fc.oneof(numeral, numeral, anyText)), oneOf('64¦64¦32')), 5],
  ['strconv.parsebool', fc.oneof(numeral, anyText), 1],
  [
    'strconv.formatfloat',
    held(
      floatText,
      fc.constantFrom(...'eEfgGbxX'),
      oneOf('-1¦-1¦0¦1¦2¦6¦17¦25'),
      oneOf('64¦64¦32'),
    ),
    4,
  ],
  ['strconv.quote', anyText, 2],
  ['strconv.quotetoascii', anyText, 1],
  ['strconv.unquote', literal, 3],
  ['strconv.canbackquote', anyText, 1],
  ['strconv.isprint', codes, 2],
  ['time.parse', fc.oneof(held(layout, timeText, zone), held(fitting, zone)), 6],
  ['time.format', held(moment.map(String), fc.nat(999_999_999).map(String), zone, layout), 5],
  ['duration.parse', duration, 3],
  ['duration.format', digits.map(String), 1],
  [
    'duration.round',
    held(digits.map(String), oneOf('0¦-1¦1¦1000¦1000000000¦60000000000¦3600000000000¦7')),
    1,
  ],
  ['regexp', held(pattern, subject, replacement, oneOf('-1¦-1¦0¦1¦2¦3')), 10],
  ['regexp.quotemeta', anyText, 1],
  ['json.decode', jsonText, 6],
  ['json.decode-kubernetes', jsonText, 2],
  ['json.encode', json(packedValues(floatText, unusual)), 3],
  ['json.indent', json(packedValues(finite, unusual)), 2],
  ['toml.decode', tomlText, 6],
  ['toml.encode', json(tomlValue), 4],
  ['path.match', held(pathPattern, globSubject), 2],
  ['glob', held(fc.constant('/'), globPattern, filePath), 3],
  [
    'deepequal',
    json(
      fc.oneof(
        fc.tuple(anyValue, anyValue),
        anyValue.map((one) => [one, one]),
      ),
    ),
    2,
  ],
  ['semver.check', held(constraint, version), 8],
  ['semver.version', version, 2],
  ['semver.strict', version, 1],
  ['semver.compare', held(version, version), 2],
];

/** `only` names questions. */
export const gocompatSuite: FuzzSuite = textSuite('gocompat', (only) =>
  fc.oneof(
    ...KINDS.filter(([op]) => only.length === 0 || only.includes(op)).map(([op, from, weight]) => ({
      arbitrary: of(op, from),
      weight,
    })),
  ),
);
