// SPDX-License-Identifier: Apache-2.0

import type { Clock, Identity, ResourceInfo, ServerVersion } from '@helm-operator/kube';
import { FakeClock } from '../fake-clock.ts';
import { builtInKinds } from './kinds.ts';
import { Store } from './store.ts';

export type Verb =
  | 'create'
  | 'delete'
  | 'get'
  | 'list'
  | 'logs'
  | 'patch'
  | 'resources'
  | 'update'
  | 'version'
  | 'watch';

/** One call as the fake cluster saw it. */
export interface FakeCall {
  readonly verb: Verb;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly isDryRun: boolean;
  /** Who called; absent: the cluster's own identity. */
  readonly user: string | undefined;
}

export interface FakeClusterOptions {
  readonly clock?: Clock | undefined;
  /** Namespaces that exist from the start; default `default` and `kube-system`. */
  readonly namespaces?: readonly string[] | undefined;
  /** Served in addition to the built-in kinds. */
  readonly kinds?: readonly ResourceInfo[] | undefined;
  readonly version?: ServerVersion | undefined;
  /**
   * Called before each call takes effect and again after it, before its answer. What it throws is the call's failure: thrown
   * `before`, nothing happened; thrown `after`, it happened and the answer was lost.
   */
  readonly onCall?:
    | ((call: FakeCall, phase: 'before' | 'after') => void | Promise<void>)
    | undefined;
  /** Whether a call is permitted; default: everything. */
  readonly authorize?: ((call: FakeCall) => boolean) | undefined;
}

/** State that all identities of one fake cluster see. */
export class World {
  readonly store: Store;
  readonly kinds: ResourceInfo[];
  readonly calls: FakeCall[] = [];
  readonly logs: Map<string, string> = new Map();
  readonly options: FakeClusterOptions;
  watches: number = 0;
  names: number = 0;
  readonly cuts: Set<() => void> = new Set();

  constructor(options: FakeClusterOptions) {
    this.options = options;
    this.store = new Store(options.clock ?? new FakeClock());
    this.kinds = [...builtInKinds(), ...(options.kinds ?? [])];
  }
}

/** What a call is known to be; the rest is empty. */
export interface PartialCall {
  readonly verb: Verb;
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly isDryRun?: boolean | undefined;
}

export function completeCall(partial: PartialCall, identity: Identity | undefined): FakeCall {
  const { verb, apiVersion = '', kind = '', name = '', subresource = '' } = partial;
  const { namespace = '', isDryRun = false } = partial;
  return { verb, apiVersion, kind, namespace, name, subresource, isDryRun, user: identity?.user };
}
