// SPDX-License-Identifier: Apache-2.0

/** An S3-compatible server (rclone's, in memory) on the loopback that wants signatures, and a way to it for other servers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type RequestListener, request as startRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { S3mini } from 's3mini';
import { ensureTool } from '../tools/tools.ts';

export const S3_ACCESS_KEY = 'ann';
export const S3_SECRET_KEY = 'pass-word-7';
export const S3_BUCKET = 'charts';

export interface S3Server {
  readonly url: string;
  put(key: string, content: Uint8Array | string): Promise<void>;
  remove(key: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param isOpen whether it answers without a signature, too */
export async function startS3Server({
  isOpen = false,
}: {
  readonly isOpen?: boolean;
} = {}): Promise<S3Server> {
  const binary = await ensureTool('s3');
  const login = isOpen ? [] : ['-access', S3_ACCESS_KEY, '-secret', S3_SECRET_KEY];
  const child = spawn(binary, ['-bucket', S3_BUCKET, ...login], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [address] = (await Promise.race([
    once(lines, 'line'),
    ended.then(() => {
      throw new Error('the S3 server does not start');
    }),
  ])) as [string];
  lines.on('line', () => undefined);
  const url = `http://${address}`;
  const client = new S3mini({
    accessKeyId: S3_ACCESS_KEY,
    secretAccessKey: S3_SECRET_KEY,
    endpoint: `${url}/${S3_BUCKET}`,
    region: 'us-east-1',
  });
  return {
    url,
    put: async (key, content) => {
      await client.putObject(key, content);
    },
    remove: async (key) => {
      await client.deleteObject(key);
    },
    stop: async () => {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

/** Hands requests on as they came, the name of the host included: a signature covers it. */
export function handedOnTo(url: string): RequestListener {
  const { hostname, port } = new URL(url);
  return (request, response) => {
    const { method, url: path, headers } = request;
    const onward = startRequest({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
}
