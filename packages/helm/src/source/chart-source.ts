// SPDX-License-Identifier: Apache-2.0

/** The one port of all kinds of sources: a reference and credentials in, a chart out. */

import type { Credentials, FetchPorts, FetchStep } from '@helm-operator/fetch';
import type { ChartHandle } from '../actions/options.ts';
import type { GitVerification } from './git-verification.ts';

/** Where a chart comes from. A new kind joins here and in `createChartSources`. */
export type ChartLocation =
  /** A Helm repository; the scheme of `url` chooses how it is read: `http(s)`, or one of a downloader plugin. */
  | {
      readonly kind: 'repository';
      readonly url: string;
      readonly name: string;
      /** A version or a range; empty takes the newest release. */
      readonly version: string;
    }
  | {
      readonly kind: 'oci';
      /** `oci://HOST/PATH[:TAG][@DIGEST]` */
      readonly url: string;
      /** A version, a range, or empty. */
      readonly version: string;
      /**
       * Which layer holds the chart, by media type; default: Helm's. `copy` takes the layer for the chart's archive, `extract`
       * looks for the chart in the folder that the layer holds.
       */
      readonly layer?: { readonly mediaType: string; readonly operation: 'extract' | 'copy' };
    }
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly ref: GitReference;
      /** Folder of the chart in the tree. */
      readonly path: string;
      /** Read what stands in submodules, too. */
      readonly mustReadSubmodules?: boolean | undefined;
      /** Flux's rules about what belongs to a source: `.sourceignore` files, and these patterns over them. */
      readonly ignore?: { readonly patterns?: string | undefined } | undefined;
      /** `update` (the default) brings them as `helm dependency update` does; `skip` takes what is in `charts/`. */
      readonly dependencies?: 'update' | 'skip' | undefined;
      /** Refuse what is not signed so. */
      readonly verify?: GitVerification | undefined;
    }
  /** One archive, by its URL. */
  | { readonly kind: 'archive'; readonly url: string }
  /** A folder or an archive on this machine. */
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'bucket';
      readonly provider: 's3' | 'gcs' | 'azure';
      /** Of an S3-compatible service: `https://HOST[:PORT]`. */
      readonly endpoint: string;
      readonly bucket: string;
      readonly region?: string | undefined;
      /** Of an archive, or, ending with `/`, of a folder that holds the chart's files. */
      readonly key: string;
    };

/** The first that is set counts, in this order. Without any: the default branch. */
export interface GitReference {
  readonly commit?: string | undefined;
  /** A whole name: `refs/pull/420/head`. */
  readonly name?: string | undefined;
  /** A range over tags. */
  readonly semver?: string | undefined;
  readonly tag?: string | undefined;
  readonly branch?: string | undefined;
  /** Whatever `git rev-parse` would find: branch, tag or commit. */
  readonly any?: string | undefined;
}

export type ChartLocationOf<K extends ChartLocation['kind']> = Extract<
  ChartLocation,
  { readonly kind: K }
>;

/** What is wanted. */
export interface ChartRequest<L extends ChartLocation = ChartLocation> {
  readonly location: L;
  readonly credentials: Credentials;
  /** Whether the provenance file is brought, too: `always` fails without it. Default `never`. */
  readonly provenance?: 'never' | 'if-possible' | 'always' | undefined;
  /** Versions with a prerelease count, too, when `version` is empty (Helm's `--devel`: the range `>0.0.0-0`). */
  readonly mayUsePrerelease?: boolean | undefined;
}

/** A step that was done, for people who look for what is wrong. */
export interface SourceStep {
  readonly step: FetchStep;
  /** What came of it: `index of 3 charts, unchanged (304)`. Holds no credential. */
  readonly detail: string;
  readonly durationMs: number;
}

export interface SourceContext {
  readonly fetch: FetchPorts;
  readonly signal: AbortSignal;
  /** Told each step as it is done; the one that fails is in the error. */
  readonly onStep?: ((step: SourceStep) => void) | undefined;
}

/** A chart that was fetched. As a `ChartHandle` its `digest` is the one of what Helm would load (`contentDigest`). */
export interface FetchedChart extends ChartHandle {
  /** `NAME-VERSION.tgz`: what `helm pull` calls the file. */
  readonly fileName: string;
  /** `sha256:…` of `bytes`. */
  readonly archiveDigest: string;
  /** Where it came from, masked. */
  readonly origin: string;
  /** Of the source: a commit, the digest of an OCI manifest; empty where versions are all there is. */
  readonly revision: string;
  /** The provenance file that belongs to `bytes`, if it was asked for and is there. */
  readonly provenance?: Uint8Array | undefined;
  /** As `peek` tells it, where it does. */
  readonly identity?: string | undefined;
  /** Verified so: one line for people. */
  readonly verified?: string | undefined;
}

/** One kind of source. */
export interface ChartSource<L extends ChartLocation = ChartLocation> {
  /**
   * @throws {FetchError} `fetch/…`: bytes cannot be had
   * @throws {SourceError} `source/…`: what is there cannot be used
   */
  fetch(request: ChartRequest<L>, context: SourceContext): Promise<FetchedChart>;
  /**
   * What identifies the content, without fetching it: equal to `identity` of the chart that was fetched as long as nothing
   * has changed. `undefined`: only fetching tells. Throws as `fetch`.
   */
  peek?(request: ChartRequest<L>, context: SourceContext): Promise<string | undefined>;
}

/** One source for each kind. */
export type ChartSources = {
  readonly [K in ChartLocation['kind']]: ChartSource<ChartLocationOf<K>>;
};
