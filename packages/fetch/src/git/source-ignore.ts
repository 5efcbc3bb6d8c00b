// SPDX-License-Identifier: Apache-2.0

/**
 * Which files of a tree do not count for Flux. Source: fluxcd/pkg sourceignore, source-controller (SourceIgnoreFilter),
 * go-git v5 plumbing/format/gitignore; names are compared by Go's filepath.Match.
 */

import { matchPath } from '@helm-operator/gocompat';

/** Whether a file is left out, by its path from the root of the tree. */
export type SourceIgnore = (path: string) => boolean;

export interface SourceIgnoreInput {
  /** `spec.ignore`: comes after the files, and so over them. */
  readonly ignore?: string | undefined;
  /** The `.sourceignore` files: the folder each is in (empty: the root), outer ones first. */
  readonly files: readonly { readonly folder: string; readonly text: string }[];
}

interface Pattern {
  readonly folder: readonly string[];
  readonly isTakenBack: boolean;
  readonly isForFolders: boolean;
  readonly parts: readonly string[];
}

const VERSION_CONTROL = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];
/** In force where nobody says otherwise. */
const DEFAULTS = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

/** Any pattern of the user's takes the place of the defaults; those of version control stay. */
export function sourceIgnore({ ignore, files }: SourceIgnoreInput): SourceIgnore {
  const own = [
    ...files.flatMap(({ folder, text }) => readPatterns(text, split(folder))),
    ...(ignore === undefined ? [] : readPatterns(ignore, [])),
  ];
  const fallback = own.length === 0 ? readPatterns(DEFAULTS.join('\n'), []) : [];
  const patterns = [...readPatterns(VERSION_CONTROL.join('\n'), []), ...fallback, ...own].reverse();
  return (path) => {
    const parts = split(path);
    const found = patterns.find((pattern) => fits(pattern, parts));
    return found !== undefined && !found.isTakenBack;
  };
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function readPatterns(text: string, folder: readonly string[]): Pattern[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith('#') || line.trim() === '') return [];
    const isTakenBack = line.startsWith('!');
    const bare = isTakenBack ? line.slice(1) : line;
    const trimmed = bare.endsWith('\\ ') ? bare : bare.replace(/ +$/, '');
    const isForFolders = trimmed.endsWith('/');
    const parts = (isForFolders ? trimmed.slice(0, -1) : trimmed).split('/');
    return [{ folder, isTakenBack, isForFolders, parts }];
  });
}

/** The paths that are asked for are those of files. */
function fits(pattern: Pattern, path: readonly string[]): boolean {
  const { folder } = pattern;
  if (path.length <= folder.length || folder.some((part, at) => part !== path[at])) return false;
  const inside = path.slice(folder.length);
  const [only = ''] = pattern.parts;
  return pattern.parts.length > 1 ? fitsPath(pattern, inside) : fitsName(only, pattern, inside);
}

/** A pattern without a slash fits the file or any folder it is in. */
function fitsName(name: string, { isForFolders }: Pattern, path: readonly string[]): boolean {
  return path.some((part, at) => {
    const isFile = at === path.length - 1;
    return !(isForFolders && isFile) && isMatch(name, part);
  });
}

function fitsPath({ parts, isForFolders }: Pattern, path: readonly string[]): boolean {
  let at = 0;
  let isOpen = false;
  let isFitting = false;
  for (const [index, part] of parts.entries()) {
    if (part === '') {
      isOpen = false;
      continue;
    }
    if (part === '**') {
      if (index === parts.length - 1) break;
      isOpen = true;
      continue;
    }
    if (part.includes('**') || at >= path.length) return false;
    if (!isOpen && !isMatch(part, path[at] ?? '')) return false;
    while (isOpen && at < path.length && !isMatch(part, path[at] ?? '')) at++;
    isFitting = at < path.length;
    isOpen = false;
    at++;
  }
  const isWhole = at >= path.length;
  return isFitting && !(isForFolders && isWhole);
}

/** A pattern that cannot be read fits nothing. */
function isMatch(pattern: string, name: string): boolean {
  try {
    return matchPath(pattern, name);
  } catch {
    return false;
  }
}
