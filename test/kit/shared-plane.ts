// SPDX-License-Identifier: Apache-2.0

/** The one control plane that all stories of a test run share, each in a namespace of its own. */

import { after, test } from 'node:test';
import { ToolMissingError } from '../tools/tools.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';

let shared: Promise<ControlPlane> | undefined;
let isRegistered = false;

/** Starts it at the first call; it ends with the test process. */
export function sharedPlane(): Promise<ControlPlane> {
  shared ??= startControlPlane();
  if (!isRegistered) {
    isRegistered = true;
    process.once(
      'beforeExit',
      () => void shared?.then((plane) => plane.stop()).catch(() => undefined),
    );
  }
  return shared;
}

let count = 0;

/** Creates a namespace that no other story has, in which pods can be created. */
export async function makeNamespace(plane: ControlPlane, prefix: string): Promise<string> {
  const name = `${prefix}-${process.pid.toString(36)}${(count++).toString(36)}`;
  const { status } = await plane.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  if (status !== 201) throw new Error(`creating namespace ${name}: status ${status}`);
  await untilAccount(plane, name);
  return name;
}

/** Pods are refused until the controller-manager has made the default service account. */
async function untilAccount(plane: ControlPlane, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  for (let look = 0; look < 200; look++) {
    if ((await plane.call('GET', path)).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`namespace ${namespace} has no default service account after 10 s`);
}

/**
 * A test that needs a control plane: where its binaries cannot be had it is skipped with that reason, but fails with `CI=true`.
 *
 * @param skip why it cannot be run here
 */
export function clusterTest(
  name: string,
  run: (plane: ControlPlane) => Promise<void>,
  skip?: string,
): void {
  void test(name, { skip: skip ?? false }, async (context) => {
    let plane: ControlPlane;
    try {
      plane = await sharedPlane();
    } catch (error) {
      if (!(error instanceof ToolMissingError) || process.env['CI'] === 'true') throw error;
      context.skip(error.message);
      return;
    }
    await run(plane);
  });
}

after(async () => {
  const plane = await shared?.catch(() => undefined);
  shared = undefined;
  await plane?.stop();
});
