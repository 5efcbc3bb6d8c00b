// SPDX-License-Identifier: Apache-2.0

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** CommonJS packages inside an ES bundle ask for `require`. */
export const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Left outside: its licence (LGPL) wants it to be replaceable. Loaded when a PGP signature is verified. */
export const EXTERNAL: readonly string[] = ['openpgp'];

/** The one binary and the child that renders, side by side. */
export async function bundleCommand(folder: string): Promise<void> {
  await build({
    entryPoints: {
      main: join(root, 'packages/cli/src/main.ts'),
      'render-host': join(root, 'packages/helm/src/render-host/main.ts'),
    },
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    external: [...EXTERNAL],
    legalComments: 'linked',
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
}
