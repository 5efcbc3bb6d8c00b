// SPDX-License-Identifier: Apache-2.0

/** 200 charts out of an OCI registry, beside real `helm pull`; then the same again, when nothing has changed. */

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFetchPorts, openRegistry } from '@helm-operator/fetch';
import { OciCharts } from '@helm-operator/helm';
import { openWorkspace } from '../conformance/sources/peer.ts';
import { pushChart } from '../kit/oci-push.ts';
import { startOciRegistry } from '../kit/oci-registry.ts';
import { tarball } from '../kit/tarball.ts';
import { record } from './figures.ts';

const CHARTS = 200;
const { signal } = new AbortController();

function chart(index: number): Uint8Array {
  return tarball({
    [`app-${index}/Chart.yaml`]: `apiVersion: v2\nname: app-${index}\nversion: 1.0.0\n`,
    [`app-${index}/templates/data.yaml`]: `# ${randomBytes(24 * 1024).toString('hex')}\n`,
  });
}

async function main(): Promise<void> {
  const [workspace, registry] = await Promise.all([openWorkspace(), startOciRegistry()]);
  try {
    const credentials = { isPlainHttp: true };
    const ports = createFetchPorts({ userAgent: 'bench' });
    const client = openRegistry({ registry: registry.host, credentials, ports });
    const urls: string[] = [];
    for (let index = 0; index < CHARTS; index++) {
      await pushChart(client, `${registry.host}/bench/app-${index}:1.0.0`, chart(index));
      urls.push(`oci://${registry.host}/bench/app-${index}`);
    }
    const target = join(workspace.folder, 'pulled');
    await mkdir(target);
    const theirs = await timed(async () => {
      for (const url of urls) {
        const args = ['pull', url, '--version', '1.0.0', '--plain-http', '-d', target];
        const { isAccepted, text } = await workspace.helm(args);
        if (!isAccepted) throw new Error(text);
      }
    });
    const charts = new OciCharts();
    const context = { fetch: createFetchPorts({ userAgent: 'bench' }), signal };
    const pull = async (run: typeof charts): Promise<void> => {
      for (const url of urls) {
        const location = { kind: 'oci' as const, url, version: '1.0.0' };
        await run.fetch({ location, credentials }, context);
      }
    };
    const ours = await timed(() => pull(charts));
    const again = await timed(() => pull(charts));
    const peek = await timed(async () => {
      for (const url of urls) {
        await charts.peek(
          { location: { kind: 'oci', url, version: '1.0.0' }, credentials },
          context,
        );
      }
    });
    row('helm pull, one process each', theirs);
    row('ours, one process for all', ours);
    row('ours, again: nothing has changed', again);
    row('ours, asked whether something changed (one HEAD each)', peek);
    process.stdout.write(`ours / helm: ${(ours / theirs).toFixed(3)}\n`);
    process.stdout.write(`peak RSS: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
    const inSeconds = (ms: number) => Number((ms / 1000).toFixed(2));
    record('oci', {
      charts: CHARTS,
      helmSeconds: inSeconds(theirs),
      oursSeconds: inSeconds(ours),
      unchangedSeconds: inSeconds(again),
      askedAloneSeconds: inSeconds(peek),
    });
    if (ours > theirs) process.exitCode = 1;
  } finally {
    await registry.stop();
    await workspace.stop();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function row(name: string, ms: number): void {
  const each = (ms / CHARTS).toFixed(1);
  process.stdout.write(`${name.padEnd(56)} ${(ms / 1000).toFixed(2)} s (${each} ms each)\n`);
}

await main();
