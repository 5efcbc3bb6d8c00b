// SPDX-License-Identifier: Apache-2.0

/** What a turn is given, and what it gives back. */

import type { Dependency, DriftPolicy, HealthStatus, ReleaseIntent } from '@helm-operator/api';
import type { ActionContext, ReleaseRecord } from '@helm-operator/helm';
import type { JsonObject, ObjectRef } from '@helm-operator/kube';
import type { TenancyOptions } from '../identity/tenant.ts';
import type { FetchedFacts } from '../inputs/chart.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OperatorPorts } from '../ports.ts';
import type { Reporter } from './report.ts';
import type { Next } from './retry.ts';

/** What a turn needs beside the ports. */
export interface ReconcileContext {
  readonly ports: OperatorPorts;
  readonly reporter: Reporter;
  readonly metrics: Metrics;
  /** Aborted when the object changed while waiting, or the operator stops. */
  readonly signal: AbortSignal;
  /** Identity of this process, unique per start. */
  readonly holder: string;
  readonly isDead: (holder: string) => boolean;
  /** Whether another turn works on that release: two HelmReleases may describe one. */
  readonly isTaken?: ((release: ReleaseIntent['release']) => boolean) | undefined;
  /** The object as this turn sees it. */
  readonly onRead: (intent: ReleaseIntent) => void;
  /** Its metadata as they were read. */
  readonly onObject?: ((metadata: JsonObject) => void) | undefined;
  readonly onStep: ActionContext['reached'];
  /** How long the next back-off will take, in milliseconds. */
  readonly backOffMs: () => number;
  /** Told when the turn begins to wait, and when it goes on. */
  readonly waiting?: ActionContext['waiting'];
  readonly tenancy: TenancyOptions;
  /** What each upgrade changes is logged. Default: not. */
  readonly arePlansLogged?: boolean | undefined;
  /** What becomes of the release when the HelmRelease goes with its definition. Default: it stays. */
  readonly onDefinitionDeletion?: 'keep' | 'uninstall' | undefined;
  /** For objects whose dialect says nothing of drift. */
  readonly drift: DriftPolicy;
  /** Watches live objects, so that the next turn comes when one changes. */
  readonly watchLive: (objects: readonly ObjectRef[]) => Promise<void>;
}

/** What a turn tells its caller. */
export interface TurnResult {
  readonly next: Next;
  /** `undefined` when the object is gone. */
  readonly intent: ReleaseIntent | undefined;
  /** The newest record as it was last seen; its version tells whether somebody else wrote since. */
  readonly record: ReleaseRecord | undefined;
  /** Nothing was written since `record` was seen. */
  readonly isRecordKnown: boolean;
  /** Of the HelmRelease, as the turn left them. */
  readonly finalizers: readonly string[];
  /** Live objects whose changes matter. */
  readonly objects: readonly ObjectRef[];
  /** The chart that was fetched, if it was. */
  readonly chart?: FetchedFacts | undefined;
  /** Another HelmRelease that must be ready first. */
  readonly unready: Dependency | undefined;
  /** The release is another HelmRelease's: how its objects are is that one's to tell. */
  readonly isForeign?: boolean | undefined;
  /** As the object's status told it when the turn began. */
  readonly health?: HealthStatus | undefined;
  /** Takes the secrets of the values out of a text; absent where the values were not read. */
  readonly redact?: ((text: string) => string) | undefined;
}
