// SPDX-License-Identifier: Apache-2.0

/** Writes the CustomResourceDefinitions of `packages/api` to `deploy/crds/`; `--check` only says whether they are current. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIALECTS, type Schema } from '@helm-operator/api';
import { decodeJson, encodeYaml } from '@helm-operator/gocompat';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'deploy/crds');

/** File → its definition. */
export const CRDS: ReadonlyMap<string, Schema> = new Map(
  DIALECTS.map(({ apiVersion, crd }) => [`${apiVersion.split('/')[0]}_helmreleases.yaml`, crd]),
);

/** The text of a definition's file. */
export function crdText(crd: Schema): string {
  const value = decodeJson(JSON.stringify(crd), { numbers: 'int64orFloat64' });
  return `# Generated from packages/api by scripts/generate-crds.ts.\n${encodeYaml(value)}`;
}

/** Files that differ from what the schema gives. */
export function staleCrds(): string[] {
  return [...CRDS]
    .filter(([name, crd]) => {
      const path = join(folder, name);
      return !existsSync(path) || readFileSync(path, 'utf8') !== crdText(crd);
    })
    .map(([name]) => name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(folder, { recursive: true });
  for (const [name, crd] of CRDS) writeFileSync(join(folder, name), crdText(crd));
  // The chart and the one-file YAMLs hold copies; what makes them needs this module whole.
  void import('./generate-deploy.ts').then(({ writeDeployFiles }) => writeDeployFiles());
}
