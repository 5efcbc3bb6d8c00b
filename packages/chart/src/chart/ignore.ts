// SPDX-License-Identifier: Apache-2.0

/** `.helmignore`. Source: helm v3.22.0 pkg/ignore/rules.go. */

import { matchPath } from '@helm-operator/gocompat';
import { ChartError, messageOf } from '../errors.ts';
import { trimSpace } from '../render/split.ts';

/** Whether a file or folder of a chart directory is left out; what lies in such a folder is left out with it. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly isNegated: boolean;
  /** Fits folders only. */
  readonly isForFolders: boolean;
  readonly fits: (path: string) => boolean;
}

/** Dot files in `templates/` never count. */
const DEFAULT_RULE = 'templates/.?*';

/**
 * Reads a `.helmignore`; an empty text has Helm's default rule only.
 *
 * A rule with `!` does not take a file back: whatever it does *not* fit is left out.
 *
 * @throws {ChartError} `chart/load` with Helm's text
 */
export function ignoreRules(text: string): IgnoreRules {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const rules = [...lines, DEFAULT_RULE].flatMap(readRule);
  return (path, isFolder) => {
    if (path === '' || path === '.' || path === './') return false;
    for (const { isNegated, isForFolders, fits } of rules) {
      if (isForFolders && !isFolder) {
        if (isNegated) return true;
        continue;
      }
      if (fits(path) !== isNegated) return true;
    }
    return false;
  };
}

function readRule(line: string): readonly Rule[] {
  const text = trimSpace(line);
  if (text === '' || text.startsWith('#')) return [];
  if (text.includes('**')) {
    throw new ChartError('chart/load', 'double-star (**) syntax is not supported');
  }
  try {
    matchPath(text, 'abc');
  } catch (error) {
    throw new ChartError('chart/load', messageOf(error), error);
  }
  const isNegated = text.startsWith('!');
  const positive = isNegated ? text.slice(1) : text;
  const isForFolders = positive.endsWith('/');
  return [{ isNegated, isForFolders, fits: fitOf(positive.replace(/\/$/, '')) }];
}

/** A pattern with a slash is for the whole path, one without for the last part of it. */
function fitOf(pattern: string): (path: string) => boolean {
  if (pattern.startsWith('/')) return (path) => matches(pattern.slice(1), path);
  if (pattern.includes('/')) return (path) => matches(pattern, path);
  return (path) => matches(pattern, path.slice(path.lastIndexOf('/') + 1));
}

/** Without its `!` a pattern may have become unreadable; it then fits nothing, as with Helm. */
function matches(pattern: string, path: string): boolean {
  try {
    return matchPath(pattern, path);
  } catch {
    return false;
  }
}
