// SPDX-License-Identifier: Apache-2.0

/** What others do to a release in Helm's storage. Source: spec helm-operator.md §2.5, §2.9, §11.2. */

import assert from 'node:assert/strict';
import { WEB_CHART } from '../operator/story.ts';
import type { Promised, PromisedCase } from './promised.ts';

const DECLARED = { values: { message: 'declared' } };

async function comesBack(world: Promised, name: string, after: string): Promise<void> {
  await world.untilThat(`${name} is as declared after ${after}`, async () => {
    if ((await world.message(name)) !== 'declared') return false;
    return (await world.history(name).catch(() => [])).at(-1) === 'deployed';
  });
}

/** The record of the newest revision, with what the label and its content say. */
async function newest(world: Promised, name: string): Promise<string> {
  const selector = `owner=helm,name=${name}`;
  const listed = JSON.parse(
    await world.kubectl('get', 'secrets', '-l', selector, '-o', 'json'),
  ) as { items: { metadata: { name: string; labels: { version: string } } }[] };
  const [last] = listed.items
    .map(({ metadata }) => metadata)
    .sort((a, b) => Number(b.labels.version) - Number(a.labels.version));
  assert.ok(last !== undefined);
  return last.name;
}

export const STORAGE_CASES: readonly PromisedCase[] = [
  {
    title: 'storage: whatever is done to a release by hand is put right',
    isSample: true,
    tell: async (world, name) => {
      await world.apply(name, DECLARED);
      await world.released(name);
      await world.helm('upgrade', name, WEB_CHART, '--set', 'migration.enabled=false');
      await comesBack(world, name, 'an upgrade by hand');
      await world.helm('rollback', name, '2');
      await comesBack(world, name, 'a rollback by hand');
      await world.helm('uninstall', name, '--keep-history');
      await comesBack(world, name, 'an uninstall that keeps the history');
      await world.helm('uninstall', name);
      await comesBack(world, name, 'an uninstall');
      await world.kubectl('delete', 'secret', await newest(world, name));
      await comesBack(world, name, 'the loss of its record');
    },
  },
  {
    title:
      'storage: a release that was made by hand is taken over, its values too where they are reused',
    tell: async (world, name) => {
      const repository = world.told.repository.url;
      await world.helm(
        ...['install', name, 'promise', '--repo', repository, '--version', '1.0.0'],
        ...['--set', 'replicas=2'],
      );
      await world.apply(name, { resetValues: false, values: { message: 'declared' } });
      await world.released(name);
      assert.equal(await world.replicas(name), 2);
      assert.equal(await world.message(name), 'declared');
      await world.apply(name, { values: { message: 'declared' } });
      await world.released(name);
      await world.untilThat('its own replicas', async () => (await world.replicas(name)) === 1);
    },
  },
  {
    title: 'storage: ten revisions are kept, or as many as maxHistory says',
    tell: async (world, name) => {
      for (let n = 1; n <= 12; n++) {
        await world.apply(name, { values: { message: `m${n}` } });
        await world.released(name);
      }
      assert.equal((await world.history(name)).length, 10);
      await world.apply(name, { maxHistory: 3, values: { message: 'three' } });
      await world.released(name);
      assert.equal((await world.history(name)).length, 3);
      await world.apply(name, { maxHistory: 0, values: { message: 'all' } });
      await world.released(name);
      assert.equal((await world.history(name)).length, 4);
    },
  },
];
