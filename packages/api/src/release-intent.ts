// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import type {
  ApplyPolicy,
  CrdPolicy,
  HistoryPolicy,
  HookPolicy,
  Profile,
  ReleaseIdentity,
  RenderPolicy,
  WaitPolicy,
} from '@helm-operator/helm';

/** The HelmRelease object an intent comes from. */
export interface IntentSource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
}

/** Where a chart comes from. Other kinds join when their sources do. */
export type ChartReference =
  | {
      readonly kind: 'helm-repository';
      readonly url: string;
      readonly name: string;
      /** A version or a range. */
      readonly version: string;
    }
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly ref: string | undefined;
      readonly path: string;
    };

/** One layer of values, the lowest first. */
export type ValuesSource =
  | {
      readonly kind: 'Secret' | 'ConfigMap';
      readonly namespace: string;
      readonly name: string;
      readonly key: string;
      readonly isOptional: boolean;
    }
  | { readonly kind: 'inline'; readonly values: ValueMap }
  /** Accepted by the dialect, not fetched yet: a clear error at composition. */
  | { readonly kind: 'url' | 'chart-file'; readonly at: string; readonly isOptional: boolean };

/** What follows a failed upgrade. */
export interface RollbackPolicy {
  readonly isEnabled: boolean;
  readonly mustRetry: boolean;
  /** Retries after a rollback; 0 is without end. */
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly wait: WaitPolicy;
  readonly hooks: HookPolicy;
  readonly mustRecreatePods: boolean;
  readonly mustReplace: boolean;
}

export interface TestPolicy {
  readonly isEnabled: boolean;
  readonly canFail: boolean;
  readonly timeoutMs: number;
}

/**
 * Everything the reconciler needs to know of a HelmRelease, whatever its dialect.
 *
 * Composed of the option types that `helm` declares.
 */
export interface ReleaseIntent {
  readonly source: IntentSource;
  readonly isDeleting: boolean;
  readonly finalizers: readonly string[];
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  /** Where the records are. */
  readonly storageNamespace: string;
  readonly chart: ChartReference;
  readonly values: readonly ValuesSource[];
  readonly timeoutMs: number;
  readonly wait: WaitPolicy;
  readonly hooks: HookPolicy;
  readonly crds: CrdPolicy;
  readonly history: HistoryPolicy;
  readonly apply: ApplyPolicy;
  readonly render: RenderPolicy;
  readonly valuesPolicy: 'default' | 'reset' | 'reuse' | 'reset-then-reuse';
  /** `purge`: a failed install is uninstalled; `keep`: it stays and is upgraded. */
  readonly onInstallFailure: 'purge' | 'keep';
  readonly rollback: RollbackPolicy;
  readonly test: TestPolicy;
}
