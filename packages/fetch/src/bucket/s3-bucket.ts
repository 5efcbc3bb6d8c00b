// SPDX-License-Identifier: Apache-2.0

/** S3 and what speaks its protocol; requests are signed by s3mini and sent by this room, under its limits. */

import { S3mini } from 's3mini';
import { FetchError } from '../errors.ts';
import { type FetchResult, fetchBytes } from '../http/http.ts';
import type { FetchContext } from '../ports.ts';
import type { Bucket, BucketContent, BucketLocation, BucketObject, BucketRead } from './bucket.ts';

const DEFAULT_REGION = 'us-east-1';
const MAX_OBJECTS = 50_000;

export function createS3Bucket(location: BucketLocation): Bucket {
  const url = bucketUrl(location);
  const client = (send: typeof fetch) => {
    const { credentials, region = DEFAULT_REGION } = location;
    return new S3mini({
      accessKeyId: credentials?.username ?? '',
      secretAccessKey: credentials?.password ?? '',
      endpoint: url,
      region,
      fetch: send,
    });
  };
  return {
    list: async (prefix, limits, context) => {
      const send = sender(location, { limits }, context);
      const found = await inOurWords(url, () => client(send).listObjects('/', prefix, MAX_OBJECTS));
      if (found === null) throw new FetchError('fetch/not-found', url, 'there is no such bucket');
      return found
        .map(
          ({ Key, Size, ETag }): BucketObject => ({
            key: String(Key),
            sizeBytes: Number(Size),
            etag: String(ETag),
          }),
        )
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    get: async (key, read, context) => {
      let found: FetchResult | undefined;
      const send = sender(location, read, context, (result) => {
        found = result;
      });
      const objectUrl = `${url}/${key}`;
      await inOurWords(objectUrl, () => client(send).getObjectResponse(key));
      return contentOf(found, objectUrl);
    },
  };
}

function contentOf(found: FetchResult | undefined, url: string): BucketContent | 'unchanged' {
  if (found === undefined) throw new FetchError('fetch/bad-answer', url, 'it was not asked for');
  return found.kind === 'ok' ? { bytes: found.bytes, etag: found.etag } : 'unchanged';
}

function bucketUrl({ endpoint, bucket }: BucketLocation): string {
  const url = URL.parse(endpoint);
  if (url === null) throw new FetchError('fetch/bad-url', endpoint, 'not a URL');
  if (!/^[a-z0-9][a-z0-9._-]{1,62}$/.test(bucket))
    throw new FetchError('fetch/bad-url', endpoint, `${JSON.stringify(bucket)} names no bucket`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/${bucket}`;
}

/**
 * What s3mini signed, sent by this room. Anonymous requests are sent without a signature.
 *
 * @param heard told each answer as it came
 */
function sender(
  { credentials, tls }: BucketLocation,
  { limits, etag }: BucketRead,
  context: FetchContext,
  heard?: (result: FetchResult) => void,
): typeof fetch {
  return async (input, init) => {
    const headers: Record<string, string> = {};
    new Headers(init?.headers).forEach((value, name) => {
      // `host` belongs to the connection.
      if (name !== 'host' && (credentials !== undefined || name !== 'authorization'))
        headers[name] = value;
    });
    const url = input instanceof Request ? input.url : String(input);
    const result = await fetchBytes({ url, headers, credentials: { tls }, etag, limits }, context);
    heard?.(result);
    if (result.kind !== 'ok') return new Response(null, { status: 304 });
    const body = heard === undefined ? Buffer.from(result.bytes) : null;
    return new Response(body, { headers: { 'content-type': 'application/xml' } });
  };
}

/** Errors of s3mini itself (a key it refuses, XML it cannot read). */
async function inOurWords<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FetchError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FetchError('fetch/bad-answer', url, reason, { cause: error });
  }
}
