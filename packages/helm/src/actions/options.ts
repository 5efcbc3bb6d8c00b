// SPDX-License-Identifier: Apache-2.0

import type { Profile } from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import type { Json } from '@helm-operator/kube';
import type { ReleaseStatus } from '../release/record.ts';
import type { Patience } from '../wait/wait-loop.ts';

/** Every operation of a plan in few bytes, by object; made by a preview. */
export type PlanFingerprint = ReadonlyMap<string, string>;

export type { Profile } from '@helm-operator/chart';

/** Names one release and where its objects and records live. */
export interface ReleaseIdentity {
  readonly name: string;
  /** Where objects without a namespace go, and `.Release.Namespace`. */
  readonly namespace: string;
}

/** A chart ready to be rendered: the archive, its digest and what its Chart.yaml says. */
export interface ChartHandle {
  /** `sha256:…` of `bytes`; the key of every cache. */
  readonly digest: string;
  /** The chart archive (`.tgz`). */
  readonly bytes: Uint8Array;
  readonly metadata: {
    readonly name: string;
    readonly version: string;
    readonly appVersion?: string | undefined;
  };
}

/** How objects are written. */
export interface ApplyPolicy {
  /**
   * `client`: three-way merge as Helm 3; `server`: server-side apply; `auto`: as the previous record
   * says, `server` for an install (Helm 4's default).
   */
  readonly method: 'client' | 'server' | 'auto';
  readonly fieldManager: string;
  /** `--force`: replace objects instead of patching them. */
  readonly mustReplace?: boolean | undefined;
  /** `--force-conflicts`: take fields other managers own (server-side apply only). */
  readonly mustForceConflicts?: boolean | undefined;
  /** `--take-ownership`: adopt existing objects whatever their ownership marks say. */
  readonly mustTakeOwnership?: boolean | undefined;
  /** `false` is `--disable-openapi-validation`. Default true. */
  readonly isValidated?: boolean | undefined;
  /** Annotations that every object of the manifest gets beside the release's own marks; the record does not hold them. */
  readonly annotations?: ReadonlyMap<string, string> | undefined;
  /** What to do with an object the API server refuses to change because a field is immutable. */
  readonly onImmutable?: 'fail' | 'recreate' | undefined;
}

/** What to wait for after objects were written. */
export interface WaitPolicy {
  /** `helm3`: Helm 3's rules; `kstatus`: Helm 4's watcher rules; `none`: do not wait. */
  readonly strategy: 'none' | 'helm3' | 'kstatus';
  readonly mustWaitForJobs?: boolean | undefined;
  /**
   * `fail-fast` (default): a wait, of a hook too, ends when something stands in the way that waiting does not remove;
   * `helm`: it uses up its time, as Helm's does.
   */
  readonly patience?: Patience | undefined;
}

export interface HookPolicy {
  /** `--no-hooks` */
  readonly isDisabled?: boolean | undefined;
}

/** What to do with the files of `crds/`. */
export interface CrdPolicy {
  /**
   * `create`: create those that are absent (Helm 3 on install); `create-replace`: also replace those that exist;
   * `apply`: server-side apply, which changes those that exist too (Helm 4 on install).
   */
  readonly mode: 'skip' | 'create' | 'create-replace' | 'apply';
}

export interface HistoryPolicy {
  /** Records kept, the newest included; `0` keeps all. */
  readonly maxRevisions: number;
}

/** What rendering needs besides chart and values. */
export interface RenderPolicy {
  readonly mustRenderSubchartNotes?: boolean | undefined;
  readonly mustSkipSchemaValidation?: boolean | undefined;
  readonly canResolveDns?: boolean | undefined;
  /** The CRDs of `crds/` stand before the manifest (`helm template --include-crds`). */
  readonly mustIncludeCrds?: boolean | undefined;
  /** Settings of a post-renderer that runs in the render host (patches, images). */
  readonly postRender?: Json | undefined;
}

interface CommonOptions {
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  /** Time for each wait, hook and deletion, in milliseconds (`--timeout`). */
  readonly timeoutMs: number;
  readonly wait: WaitPolicy;
  readonly hooks: HookPolicy;
  /** Replaces `Install complete` and its like in the record. */
  readonly description?: string | undefined;
  /**
   * `server`: renders and plans, writes nothing, records nothing. `client`: the same without `lookup`; an install of
   * Helm 4 does not even ask the cluster what it can do.
   */
  readonly dryRun?: 'client' | 'server' | undefined;
  /** The fingerprint of the plan somebody was shown: where the action does something else, it says so. */
  readonly shownPlan?: PlanFingerprint | undefined;
}

/**
 * `--post-renderer`: gets a stream of documents and gives back what is to be released. With Helm 3 the manifest; with Helm 4 hooks
 * and manifests, each with its file's name in an annotation.
 */
export type PostRenderer = (manifest: string, signal: AbortSignal) => Promise<string>;

