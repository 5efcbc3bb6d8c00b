// SPDX-License-Identifier: Apache-2.0

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * Whether an `Authorization` header shows the token in a file; it is read each time, since mounted Secrets are rotated.
 *
 * @param path empty: everybody may
 * @throws {Error} the file cannot be read
 */
export async function showsToken(
  path: string,
  authorization: string | undefined,
): Promise<boolean> {
  if (path === '') return true;
  const token = (await readFile(path, 'utf8')).trim();
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return token !== '' && timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
