// SPDX-License-Identifier: Apache-2.0

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** CommonJS packages inside an ES bundle ask for `require`. */
export const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Left outside: its licence (LGPL) wants it to be replaceable. Loaded when a PGP signature is verified. */
export const EXTERNAL: readonly string[] = ['openpgp'];

/**
 * An ES import of `node:http` reads all its exports, and with that loads Node's own web client (5 MB) that nobody here uses; asked for in
 * another way it does not.
 */
const LAZY_HTTP: Plugin = {
  name: 'lazy-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({
      path: path.replace('node:', ''),
      namespace: 'lazy-http',
    }));
    onLoad({ filter: /.*/, namespace: 'lazy-http' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};

/** The part of undici that is used; see there. */
const UNDICI_CORE: Plugin = {
  name: 'undici-core',
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({
      path: join(root, 'scripts/build/undici-core.cjs'),
    }));
  },
};

/** The one binary and the child that renders, side by side. Their text stays in memory: without white space, and ASCII, it takes a third. */
export async function bundleCommand(folder: string): Promise<void> {
  await bundlePrograms(folder, {
    main: join(root, 'packages/cli/src/main.ts'),
    'render-host': join(root, 'packages/helm/src/render-host/main.ts'),
  });
}

/** Programs as they are shipped. @param entryPoints name of the bundle → its entry */
export async function bundlePrograms(
  folder: string,
  entryPoints: Record<string, string>,
): Promise<void> {
  await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [LAZY_HTTP, UNDICI_CORE],
    external: [...EXTERNAL],
    legalComments: 'linked',
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
}
