// SPDX-License-Identifier: Apache-2.0

/** What a post-renderer makes of rendered files. Source: helm v4.2.1 pkg/action/action.go (renderResources). */

import { wrapError } from '../errors.ts';
import { mergeAnnotated, splitAnnotated } from './annotated.ts';
import { sortManifests } from './manifests.ts';

/**
 * Changes what was rendered before it becomes a release. Helm 3 hands over the manifest, hooks apart; Helm 4 one stream of all
 * documents, hooks included, each with its file's name in an annotation.
 */
export type PostRender = (text: string) => string;

/**
 * What a post-renderer of Helm 4 gets: hooks and the rest in one stream, each in a stream of its own, or the rest alone. `combined` is
 * what the command line does.
 */
export type PostRenderStrategy = 'combined' | 'separate' | 'nohooks';

type Files = ReadonlyMap<string, string>;

/** @throws {ChartError} `chart/post-render`, `chart/manifest` with Helm's text */
export function postRenderFiles(
  files: Files,
  postRender: PostRender,
  strategy: PostRenderStrategy = 'combined',
): Files {
  if (strategy === 'combined') {
    const stream = doing('error merging manifests', () => mergeAnnotated(files));
    const changed = runPostRender('files', () => postRender(stream));
    return doing('error while parsing post rendered output', () => splitAnnotated(changed));
  }
  const { hooks, manifests } = sortManifests(files, 'helm4');
  const groups = [
    { name: 'hooks', isLeft: strategy === 'nohooks', documents: hooks.map(textOfHook) },
    { name: 'manifests', isLeft: false, documents: manifests },
  ];
  const parts = groups
    .filter(({ documents }) => documents.length > 0)
    .map(({ name, isLeft, documents }) => {
      const whole = joined(documents);
      return isLeft ? whole : postRenderGroup(name, whole, postRender);
    });
  return joined(parts.flatMap((part) => [...part].map(([path, content]) => ({ path, content }))));
}

function textOfHook({
  path,
  manifest,
}: {
  readonly path: string;
  readonly manifest: string;
}): Part {
  return { path, content: manifest };
}

interface Part {
  readonly path: string;
  readonly content: string;
}

/** Parts of one path become one file. */
function joined(parts: readonly Part[]): Files {
  const files = new Map<string, string>();
  for (const { path, content } of parts) {
    const before = files.get(path);
    files.set(path, before === undefined ? content : `${before}\n---\n${content}`);
  }
  return files;
}

function postRenderGroup(name: string, files: Files, postRender: PostRender): Files {
  const stream = doing(`error merging ${name}`, () => mergeAnnotated(files));
  const changed = runPostRender(name, () => postRender(stream));
  return doing(`error while parsing post rendered output for ${name}`, () =>
    splitAnnotated(changed, name),
  );
}

/** @throws {ChartError} `chart/post-render` with Helm's text */
export function runPostRender(what: string, run: () => string): string {
  return doing(`error while running post render on ${what}`, run);
}

function doing<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw wrapError('chart/post-render', what, error);
  }
}