export interface InstallOptions extends CommonOptions {
  readonly chart: ChartHandle;
  readonly values: ValueMap;
  readonly render: RenderPolicy;
  readonly postRenderer?: PostRenderer | undefined;
  /** `--hide-secret`: leaves the contents of Secrets out of the manifest; only with `dryRun`. */
  readonly mustHideSecrets?: boolean | undefined;
  readonly apply: ApplyPolicy;
  readonly crds: CrdPolicy;
  readonly history: HistoryPolicy;
  readonly labels?: ReadonlyMap<string, string> | undefined;
  readonly mustCreateNamespace?: boolean | undefined;
  /** `--replace`: re-use the name of a failed or uninstalled release. */
  readonly canReplace?: boolean | undefined;
  /** `helm template --validate --is-upgrade`: templates see an upgrade, and objects that exist are no conflict; only with `dryRun`. */
  readonly mustRenderAsUpgrade?: boolean | undefined;
  /** `--atomic` / `--rollback-on-failure`: uninstall what a failed install left. Implies waiting. */
  readonly isAtomic?: boolean | undefined;
}

export interface UpgradeOptions extends CommonOptions {
  readonly chart: ChartHandle;
  readonly values: ValueMap;
  readonly render: RenderPolicy;
  readonly postRenderer?: PostRenderer | undefined;
  /** `--hide-secret`: leaves the contents of Secrets out of the manifest; only with `dryRun`. */
  readonly mustHideSecrets?: boolean | undefined;
  readonly apply: ApplyPolicy;
  readonly crds: CrdPolicy;
  readonly history: HistoryPolicy;
  /** Added to the labels of the last record; the value `null` as text removes one. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
  /**
   * Values of the last revision: `reset` ignores them, `reuse` puts the new ones over them,
   * `reset-then-reuse` does so on the new chart's defaults, `default` takes them only if none are given.
   */
  readonly valuesPolicy?: 'default' | 'reset' | 'reuse' | 'reset-then-reuse' | undefined;
  /** `--atomic` / `--rollback-on-failure`: roll back what failed. Implies waiting. */
  readonly isAtomic?: boolean | undefined;
  /** `--cleanup-on-fail`: delete objects this upgrade created when it fails. */
  readonly mustCleanupOnFail?: boolean | undefined;
  /** `--recreate-pods` of Helm 3: delete the pods of updated workloads. */
  readonly mustRecreatePods?: boolean | undefined;
}

/** `helm upgrade --install`: installs what is not there, upgrades what is. */
export interface InstallOrUpgradeOptions extends UpgradeOptions {
  /** `--create-namespace`; only an install does it. */
  readonly mustCreateNamespace?: boolean | undefined;
  /** What an install does with `crds/` when `crds` (for upgrades) says something else. */
  readonly installCrds?: CrdPolicy | undefined;
}

export interface RollbackOptions extends CommonOptions {
  /** Revision to go back to; `0` is the one before the last. */
  readonly toRevision: number;
  readonly apply: ApplyPolicy;
  readonly history: HistoryPolicy;
  readonly mustCleanupOnFail?: boolean | undefined;
  readonly mustRecreatePods?: boolean | undefined;
}

export interface UninstallOptions extends CommonOptions {
  readonly mustKeepHistory?: boolean | undefined;
  /** `--ignore-not-found`: a release that does not exist is no error. */
  readonly canBeAbsent?: boolean | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Waits until the deleted objects are gone. */
  readonly mustWaitForDeletion?: boolean | undefined;
  /** Writes the hooks' objects; default `helm`. */
  readonly fieldManager?: string | undefined;
}

export interface TestOptions extends CommonOptions {
  /** Run only the hooks of these names (`--filter name=…`). */
  readonly includeNames?: readonly string[] | undefined;
  /** Leave out the hooks of these names (`--filter '!name=…'`). */
  readonly excludeNames?: readonly string[] | undefined;
  /** Filled with the redacted log of each test pod as it ends, by name, before a delete policy takes the pod. */
  readonly logs?: Map<string, string> | undefined;
  /** Writes the tests' objects; default `helm`. */
  readonly fieldManager?: string | undefined;
}

/** Names a stored revision; `0` or none is the newest. */
export interface RevisionOptions {
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  readonly revision?: number | undefined;
}

export interface HistoryOptions {
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  /** Only the newest so many (`--max`); `0` gives none, as Helm. Default: all. */
  readonly max?: number | undefined;
}

/** What `list` shows. The storage decides about the namespace: `''` is all of them. */
export interface ListOptions {
  readonly profile: Profile;
  /** A regular expression (RE2) that must match somewhere in the name. */
  readonly filter?: string | undefined;
  /** Statuses shown; `all` shows every one. Default: `deployed` and `failed`. */
  readonly states?: ReadonlySet<ReleaseStatus> | 'all' | undefined;
  /** A label selector for the user's labels of the record. */
  readonly selector?: string | undefined;
  readonly sort?: 'name' | 'date' | undefined;
  readonly isReversed?: boolean | undefined;
  /** At most so many; `0` shows all. Default 256. */
  readonly max?: number | undefined;
  readonly offset?: number | undefined;
}
