// SPDX-License-Identifier: Apache-2.0

import type { TargetPath } from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import type {
  ApplyPolicy,
  CrdPolicy,
  DriftIgnore,
  DriftTarget,
  HistoryPolicy,
  HookPolicy,
  Profile,
  ReleaseIdentity,
  RenderPolicy,
  WaitPolicy,
} from '@helm-operator/helm';
import type { ObjectRef } from '@helm-operator/kube';
import type { Automation } from './automation.ts';
import type { Requests } from './release-memory.ts';

/** The HelmRelease object an intent comes from. */
export interface IntentSource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
}

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

/** What a HelmRelease asks for that cannot be done. */
export interface Refusal {
  readonly phase: 'failed' | 'chart-fetch-failed';
  readonly reason: string;
}

/**
 * What counts as another chart: another content of what Helm would load (the default), another version alone, or another
 * revision of the source, whether it touched the chart or not.
 */
export type ChartTrigger = 'content' | 'version' | 'revision';

/** Where a chart comes from. Other kinds join when their sources do. */
export type ChartReference =
  | {
      readonly kind: 'helm-repository';
      readonly url: string;
      readonly name: string;
      /** A version or a range. */
      readonly version: string;
      /** Holds what the repository asks for. */
      readonly secret?: SecretReference | undefined;
      readonly trigger?: ChartTrigger | undefined;
    }
  | {
      readonly kind: 'git';
      readonly url: string;
      /** Branch, tag or commit; `undefined`: the one the operator was told to take. */
      readonly ref: string | undefined;
      readonly path: string;
      /** Holds what the repository asks for. */
      readonly secret?: SecretReference | undefined;
      /** Take the dependencies as they are in `charts/`. */
      readonly mustSkipDependencies?: boolean | undefined;
      readonly trigger?: ChartTrigger | undefined;
    }
  /** What an object of `source.toolkit.fluxcd.io` made. */
  | {
      readonly kind: 'source-object';
      readonly of: ObjectRef;
      readonly secret?: undefined;
      readonly trigger?: ChartTrigger | undefined;
    };

/** One layer of values, the lowest first. */
export type ValuesSource =
  | {
      readonly kind: 'Secret' | 'ConfigMap';
      readonly namespace: string;
      readonly name: string;
      readonly key: string;
      /** The object or the key may be absent. */
      readonly isOptional: boolean;
      /** The key holds one value that goes there; default: it holds a document of values. */
      readonly target?: TargetPath | undefined;
    }
  | { readonly kind: 'inline'; readonly values: ValueMap }
  /** A document at a URL, or a file of the chart by its path. */
  | { readonly kind: 'url' | 'chart-file'; readonly at: string; readonly isOptional: boolean };

/** When the next attempt follows a failed one. */
export type RetryPace =
  | { readonly kind: 'at-once' }
  /** After a pause that doubles each time. */
  | { readonly kind: 'back-off' }
  | { readonly kind: 'every'; readonly afterMs: number };

/** What follows an install or upgrade (or its tests) that failed after a revision was stored. */
export interface FailurePolicy {
  /** How the failed revision is undone. Without a remedy it is upgraded. */
  readonly remedy: 'none' | 'rollback' | 'uninstall';
  /** Attempts after the first with the same inputs; `Infinity`: without end. */
  readonly retries: number;
  /** Undo the last failure, too. */
  readonly mustRemedyLast: boolean;
  readonly pace: RetryPace;
  /** A failed test does not count as a failure after this action; default: as the test policy says. */
  readonly canTestsFail?: boolean | undefined;
  /** When a success ends the count of failures, too: once it is released, or after its tests. Default: only new inputs do. */
  readonly forgets?: 'when-released' | 'when-done' | undefined;
}

/** What every action has of its own. */
export interface ActionPolicy {
  /** For each wait, hook and deletion, in milliseconds. */
  readonly timeoutMs: number;
  readonly wait: WaitPolicy;
  readonly hooks: HookPolicy;
}

/** How a chart becomes a release. */
export interface ReleasePolicy extends ActionPolicy {
  readonly apply: ApplyPolicy;
  readonly crds: CrdPolicy;
  readonly render: RenderPolicy;
}

export interface InstallPolicy extends ReleasePolicy {
  readonly mustCreateNamespace: boolean;
  /** A name whose release was uninstalled, and whose history is kept, may be taken. */
  readonly canReplace: boolean;
}

export interface UpgradePolicy extends ReleasePolicy {
  /** What counts of the last revision's values. */
  readonly values: 'default' | 'reset' | 'reuse' | 'reset-then-reuse';
  /** Objects that a failed upgrade created are deleted. */
  readonly mustCleanupOnFail: boolean;
  /** A chart of another name: upgraded to, or installed anew after the release was uninstalled. */
  readonly onOtherChart: 'upgrade' | 'reinstall';
}

