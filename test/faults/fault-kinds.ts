// SPDX-License-Identifier: Apache-2.0

/** What can happen at a step. A table; each row is tried at every step of every action. */

import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import type { Fault, FaultProxy, FaultRule } from '../kit/fault-proxy/fault-proxy.ts';

export interface FaultScene {
  readonly plane: ControlPlane;
  readonly proxy: FaultProxy;
  readonly namespace: string;
}

export interface FaultKind {
  readonly name: string;
  /** It hits everything on the control plane, not only one operator. */
  readonly isWide?: true;
  /** Told to the halted operator when it may go on. */
  readonly order?: 'die' | 'stop' | `jump ${number}`;
  /** Done while the operator is halted; returns what is done some time after it goes on. */
  readonly inject?: (scene: FaultScene) => Promise<() => Promise<void>>;
}

const HOUR_MS = 3_600_000;
const OUTAGE_MS = 1_500;
const INTRUDER_LEASE_SECONDS = 3;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isWatch = (path: string): boolean => path.includes('watch=');
const isLease = (path: string): boolean => path.includes('/leases/');

function storm(
  fault: Fault,
  times: number,
  matches: FaultRule['matches'],
): NonNullable<FaultKind['inject']> {
  return async ({ proxy }) => {
    const rule = proxy.inject({
      fault,
      times,
      matches: (one) => !isLease(one.path) && matches(one),
    });
    return async () => {
      await pause(OUTAGE_MS);
      rule.remove();
    };
  };
}

/** Somebody else holds the Lease for a while. */
async function stealLease({ plane, namespace }: FaultScene): Promise<() => Promise<void>> {
  await plane.call(
    'PATCH',
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/helm-operator`,
    {
      spec: {
        holderIdentity: 'intruder',
        leaseDurationSeconds: INTRUDER_LEASE_SECONDS,
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      },
    },
    'application/merge-patch+json',
  );
  return async () => {};
}

export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'SIGKILL', order: 'die' },
  { name: 'SIGTERM', order: 'stop' },
  {
    name: 'conflicts (409)',
    inject: storm({ kind: 'status', status: 409 }, 3, ({ method }) => method !== 'GET'),
  },
  {
    name: 'expired lists and watches (410)',
    inject: storm({ kind: 'status', status: 410 }, 4, ({ method }) => method === 'GET'),
  },
  {
    name: 'too many requests (429)',
    inject: storm({ kind: 'status', status: 429, retryAfterSeconds: 1 }, 4, () => true),
  },
  { name: 'internal errors (500)', inject: storm({ kind: 'status', status: 500 }, 6, () => true) },
  {
    name: 'connections cut before the request',
    inject: storm({ kind: 'cut' }, 4, ({ path }) => !isWatch(path)),
  },
  {
    name: 'connections cut before the answer',
    inject: storm({ kind: 'cutAnswer' }, 3, ({ path }) => !isWatch(path)),
  },
  {
    name: 'dropped watches',
    inject: async ({ proxy }) => {
      proxy.cutAll();
      return async () => {
        for (let turn = 0; turn < 3; turn++) {
          await pause(OUTAGE_MS / 3);
          proxy.cutAll();
        }
      };
    },
  },
  { name: 'lost Lease', inject: stealLease },
  { name: 'clock an hour ahead', order: `jump ${HOUR_MS}` },
  { name: 'clock an hour back', order: `jump ${-HOUR_MS}` },
  {
    name: 'API server restart',
    isWide: true,
    inject: async ({ plane, proxy }) => {
      await plane.kill('kube-apiserver');
      return async () => {
        await pause(OUTAGE_MS);
        await plane.start('kube-apiserver');
        proxy.cutAll();
      };
    },
  },
  {
    name: 'etcd pause',
    isWide: true,
    inject: async ({ plane }) => {
      await plane.pause('etcd');
      return async () => {
        await pause(2 * OUTAGE_MS);
        await plane.resume('etcd');
      };
    },
  },
];
