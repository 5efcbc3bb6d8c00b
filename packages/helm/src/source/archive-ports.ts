// SPDX-License-Identifier: Apache-2.0

import { gunzipSync } from 'node:zlib';
import type { ArchivePorts } from '@helm-operator/chart';

/** What reading an archive needs of this machine. */
export const archivePorts: ArchivePorts = {
  gunzip: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }),
};
