// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';

/** Plain JSON, as `JSON.parse` gives it: for caches and objects whose numbers do not matter. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Names one object of the cluster. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** One resource as discovery announces it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths: `deployments`. */
  readonly resource: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly subresources: readonly string[];
}

/** What the cluster serves at one moment. */
export interface ResourceTable {
  /** @returns `undefined` when the cluster does not serve that kind */
  find(apiVersion: string, kind: string): ResourceInfo | undefined;
  /** Every `group/version` and `group/version/Kind`, in discovery order, as `.Capabilities.APIVersions` lists them. */
  apiVersions(): readonly string[];
}

export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Time for the call with its retries, in milliseconds; default 30,000. */
  readonly timeoutMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
  readonly isDryRun?: boolean | undefined;
  /** Writes that subresource, e.g. `status`. */
  readonly subresource?: string | undefined;
  /** Nobody reads more of the answer than its metadata: the API server need not send more. */
  readonly isMetadataEnough?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  readonly isForced?: boolean | undefined;
}

export interface DeleteOptions extends CallOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

export interface ListQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** One column of a table. Source: kubernetes@v1.36.3 apimachinery meta/v1 TableColumnDefinition */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown; others only to those who ask for more. */
  readonly priority: number;
}

/** Objects as the API server shows them to people. */
export interface ObjectTable {
  readonly columns: readonly TableColumn[];
  /** Cells, by the order of the columns. */
  readonly rows: readonly (readonly Json[])[];
}

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

export type WatchEvent =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: JsonObject }
  /** The list is complete: everything that exists has been announced. */
  | { readonly type: 'synced'; readonly resourceVersion: string };

/** An identity to act as (impersonation). */
export interface Identity {
  readonly user: string;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  readonly extra?: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * The cluster as one identity sees it. The real one is `client/`, the fake one `test/kit`.
 *
 * Objects are lossless (`ValueMap`: integers stay integers) unless the name says `Json`.
 * Every method throws `KubeError` (errors.ts) with `retry`, HTTP status and the API server's reason.
 */
export interface Cluster {
  /** Server address for messages; never a credential. */
  readonly server: string;
  resources(options?: CallOptions & { readonly mustRefresh?: boolean }): Promise<ResourceTable>;
  version(options?: CallOptions): Promise<ServerVersion>;
  /** @returns `undefined` when the object does not exist */
  get(ref: ObjectRef, options?: CallOptions): Promise<ValueMap | undefined>;
  getJson(ref: ObjectRef, options?: CallOptions): Promise<JsonObject | undefined>;
  /** Lists with paging. */
  list(query: ListQuery, options?: CallOptions): Promise<readonly ValueMap[]>;
  listJson(query: ListQuery, options?: CallOptions): Promise<readonly JsonObject[]>;
  /** One object, or all that a query finds, as rows. @returns `undefined` when the object does not exist */
  table(of: ObjectRef | ListQuery, options?: CallOptions): Promise<ObjectTable | undefined>;
  create(object: ValueMap, options?: WriteOptions): Promise<ValueMap>;
  replace(object: ValueMap, options?: WriteOptions): Promise<ValueMap>;
  patch(ref: ObjectRef, kind: PatchKind, body: string, options?: ApplyOptions): Promise<ValueMap>;
  /** @returns `absent` when there was nothing to delete */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<'deleted' | 'absent'>;
  /**
   * List, then watch, for ever: reconnects, resumes, recovers from 410, backs off. Ends only with the signal.
   * `onEvent` sees every object as added/modified/deleted, differences across a re-list included, then `synced` (once after each list).
   *
   * @param onTrouble told of each failure that is tried again; without it the client's own listener is
   */
  watch(
    query: ListQuery & { readonly isMetadataOnly?: boolean },
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
    onTrouble?: (error: Error) => void,
  ): Promise<void>;
  /** Last lines of a container's log, bounded. */
  podLogs(
    namespace: string,
    pod: string,
    options?: CallOptions & {
      readonly container?: string;
      readonly tailLines?: number;
      readonly limitBytes?: number;
      readonly isPrevious?: boolean;
    },
  ): Promise<string>;
  /** The same connections under another identity. */
  as(identity: Identity): Cluster;
}
