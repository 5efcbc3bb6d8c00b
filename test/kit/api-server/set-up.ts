// SPDX-License-Identifier: Apache-2.0

/** A client and a server of this process for it, taken down at the end of the test file. */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  type ConnectedCluster,
  type ConnectOptions,
  connect,
  type KubeConfig,
  KubeError,
  type KubeErrorCode,
  type ListQuery,
  type ObjectRef,
} from '@helm-operator/kube';
import {
  type ApiServer,
  type ApiServerOptions,
  answerJson,
  startApiServer,
  type TestRequest,
  type TestResponse,
} from './api-server.ts';
import { selfSigned, type TestCertificate } from './certificates.ts';
import { stopProxies } from './proxies.ts';

export const certificate: TestCertificate = selfSigned('api', ['api.example']);
const RESOURCES = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'configmaps',
              responseKind: { group: '', version: 'v1', kind: 'ConfigMap' },
              scope: 'Namespaced',
              verbs: ['get', 'list', 'watch'],
            },
          ],
        },
      ],
    },
  ],
};
export const CONFIG_MAP: ObjectRef = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'apps',
  name: 'web',
};
export const QUERY: ListQuery = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'apps' };

export type Answer = (request: TestRequest, response: TestResponse, body: string) => void;

export interface Setup {
  readonly server: ApiServer;
  readonly cluster: ConnectedCluster;
  /** How often it was asked what is served. */
  readonly discoveries: () => number;
}

/** Runs at the end of the file. */
export const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  stopProxies();
  for (const clean of cleanups) await clean();
});

export function configOf(server: ApiServer, more: Partial<KubeConfig> = {}): KubeConfig {
  return {
    origin: 'test',
    server: server.url,
    namespace: 'default',
    ca: { pem: certificate.cert },
    isInsecure: false,
    isCompressionDisabled: false,
    credential: { kind: 'none' },
    mustAvoidLinkLocal: false,
    ...more,
  };
}

/** Discovery is answered; everything else goes to `answer`. */
export async function setUp(
  answer: Answer,
  how: Partial<ApiServerOptions> & {
    readonly config?: Partial<KubeConfig>;
    readonly connect?: ConnectOptions;
  } = {},
): Promise<Setup> {
  let discoveries = 0;
  const server = await startApiServer({
    protocol: 'h2',
    certificate,
    ...how,
    answer(request, response, body) {
      if (request.url === '/api') return answerJson(response, RESOURCES);
      if (request.url === '/apis') {
        discoveries++;
        return answerJson(response, { kind: 'APIGroupDiscoveryList', items: [] });
      }
      return answer(request, response, body);
    },
  });
  const cluster = connect(configOf(server, how.config), { random: () => 0, ...how.connect });
  cleanups.push(async () => {
    cluster.close();
    await server.close();
  });
  return { server, cluster, discoveries: () => discoveries };
}

export function hasCode(code: KubeErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof KubeError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

export async function until(isTrue: () => boolean): Promise<void> {
  for (let look = 0; look < 500; look++) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('waited 5 s in vain');
}
