// SPDX-License-Identifier: Apache-2.0

/** The kubelet's log endpoint of the fake node: a pod's annotation `kit/log` is what its containers said. */

import { createServer, request, type Server } from 'node:https';
import type { Certificate } from './certificates.ts';
import { LOG_ANNOTATION } from './stages.ts';

interface PodLogsOptions {
  readonly serving: Certificate;
  readonly authority: string;
  readonly apiServerUrl: () => string;
  readonly token: string;
}

/** Serves `GET /containerLogs/NAMESPACE/POD/CONTAINER` with `tailLines` and `limitBytes`. */
export function makePodLogServer(options: PodLogsOptions): Server {
  return createServer(
    { key: options.serving.key, cert: options.serving.cert },
    (incoming, outgoing) => {
      const url = new URL(incoming.url ?? '/', 'https://localhost');
      const [, kind, namespace, pod] = url.pathname.split('/');
      if (kind !== 'containerLogs' || namespace === undefined || pod === undefined) {
        outgoing.writeHead(404).end();
        return;
      }
      readLog(options, namespace, pod).then(
        (text) =>
          outgoing
            .writeHead(200, { 'content-type': 'text/plain' })
            .end(cut(text, url.searchParams)),
        (error: unknown) => outgoing.writeHead(500).end(String(error)),
      );
    },
  );
}

function cut(text: string, query: URLSearchParams): string {
  const tail = query.get('tailLines');
  const limit = query.get('limitBytes');
  let lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  if (tail !== null) lines = Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  const whole = lines.map((line) => `${line}\n`).join('');
  return limit === null ? whole : whole.slice(0, Number(limit));
}

function readLog(options: PodLogsOptions, namespace: string, pod: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(
      `${options.apiServerUrl()}/api/v1/namespaces/${namespace}/pods/${pod}`,
      {
        ca: options.authority,
        headers: { authorization: `Bearer ${options.token}`, 'user-agent': 'kit-kubelet' },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          const parsed = JSON.parse(body) as {
            metadata?: { annotations?: Record<string, string> };
          };
          resolve(parsed.metadata?.annotations?.[LOG_ANNOTATION] ?? '');
        });
      },
    )
      .on('error', reject)
      .end();
  });
}
