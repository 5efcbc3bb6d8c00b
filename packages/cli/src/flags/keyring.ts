// SPDX-License-Identifier: Apache-2.0

import { join, resolve } from 'node:path';
import type { CliContext } from '../context.ts';

/** The ring of public keys: the one that was named, else GnuPG's. Source: helm v3.22.0 cmd/helm/dependency_build.go (defaultKeyring). */
export function keyringPath(given: string, { env, homeFolder, folder }: CliContext): string {
  if (given !== '') return resolve(folder, given);
  const home = env.get('GNUPGHOME');
  return home === undefined ? join(homeFolder, '.gnupg/pubring.gpg') : join(home, 'pubring.gpg');
}
