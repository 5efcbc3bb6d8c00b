// SPDX-License-Identifier: Apache-2.0

import type { CrdFile } from '@helm-operator/chart';

/** What `helm template` prints or writes, however it was rendered. */
export interface PrintedRelease {
  readonly manifest: string;
  readonly documents: readonly { readonly path: string; readonly content: string }[];
  readonly hooks: readonly {
    readonly path: string;
    readonly manifest: string;
    readonly events: readonly string[];
  }[];
  readonly crds: readonly CrdFile[];
}
