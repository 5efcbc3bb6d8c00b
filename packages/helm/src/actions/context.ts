// SPDX-License-Identifier: Apache-2.0

import type { Clock, Cluster } from '@helm-operator/kube';
import type { PlannedStage } from '../plan/release-plan.ts';
import type { ReleaseStorage } from '../release/storage.ts';
import type { RenderPort } from '../render-host/port.ts';
import type { WaitListener } from '../wait/progress.ts';
import type { Step } from './steps.ts';

/** One line of the action's own account; texts are redacted before they get here. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warning';
  readonly message: string;
  readonly fields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** The world as an action sees it. Tests pass fakes. */
export interface ActionContext {
  /** The cluster under the release's identity. */
  readonly cluster: Cluster;
  readonly storage: ReleaseStorage;
  readonly render: RenderPort;
  readonly clock: Clock;
  /** Aborted when the controller stops, the HelmRelease changes or the Lease is lost. */
  readonly signal: AbortSignal;
  readonly log: (line: LogLine) => void;
  /** Called after each step; may throw to stop the action there (fault injection, lost Lease). */
  readonly reached: (step: Step) => void;
  /** Told what is going to be done to which object, before the first write and again where hooks changed it. */
  readonly planned?: ((stages: readonly PlannedStage[]) => void) | undefined;
  /** Removes secrets from a text that leaves the engine. */
  readonly redact: (text: string) => string;
  /** Given the logs that hooks ask to be put out, as they are; without it they are lines of `log`. */
  readonly hookOutput?: ((text: string) => void) | undefined;
  /** Told when a wait begins and ends, and what is waited for meanwhile. */
  readonly waiting?: WaitListener | undefined;
  /**
   * Identity of this process, unique per start; written into pending records, so that the next holder of the Lease goes on with
   * them. A command run by a person has none: its record counts as foreign, and is given its time.
   */
  readonly holder?: string | undefined;
  /**
   * For a command run by a person: told to stop, the action does not leave its record pending for the next holder, but writes that it
   * failed (and undoes it, if it is atomic), as Helm does. Time for that, in milliseconds.
   */
  readonly abortGraceMs?: number | undefined;
}
