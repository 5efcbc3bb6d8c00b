// SPDX-License-Identifier: Apache-2.0

import type { BasicCredentials, TlsOptions } from '../credentials.ts';
import type { FetchLimits } from '../limits.ts';
import type { FetchContext } from '../ports.ts';

/** Where objects are kept. */
export interface BucketLocation {
  /** `https://HOST[:PORT]` */
  readonly endpoint: string;
  readonly bucket: string;
  /** Default `us-east-1`. */
  readonly region?: string | undefined;
  /** Access key and secret key. Without: the bucket is public. */
  readonly credentials?: BasicCredentials | undefined;
  readonly tls?: TlsOptions | undefined;
}

export interface BucketObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes when the content does. */
  readonly etag: string;
}

/** What is asked of an object. */
export interface BucketRead {
  readonly limits: FetchLimits;
  /** The entity tag of what the caller has. */
  readonly etag?: string | undefined;
}

export interface BucketContent {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
}

/** A place where objects are kept. S3 is one; Google Cloud Storage and Azure Blob Storage join with their own log-ins. */
export interface Bucket {
  /** Objects whose key begins with `prefix`, by key. @throws {FetchError} `fetch/…` */
  list(
    prefix: string,
    limits: FetchLimits,
    context: FetchContext,
  ): Promise<readonly BucketObject[]>;
  /** @returns `unchanged`: the object still has the entity tag @throws {FetchError} `fetch/…` */
  get(key: string, read: BucketRead, context: FetchContext): Promise<BucketContent | 'unchanged'>;
}
