// SPDX-License-Identifier: Apache-2.0

/** One process: looks for a chart twice. `node look-twice.ts URL CACHE` prints the costs as JSON. */

import { performance } from 'node:perf_hooks';
import { createFetchPorts, openDiskCache } from '@helm-operator/fetch';
import { createChartSources, fetchChart } from '@helm-operator/helm';

const [url = '', folder = ''] = process.argv.slice(2);
const cache = await openDiskCache({ folder, maxBytes: 2 ** 30 });
const context = {
  fetch: createFetchPorts({ userAgent: 'bench', cache }),
  signal: new AbortController().signal,
};
const sources = createChartSources({ promisePolicy: 'trust' });
const location = { kind: 'repository', url, name: 'chart-003', version: '0.x' } as const;
const baseMiB = process.memoryUsage.rss() / 2 ** 20;

async function look(): Promise<object> {
  const startedMs = performance.now();
  await fetchChart(sources, { location, credentials: {} }, context);
  const ms = performance.now() - startedMs;
  const rssMiB = process.resourceUsage().maxRSS / 1024;
  return { ms, rssMiB, addedMiB: rssMiB - baseMiB };
}

const first = await look();
const second = await look();
process.stdout.write(JSON.stringify({ first, second }));
