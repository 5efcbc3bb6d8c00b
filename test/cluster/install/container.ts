// SPDX-License-Identifier: Apache-2.0

/** A container without an engine: the files of the image as root of a read-only file system, an account mounted, user 65532. */

import { spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeImageTree } from '../../../scripts/image-tree.ts';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';

const ACCOUNT_FOLDER = 'var/run/secrets/kubernetes.io/serviceaccount';
const NODE = '/usr/local/bin/node';
const TOKEN_SECONDS = 3_600;
const USER = 65532;

/** $0: the root; $1: the Node of this machine; then what is run. Nothing it mounts is seen outside of it. */
const SCRIPT = `set -e
root=$0; node=$1; shift
mount --bind "$root" "$root"
mount --bind "$node" "$root${NODE}"
mount --rbind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o mode=1777 none "$root/tmp"
exec chroot --userspec=${USER}:${USER} --groups=${USER} "$root" "$@"`;

/** Whether this machine lets us make one: root, with mounts of one's own. */
export function canContain(): boolean {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '--bind', '/proc', '/proc']);
  return process.getuid?.() === 0 && status === 0;
}

export interface Container {
  /** What is run in place of `node main.js`; flags follow. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the root of a container in an empty folder. */
export async function makeContainer(
  root: string,
  plane: ControlPlane,
  account: { readonly namespace: string; readonly name: string; readonly uid: string },
): Promise<Container> {
  await makeImageTree(root);
  for (const folder of ['dev', 'proc', 'tmp', ACCOUNT_FOLDER])
    await mkdir(join(root, folder), { recursive: true });
  // What the base of the image brings: Node and the libraries it is linked with, no more.
  await writeFile(join(root, NODE), '');
  for (const library of libraries()) {
    await mkdir(dirname(join(root, library)), { recursive: true });
    await cp(library, join(root, library), { dereference: true });
  }
  const files = {
    token: plane.token(account, TOKEN_SECONDS),
    'ca.crt': plane.authority,
    namespace: account.namespace,
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(root, ACCOUNT_FOLDER, name), text);
  const { hostname, port } = new URL(plane.server);
  const entry = [NODE, '/opt/helm-operator/bin/helm-operator.js'];
  return {
    command: ['unshare', '--mount', 'sh', '-c', SCRIPT, root, process.execPath, ...entry],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    },
  };
}

function libraries(): readonly string[] {
  const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map(([, path]) => path ?? '');
}
