// SPDX-License-Identifier: Apache-2.0

import type { TemplateSet } from '@helm-operator/gotemplate';
import { LRUCache } from 'lru-cache';

/** Parsed and compiled templates, by chart. */
export interface TemplateCache {
  get(key: string): TemplateSet | undefined;
  /** @param textUnits length of the templates' texts, in UTF-16 units */
  set(key: string, templates: TemplateSet, textUnits: number): void;
}

/** Memory that one unit of template text takes as tree and program, in bytes: 20 over 120 charts of the corpus, rounded up. */
const BYTES_PER_UNIT = 24;

/**
 * Keeps templates up to a limit of memory, the least recently used go first.
 *
 * @param limitBytes estimated, not exact
 */
export function createTemplateCache(limitBytes: number): TemplateCache {
  const cache = new LRUCache<string, TemplateSet>({ maxSize: limitBytes });
  return {
    get: (key) => cache.get(key),
    set: (key, templates, textUnits) => {
      cache.set(key, templates, { size: Math.max(1, textUnits * BYTES_PER_UNIT) });
    },
  };
}
