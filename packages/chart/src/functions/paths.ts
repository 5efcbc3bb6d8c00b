// SPDX-License-Identifier: Apache-2.0

/** Paths with slashes. Source: Go 1.26 package path; package path/filepath on Unix is the same */

import { types } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { alias, define } from './define.ts';

/** `path.Clean` */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/');
  const kept: string[] = [];
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue;
    if (element !== '..') kept.push(element);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push('..');
  }
  const joined = kept.join('/');
  if (isRooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

/** `path.Base` */
export function basePath(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

function directory(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1));
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot);
}

const base = define('base', ['string'], types.string, basePath);
const dir = define('dir', ['string'], types.string, directory);
const clean = define('clean', ['string'], types.string, cleanPath);
const ext = define('ext', ['string'], types.string, extension);
const isAbs = define('isAbs', ['string'], types.bool, (path) => path.startsWith('/'));

/** Sprig's functions over paths; the `os` ones speak of Unix, as Helm's builds for Kubernetes do. */
export const pathFunctions: readonly TemplateFunction[] = [
  base,
  ...alias(base, 'osBase'),
  dir,
  ...alias(dir, 'osDir'),
  clean,
  ...alias(clean, 'osClean'),
  ext,
  ...alias(ext, 'osExt'),
  isAbs,
  ...alias(isAbs, 'osIsAbs'),
];
