// SPDX-License-Identifier: Apache-2.0

import { UsageError } from '../context.ts';

/** `PREFIX: TEXT` around an error of `run`. */
export async function prefixed<T>(prefix: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${prefix}: ${text}`, { cause: error });
  }
}
