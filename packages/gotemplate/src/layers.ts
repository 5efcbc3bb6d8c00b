// SPDX-License-Identifier: Apache-2.0

import type { Template } from './template.ts';

/** So many layers are looked through before they are made one. */
const MOST_LAYERS = 4;

type Layer = Map<string, Template | undefined>;

/**
 * Templates by name, cheap to fork: `tpl` forks all templates of a chart for a text that adds one. What either side adds or deletes later, the
 * other does not see.
 */
export class Layers {
  /** The newest first; those below are never changed. `undefined`: deleted. */
  #below: readonly Layer[];
  #top: Layer = new Map();

  constructor(below: readonly Layer[] = []) {
    this.#below = below;
  }

  get(name: string): Template | undefined {
    const own = this.#top.get(name);
    if (own !== undefined || this.#top.has(name)) return own;
    for (const layer of this.#below) {
      const found = layer.get(name);
      if (found !== undefined || layer.has(name)) return found;
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, template: Template): void {
    this.#top.set(name, template);
  }

  delete(name: string): void {
    if (this.has(name)) this.#top.set(name, undefined);
  }

  /** In the order of their first definition. */
  names(): readonly string[] {
    return [...this.#merged()]
      .filter(([, template]) => template !== undefined)
      .map(([name]) => name);
  }

  fork(): Layers {
    if (this.#top.size > 0) {
      const layers = [this.#top, ...this.#below];
      this.#below = layers.length > MOST_LAYERS ? [this.#merged()] : layers;
      this.#top = new Map();
    }
    return new Layers(this.#below);
  }

  #merged(): Layer {
    return new Map([this.#top, ...this.#below].reverse().flatMap((layer) => [...layer]));
  }
}
