// SPDX-License-Identifier: Apache-2.0

/** Go's time layouts, cut into their parts. Source: Go 1.26 time/format.go (nextStdChunk). */

export type LayoutPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'element'; readonly text: string }
  /** A fraction of a second: `.000` prints all digits, `.999` without zeros at the end. */
  | {
      readonly kind: 'fraction';
      readonly text: string;
      readonly digits: number;
      readonly isTrimmed: boolean;
    };

const ELEMENTS = [
  'January',
  'Monday',
  '2006',
  'Z07:00:00',
  'Z070000',
  'Z07:00',
  'Z0700',
  'Z07',
  '-07:00:00',
  '-070000',
  '-07:00',
  '-0700',
  '-07',
  'MST',
  '__2',
  '002',
  '_2',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '15',
  'PM',
  'pm',
  'Jan',
  'Mon',
  '1',
  '2',
  '3',
  '4',
  '5',
] as const;

const BY_FIRST = new Map<string, readonly string[]>();
for (const element of ELEMENTS) {
  BY_FIRST.set(element.charAt(0), [...(BY_FIRST.get(element.charAt(0)) ?? []), element]);
}

const parsed = new Map<string, readonly LayoutPart[]>();
const CACHE_ENTRIES = 256;

/** The parts of a layout, in order. */
export function layoutParts(layout: string): readonly LayoutPart[] {
  const hit = parsed.get(layout);
  if (hit !== undefined) return hit;
  const parts = cut(layout);
  if (parsed.size >= CACHE_ENTRIES) parsed.clear();
  parsed.set(layout, parts);
  return parts;
}

function cut(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let literal = '';
  let at = 0;
  while (at < layout.length) {
    const part = partAt(layout, at);
    if (part === undefined) {
      literal += layout.charAt(at++);
      continue;
    }
    const before = part.prefix;
    literal += before;
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    literal = '';
    parts.push(part.part);
    at += before.length + part.part.text.length;
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal });
  return parts;
}

function partAt(layout: string, at: number): { prefix: string; part: LayoutPart } | undefined {
  const char = layout.charAt(at);
  if (char === '.' || char === ',') return fractionAt(layout, at);
  if (layout.startsWith('_2006', at))
    return { prefix: '_', part: { kind: 'element', text: '2006' } };
  for (const text of BY_FIRST.get(char) ?? []) {
    if (!layout.startsWith(text, at)) continue;
    const isName = text === 'Jan' || text === 'Mon';
    if (isName && /[a-z]/.test(layout.charAt(at + 3))) continue;
    return { prefix: '', part: { kind: 'element', text } };
  }
  return undefined;
}

function fractionAt(layout: string, at: number): { prefix: string; part: LayoutPart } | undefined {
  const digit = layout.charAt(at + 1);
  if (digit !== '0' && digit !== '9') return undefined;
  let end = at + 1;
  while (layout.charAt(end) === digit) end++;
  if (/[0-9]/.test(layout.charAt(end))) return undefined;
  const text = layout.slice(at, end);
  return {
    prefix: '',
    part: { kind: 'fraction', text, digits: text.length - 1, isTrimmed: digit === '9' },
  };
}
