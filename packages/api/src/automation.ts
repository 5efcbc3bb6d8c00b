// SPDX-License-Identifier: Apache-2.0

/** Image automation as Flux 1 reads it from annotations and values; it is told, not acted upon. Source: spec helm-operator.md §6. */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import type { Fields } from './fields.ts';

/** What a HelmRelease asks of image automation. */
export interface Automation {
  readonly isAutomated: boolean;
  /** A person forbids it for now. */
  readonly isLocked: boolean;
  readonly lockedBy?: string | undefined;
  readonly lockedWhy?: string | undefined;
  /** By name; `chart-image` first. */
  readonly containers: readonly AutomatedContainer[];
}

/** An image among the values. */
export interface AutomatedContainer {
  readonly name: string;
  /** Registry, repository and tag in one text. */
  readonly image: string;
  /** Which tags are wanted: `glob:`, `semver:` or `regexp:`. */
  readonly filter?: string | undefined;
}

const PREFIXES = ['fluxcd.io/', 'flux.weave.works/'] as const;
const MAPPING = /^(repository|registry|tag)\.fluxcd\.io\/(.+)$/;
const FILTER = /^filter\.fluxcd\.io\/(.+)$/;
const TOP = 'chart-image';

/** Whether an annotation is about image automation. */
export function isAboutAutomation(annotation: string): boolean {
  return (
    MAPPING.test(annotation) ||
    FILTER.test(annotation) ||
    PREFIXES.some((prefix) =>
      /^(automated|locked|locked_user|locked_msg|tag_all|tag\..+)$/.test(
        annotation.startsWith(prefix) ? annotation.slice(prefix.length) : '',
      ),
    )
  );
}

/** @param metadata of a HelmRelease @param inline `spec.values` @returns `undefined`: nothing is asked for */
export function decodeAutomation(metadata: Fields, inline: Value): Automation | undefined {
  const annotations = metadata.raw('annotations');
  const texts = new Map<string, string>();
  for (const [name, value] of annotations instanceof Map ? annotations : [])
    if (typeof value === 'string' && isAboutAutomation(name)) texts.set(name, value);
  if (texts.size === 0) return undefined;
  const policy = (name: string) =>
    PREFIXES.map((prefix) => texts.get(prefix + name)).find((text) => text !== undefined);
  const values: ValueMap = inline instanceof Map ? inline : new Map();
  const images = new Map([...detected(values), ...mapped(texts, values)]);
  const filterOf = (name: string) =>
    texts.get(`filter.fluxcd.io/${name}`) ?? policy(`tag.${name}`) ?? policy('tag_all');
  const containers = [...images].map(([name, image]): AutomatedContainer => {
    const filter = filterOf(name);
    if (filter === undefined) return { name, image };
    return {
      name,
      image,
      filter: /^(glob|semver|regexp|regex):/.test(filter) ? filter : `glob:${filter}`,
    };
  });
  return {
    isAutomated: policy('automated') === 'true',
    isLocked: policy('locked') === 'true',
    lockedBy: policy('locked_user'),
    lockedWhy: policy('locked_msg'),
    containers: containers.toSorted(byName),
  };
}

function byName({ name: a }: AutomatedContainer, { name: b }: AutomatedContainer): number {
  if (a === TOP || b === TOP) return a === b ? 0 : a === TOP ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** At the top of the values, and one level below. */
function detected(values: ValueMap): readonly (readonly [string, string])[] {
  const places: (readonly [string, Value])[] = [[TOP, values], ...values];
  return places.flatMap(([name, value]) => {
    const image = value instanceof Map ? imageIn(value) : undefined;
    return image === undefined ? [] : [[name, image] as const];
  });
}

function imageIn(values: ValueMap): string | undefined {
  const image = values.get('image');
  const beside = (from: ValueMap) => ({
    registry: textIn(from, 'registry'),
    tag: textIn(from, 'tag'),
  });
  if (typeof image === 'string') return joined(image, beside(values));
  if (!(image instanceof Map)) return undefined;
  const repository = textIn(image, 'repository');
  return repository === undefined ? undefined : joined(repository, beside(image));
}

/** Those whose parts annotations name by paths. */
function mapped(
  texts: ReadonlyMap<string, string>,
  values: ValueMap,
): readonly (readonly [string, string])[] {
  const aliases = [...texts.keys()].flatMap((name) => {
    const [, part, alias] = MAPPING.exec(name) ?? [];
    return part === 'repository' && alias !== undefined ? [alias] : [];
  });
  return aliases.flatMap((alias) => {
    const at = (part: string) => textAt(values, texts.get(`${part}.fluxcd.io/${alias}`));
    const repository = at('repository');
    const image = { registry: at('registry'), tag: at('tag') };
    return repository === undefined ? [] : [[alias, joined(repository, image)] as const];
  });
}

function joined(
  name: string,
  { registry, tag }: { readonly registry: string | undefined; readonly tag: string | undefined },
): string {
  return `${registry === undefined ? '' : `${registry}/`}${name}${tag === undefined ? '' : `:${tag}`}`;
}

function textIn(map: ValueMap, name: string): string | undefined {
  const value = map.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** @param path `a.b.c` */
function textAt(values: ValueMap, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let value: Value = values;
  for (const name of path.split('.'))
    value = value instanceof Map ? (value.get(name) ?? null) : null;
  return typeof value === 'string' ? value : undefined;
}
