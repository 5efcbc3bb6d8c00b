// SPDX-License-Identifier: Apache-2.0

/** More ways to make an action fail: answers that an API server gives when it or its objects are in trouble. A table. */

import {
  type FaultProxy,
  type FaultRule,
  startFaultProxy,
} from '../../kit/fault-proxy/fault-proxy.ts';
import type { FailureCase, Scene } from './failure-cases.ts';

const proxies: FaultProxy[] = [];

export async function closeProxies(): Promise<void> {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
}

/** A kubeconfig through a proxy that answers every creation of a ConfigMap so. */
function answering(fault: FaultRule['fault']): (scene: Scene) => Promise<string> {
  return async ({ plane, namespace }) => {
    const proxy = await startFaultProxy(plane.server, plane.authority);
    proxies.push(proxy);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    proxy.inject({
      fault,
      matches: (request) => request.method !== 'GET' && request.path.startsWith(path),
    });
    return await plane.kubeconfigThrough(proxy.url, proxy.authority);
  };
}

const TEMPLATES = {
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-config"}\ndata: {text: a}\n',
};
const HOOK = {
  'templates/hook.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web-hook\n  annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded}\n',
};
const INSTALL = { do: 'install' } as const;
const THROUGH_PROXY = 'the peer is not asked: client-go waits long before it gives up';
const MAPS = '/api/v1/namespaces/NS/configmaps';

async function postHook({ plane, namespace }: Scene, finalizers: readonly string[]): Promise<void> {
  const { status } = await plane.call('POST', MAPS.replace('NS', namespace), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web-hook', finalizers },
  });
  if (status !== 201) throw new Error(`status ${status}`);
}

const answered = (
  name: string,
  status: Extract<FaultRule['fault'], { kind: 'status' }>['status'],
  expected: Omit<FailureCase['expected'], 'code'>,
): FailureCase => ({
  name,
  templates: TEMPLATES,
  kubeconfig: answering({ kind: 'status', status }),
  move: INSTALL,
  textDiffers: THROUGH_PROXY,
  expected: { code: 'helm/action-failed', ...expected },
});

export const SERVER_FAILURES: readonly FailureCase[] = [
  {
    name: 'a hook whose object is there already',
    templates: HOOK,
    prepare: (scene) => postHook(scene, []),
    move: INSTALL,
    profiles: ['helm3'],
    expected: {
      code: 'helm/action-failed',
      reason: 'already-exists',
      retry: 'transient',
      says: /pre-install.*configmaps "web-hook" already exists/s,
    },
  },
  {
    name: 'a hook whose object is about to go',
    templates: HOOK,
    prepare: async (scene) => {
      await postHook(scene, ['pets.test/clings']);
      await scene.plane.call('DELETE', `${MAPS.replace('NS', scene.namespace)}/web-hook`);
    },
    move: INSTALL,
    profiles: ['helm3'],
    expected: {
      code: 'helm/action-failed',
      reason: 'being-deleted',
      retry: 'waiting',
      says: /object is being deleted: configmaps "web-hook" already exists/,
    },
  },
  {
    ...answered('an object that changes all the time', 409, {
      reason: 'conflict',
      retry: 'transient',
      says: /injected fault/,
    }),
    // Of an apply it says that another manager owns a field.
    profiles: ['helm3'],
  },
  answered('an answer that has expired', 410, {
    reason: 'expired',
    retry: 'transient',
    says: /injected fault/,
  }),
  answered('an answer nobody expects', 418, {
    reason: 'rejected',
    retry: 'unknown',
    says: /injected fault/,
  }),
  answered('an API server with too much to do', 429, {
    reason: 'overloaded',
    retry: 'transient',
    says: /injected fault/,
  }),
  answered('an API server with an error of its own', 500, {
    reason: 'server-error',
    retry: 'transient',
    says: /injected fault/,
  }),
  answered('an API server that takes too long', 504, {
    reason: 'timeout',
    retry: 'transient',
    says: /injected fault/,
  }),
  {
    name: 'an object that somebody removes meanwhile',
    templates: TEMPLATES,
    before: [INSTALL],
    move: { do: 'upgrade', mustReplace: true },
    change: ({ plane, namespace }, cluster) => ({
      cluster: new Proxy(cluster, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key);
          if (key !== 'replace') return typeof value === 'function' ? value.bind(target) : value;
          return async (...args: Parameters<typeof cluster.replace>) => {
            await plane.call('DELETE', `${MAPS.replace('NS', namespace)}/web-config`);
            return await cluster.replace(...args);
          };
        },
      }),
    }),
    textDiffers: 'nobody can meddle at that moment with a peer',
    expected: {
      code: 'helm/action-failed',
      reason: 'not-found',
      retry: 'transient',
      says: /configmaps "web-config" not found/,
    },
  },
];