/** How a rollback is done. */
export interface RollbackPolicy extends ActionPolicy {
  readonly apply: ApplyPolicy;
  readonly mustRecreatePods: boolean;
  readonly mustCleanupOnFail: boolean;
}

/** How a release is removed, whatever the reason. */
export interface UninstallPolicy extends ActionPolicy {
  readonly mustKeepHistory: boolean;
  /** Wait until the objects are gone. */
  readonly mustWaitForDeletion: boolean;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan';
}

/** Another HelmRelease that must be ready before this one is released. */
export interface Dependency {
  readonly namespace: string;
  readonly name: string;
  /** Where there is none of one's own kind, another kind of the same namespace counts. */
  readonly mayBeOtherKind?: boolean | undefined;
  /** CEL over `self` and `dep` that says whether it is ready. */
  readonly readyExpression?: string | undefined;
}

/** What is done about live objects that are not as the release's manifest says. */
export interface DriftPolicy {
  /** `off`: not looked at; `warn`: reported; `correct`: mended; `as-told`: what the operator is told for such objects. */
  readonly mode: 'off' | 'warn' | 'correct' | 'as-told';
  readonly ignore: readonly DriftIgnore[];
}

export interface TestPolicy {
  readonly isEnabled: boolean;
  readonly canFail: boolean;
  readonly timeoutMs: number;
  /** Run only the tests of these names; none: all. */
  readonly includeNames?: readonly string[] | undefined;
  /** Leave out the tests of these names. */
  readonly excludeNames?: readonly string[] | undefined;
}

/** When an object of a kind counts as ready, in CEL over its fields. */
export interface HealthCheck {
  readonly apiVersion: string;
  readonly kind?: string | undefined;
  readonly current: string;
  readonly inProgress?: string | undefined;
  readonly failed?: string | undefined;
}

/** What is done to a rendered manifest before anything is made of it. */
export interface PostRenderPolicy {
  /** In order: strategic-merge or JSON patches, and images to be renamed. */
  readonly kustomizations: readonly {
    readonly patches: readonly { readonly patch: string; readonly target?: DriftTarget }[];
    readonly images: readonly {
      readonly name: string;
      readonly newName?: string | undefined;
      readonly newTag?: string | undefined;
      readonly digest?: string | undefined;
    }[];
  }[];
  /** Put on every object. */
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Whether hooks pass through, too: not at all, together with the manifest, or by themselves. */
  readonly hooks: 'none' | 'combined' | 'separate';
}

/** Another cluster than the one the HelmRelease is in. */
export type TargetCluster =
  /** A kubeconfig in a Secret. */
  | { readonly kind: 'Secret'; readonly name: string; readonly key?: string | undefined }
  /** Address and identity of a cloud's cluster. */
  | { readonly kind: 'ConfigMap'; readonly name: string };

/**
 * Everything the reconciler needs to know of a HelmRelease, whatever its dialect.
 *
 * Composed of the option types that `helm` declares.
 */
export interface ReleaseIntent {
  readonly source: IntentSource;
  readonly isDeleting: boolean;
  /** When the object goes, its release stays. */
  readonly isOrphaned: boolean;
  /** Why nothing can be done for it, though it can be read. */
  readonly refusal?: Refusal | undefined;
  /** Nothing is done until this ends. */
  readonly isSuspended: boolean;
  readonly requests: Requests;
  /** Of images; told, not acted upon. */
  readonly automation?: Automation | undefined;
  /** HelmReleases that must be ready first. */
  readonly dependencies: readonly Dependency[];
  readonly finalizers: readonly string[];
  /** Of the HelmRelease's namespace, to read inputs and to act as; `undefined`: as the operator is told. */
  readonly serviceAccount: string | undefined;
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  /** What becomes of the release that was made, when the object describes another one. */
  readonly onTargetChange: 'keep' | 'uninstall';
  /** Where the records are. */
  readonly storageNamespace: string;
  readonly chart: ChartReference;
  readonly values: readonly ValuesSource[];
  /** `undefined`: the cluster that the HelmRelease is in. */
  readonly targetCluster?: TargetCluster | undefined;
  /** Where no action says otherwise: corrections of drift, work of others that is waited for. In milliseconds. */
  readonly timeoutMs: number;
  readonly history: HistoryPolicy;
  readonly install: InstallPolicy;
  readonly upgrade: UpgradePolicy;
  readonly uninstall: UninstallPolicy;
  /** A record that somebody else left pending: waited for until it is late, or unlocked at once. */
  readonly onForeignLock: 'wait' | 'unlock';
  readonly healthChecks: readonly HealthCheck[];
  readonly postRender?: PostRenderPolicy | undefined;
  readonly onFailure: { readonly install: FailurePolicy; readonly upgrade: FailurePolicy };
  /** An edited object is released anew, even if chart and values are the same. */
  readonly mustUpgradeOnEdit: boolean;
  readonly rollback: RollbackPolicy;
  readonly test: TestPolicy;
  readonly drift: DriftPolicy;
}
