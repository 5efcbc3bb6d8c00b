// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, KubeError, type WatchEvent } from '@helm-operator/kube';
import { WatchedReleases } from './watched-releases.ts';

const NEW = 'helm.fluxcd.io/v1';
const OLD = 'flux.weave.works/v1beta1';

/** A cluster whose watches do what a test says. */
class Watches implements Pick<Cluster, 'watch'> {
  readonly #open = new Map<
    string,
    { readonly send: (event: WatchEvent) => void; readonly fail: (error: Error) => void }
  >();

  readonly watch: Cluster['watch'] = ({ apiVersion }, send, signal, fail = () => undefined) => {
    this.#open.set(apiVersion, { send, fail });
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  };

  forbid(apiVersion: string): void {
    const error = new KubeError({ code: 'kube/forbidden', message: 'list: no' });
    this.#open.get(apiVersion)?.fail(error);
  }

  list(apiVersion: string): void {
    this.#open.get(apiVersion)?.send({ type: 'synced', resourceVersion: '7' });
  }
}

function start() {
  const cluster = new Watches();
  const refused: string[] = [];
  const stop = new AbortController();
  const releases = new WatchedReleases({
    ...{ cluster, namespace: '', slim: undefined },
    onTrouble: (error) => assert.fail(String(error)),
    onRefused: (apiVersion) => refused.push(apiVersion),
  });
  for (const kind of [NEW, OLD]) releases.watch(kind, stop.signal);
  return { cluster, refused, releases, stop };
}

test('nothing waits for a kind that may not be read, and it is told once', async () => {
  const { cluster, refused, releases, stop } = start();
  const synced = releases.whenSynced(stop.signal);
  cluster.list(NEW);
  assert.equal(releases.isSynced, false);
  cluster.forbid(OLD);
  cluster.forbid(OLD);
  await synced;
  assert.ok(releases.isSynced);
  assert.deepEqual(refused, [OLD]);
  cluster.list(OLD);
  assert.ok(releases.isSynced);
  stop.abort();
  await releases.ended();
});

test('where no kind may be read, the first that may be is waited for', async () => {
  const { cluster, releases, stop } = start();
  const synced = releases.whenSynced(stop.signal);
  cluster.forbid(NEW);
  cluster.forbid(OLD);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(releases.isSynced, false);
  cluster.list(OLD);
  await synced;
  stop.abort();
  await releases.ended();
});

test('told to stop, nothing is waited for', async () => {
  const { releases, stop } = start();
  const synced = releases.whenSynced(stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(synced, { message: 'enough' });
});
