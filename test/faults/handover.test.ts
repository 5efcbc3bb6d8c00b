// SPDX-License-Identifier: Apache-2.0

/** Two replicas: the one that leads is told to stop amid fifty upgrades; the other finishes them all, none is lost and none made twice. */

import assert from 'node:assert/strict';
import { readRecords } from '../cluster/helm/snapshot.ts';
import { story } from '../cluster/operator/story.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { applyHelmRelease, until } from '../kit/helm-release.ts';

const RELEASES = 50;
const WITHIN_MS = 180_000;
const names = Array.from({ length: RELEASES }, (_, i) => `small-${i}`);

interface ReleasedObject {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** How many HelmReleases are released in their newest generation, of at least `generation`. */
async function releasedCount(
  plane: ControlPlane,
  namespace: string,
  generation: number,
): Promise<number> {
  const path = `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases`;
  const { items } = (await plane.call('GET', path)).body as { items: ReleasedObject[] };
  return items.filter(
    ({ metadata, status }) =>
      metadata.generation >= generation &&
      status?.observedGeneration === metadata.generation &&
      status.conditions?.some((one) => one.type === 'Released' && one.status === 'True'),
  ).length;
}

story('a leader stops amid fifty upgrades, the other replica finishes them', async (told) => {
  const { plane, namespace, operator, repository } = told;
  const args = ['--leader-elect=true', `--leader-election-namespace=${namespace}`, '--workers=4'];
  const first = await operator({ args });
  const apply = async (message: string): Promise<void> => {
    for (const name of names) {
      await applyHelmRelease(plane, namespace, name, {
        releaseName: name,
        chart: { repository: repository.url, name: 'small', version: '1.0.0' },
        values: { message },
      });
    }
  };
  await apply('first');
  const installed = async (): Promise<boolean> =>
    (await releasedCount(plane, namespace, 1)) === RELEASES;
  await until('all are installed', installed, WITHIN_MS, () => first.log().slice(-2_000));
  const second = await operator({ args });

  const applying = apply('second');
  let before = 0;
  await until('some are upgraded', async () => {
    before = await releasedCount(plane, namespace, 2);
    return before >= 5;
  });
  await first.stop();
  await applying;
  assert.ok(before < RELEASES, 'the first was stopped amid the upgrades');
  const upgraded = async (): Promise<boolean> =>
    (await releasedCount(plane, namespace, 2)) === RELEASES;
  await until('all are upgraded', upgraded, WITHIN_MS, () => second.log().slice(-2_000));

  const records = (await readRecords(plane, namespace)) as {
    readonly release: { readonly name: string; readonly version: number };
    readonly labels: readonly string[];
  }[];
  for (const name of names) {
    const own = records.filter(({ release }) => release.name === name);
    const seen = own.map(({ release, labels }) => {
      const status = labels.find((label) => label.startsWith('status='));
      return `${release.version} ${status}`;
    });
    assert.deepEqual(seen, ['1 status=superseded', '2 status=deployed'], name);
  }
});
