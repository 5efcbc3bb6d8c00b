// SPDX-License-Identifier: Apache-2.0
import { yamlError } from './errors.ts';
import type { Scanner } from './scanner.ts';
import { TAG_DIRECTIVE, type Token, VERSION_DIRECTIVE } from './tokens.ts';

const YAML_TAG_PREFIX = 'tag:yaml.org,2002:';

/** Reads what stands before `---`; tags' handles go to `prefixes`. @throws {YamlError} */
export function readDirectives(scanner: Scanner, prefixes: Map<string, string>): void {
  let hasVersion = false;
  let next = scanner.peek();
  for (;;) {
    if (next.kind === VERSION_DIRECTIVE) {
      if (hasVersion) throw yamlError(next.line, 'found duplicate %YAML directive');
      if (next.value !== '1.1') throw yamlError(next.line, 'found incompatible YAML document');
      hasVersion = true;
    } else if (next.kind === TAG_DIRECTIVE) {
      if (prefixes.has(next.value)) throw yamlError(next.line, 'found duplicate %TAG directive');
      prefixes.set(next.value, next.suffix);
    } else {
      break;
    }
    scanner.skip();
    next = scanner.peek();
  }
  if (!prefixes.has('!')) prefixes.set('!', '!');
  if (!prefixes.has('!!')) prefixes.set('!!', YAML_TAG_PREFIX);
}

/** A tag as its handle's prefix makes it. @throws {YamlError} for an unknown handle */
export function longTag(
  tagToken: Token,
  nodeLine: number,
  prefixes: ReadonlyMap<string, string>,
): string {
  if (tagToken.value === '') return tagToken.suffix;
  const prefix = prefixes.get(tagToken.value);
  const tag = prefix === undefined ? '' : prefix + tagToken.suffix;
  if (tag !== '') return tag;
  throw yamlError(tagToken.line === 0 ? nodeLine : tagToken.line, 'found undefined tag handle');
}
