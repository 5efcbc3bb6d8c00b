// SPDX-License-Identifier: Apache-2.0

/**
 * Real charts are installed, upgraded with changed values, rolled back and uninstalled, by us on one control plane and by real Helm on
 * another: the same outcome, records, objects and sequence of batches of writes.
 *
 * `npm test` lives a few of them as Helm 3, `npm run test:stories` all of them as both Helms (`CORPUS_PROFILE=helm4`: as one).
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, startControlPlane } from '../../kit/control-plane/control-plane.ts';
import { clusterTest } from '../../kit/shared-plane.ts';
import { inParallel } from './chain.ts';
import { CORPUS_LIVES, type CorpusLife } from './corpus-charts.ts';
import { liveCorpusChart, type MoveSight } from './corpus-life.ts';
import { ACTORS, type Actor, type LifeChart, type Move } from './moves.ts';
import { firstDifference } from './snapshot.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const CORPUS = join(root, '../shared/corpus/charts');
const isLong = process.env['LONG'] === 'true';
const LIVES_AT_ONCE = 3;

type Profile = Actor['profile'];

let second: Promise<ControlPlane> | undefined;
after(async () => (await second?.catch(() => undefined))?.stop());

function actorOf(profile: Profile, isOurs: boolean): Actor {
  const actor = ACTORS.find((one) => one.profile === profile && one.isOurs === isOurs);
  if (actor === undefined) throw new Error(`no actor for ${profile}`);
  return actor;
}

const TIMEOUT_SECONDS = 20;

function movesOf({ change }: CorpusLife): readonly Move[] {
  const timeoutSeconds = TIMEOUT_SECONDS;
  return [
    { do: 'install', timeoutSeconds },
    { do: 'upgrade', values: change, timeoutSeconds },
    { do: 'rollback', toRevision: 1, timeoutSeconds },
    { do: 'uninstall', timeoutSeconds },
  ];
}

async function makeNamespace(plane: ControlPlane, name: string): Promise<void> {
  await plane.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  while ((await plane.call('GET', account)).status !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Pairing {
  readonly life: CorpusLife;
  readonly profile: Profile;
}

/** Both lives of a chart, one after the other, and where they differ. */
async function compareLives(
  { life, profile }: Pairing,
  planes: { readonly ours: ControlPlane; readonly theirs: ControlPlane },
  folder: string,
): Promise<readonly string[]> {
  const path = join(CORPUS, `${life.chart}.tgz`);
  const bytes = new Uint8Array(readFileSync(path));
  const chart: LifeChart = {
    path,
    handle: { digest: `sha256:${life.chart}`, bytes, metadata: { name: 'demo', version: '0.0.0' } },
  };
  const moves = movesOf(life);
  const namespace = `life-${profile}-${life.chart}`.slice(0, 63).replace(/-+$/, '');
  const [theirs, ours] = await Promise.all(
    [false, true].map(async (isOurs) => {
      const plane = isOurs ? planes.ours : planes.theirs;
      await makeNamespace(plane, namespace);
      const actor = actorOf(profile, isOurs);
      const sights = await liveCorpusChart({ plane, actor, chart, namespace, moves, folder });
      await plane.call('DELETE', `/api/v1/namespaces/${namespace}`);
      return sights;
    }),
  );
  return moves.flatMap((move, i) =>
    differencesOf(ours?.[i], theirs?.[i], { profile, action: move.do }).map(
      (line) => `${life.chart} as ${profile}: ${move.do}: ${line}`,
    ),
  );
}

function differencesOf(
  ours: MoveSight | undefined,
  theirs: MoveSight | undefined,
  { profile, action }: { readonly profile: Profile; readonly action: Move['do'] },
): readonly string[] {
  const lines = (['outcome', 'records', 'objects'] as const).flatMap((field) => {
    const difference = firstDifference(ours?.[field], theirs?.[field]);
    return difference === undefined ? [] : [`${field}${difference}`];
  });
  const mine = ours?.batches ?? [];
  const isFailedUpgrade = action === 'upgrade' && theirs?.outcome !== '';
  const reference = isFailedUpgrade
    ? withoutRewrite(theirs?.batches ?? [])
    : (theirs?.batches ?? []);
  const isSame =
    profile === 'helm3' ? mine.join('\n') === reference.join('\n') : isLeaner(mine, reference);
  return isSame
    ? lines
    : [...lines, `batches ${mine.join(' | ')} instead of ${reference.join(' | ')}`];
}

/** After a failed upgrade Helm writes the record before it once more, unchanged; we leave it alone (docs/differences.md). */
function withoutRewrite(batches: readonly string[]): readonly string[] {
  return batches.map((batch) =>
    batch.replace(
      /^update secrets: sh\.helm\.release\.v1\.demo\.v\d+ (sh\.helm\.release\.v1\.demo\.v\d+)$/,
      'update secrets: $1',
    ),
  );
}

/** Helm 4 applies what is already as wanted, too; we leave it out, and change nothing else. */
function isLeaner(mine: readonly string[], reference: readonly string[]): boolean {
  let at = 0;
  const single = (batches: readonly string[]): readonly string[] =>
    batches.flatMap((batch) => {
      const [key = '', names = ''] = batch.split(': ');
      return names.split(' ').map((name) => `${key}: ${name}`);
    });
  const theirs = single(reference);
  for (const write of single(mine)) {
    while (at < theirs.length && theirs[at] !== write) {
      if (theirs[at]?.startsWith('patch ') !== true) return false;
      at++;
    }
    if (at === theirs.length) return false;
    at++;
  }
  return theirs.slice(at).every((write) => write.startsWith('patch '));
}

/** What a profile's lives showed; those of the other profile stay on file as they are. */
function writeResult(profile: Profile, lives: number, differences: readonly string[]): void {
  const folder = join(root, 'test/results');
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const path = join(folder, `corpus-lives-${date.slice(0, 10)}.json`);
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as object) : {};
  const result = { ...before, [profile]: { date, lives, movesEach: 4, differences } };
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

const NAME = 'corpus charts live the same life by us and by helm';
if (existsSync(CORPUS)) clusterTest(NAME, compareEverything);
else void test(NAME, { skip: 'the corpus is not beside the repository' });

async function compareEverything(ours: ControlPlane): Promise<void> {
  second ??= startControlPlane();
  const planes = { ours, theirs: await second };
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-corpus-'));
  const lives = CORPUS_LIVES.filter(({ isSample }) => isLong || isSample === true);
  const given = process.env['CORPUS_PROFILE'] as Profile | undefined;
  const all: readonly Profile[] = isLong ? ['helm3', 'helm4'] : ['helm3'];
  const profiles = given === undefined ? all : [given];
  const differences: string[] = [];
  // Objects without a namespace are named after the release: one profile after the other.
  for (const profile of profiles) {
    const pairings = lives.map((life): Pairing => ({ life, profile }));
    const found = await inParallel(LIVES_AT_ONCE, pairings, (one) =>
      compareLives(one, planes, folder),
    );
    differences.push(...found.flat());
    if (isLong) writeResult(profile, lives.length, found.flat());
  }
  await rm(folder, { recursive: true });
  assert.ok(
    differences.length === 0,
    `${differences.length} differences:\n${differences.join('\n')}`,
  );
}
