// SPDX-License-Identifier: Apache-2.0

/** How the objects of a release are now, whatever became of the release itself. */

/** `Unknown`: some cannot be seen. */
export type HealthState = 'Healthy' | 'Progressing' | 'Unhealthy' | 'Unknown';

export interface ReleaseHealth {
  readonly state: HealthState;
  readonly ready: number;
  readonly total: number;
  /** The worst first; bounded. */
  readonly notReady: readonly UnreadyObject[];
}

export interface UnreadyObject {
  /** `Deployment apps/web` */
  readonly object: string;
  /** What is missed: `Available: 1/2`. */
  readonly message: string;
  /** The pod behind it, and its reason in one word: `ImagePullBackOff`. */
  readonly pod?: string | undefined;
  readonly reason?: string | undefined;
  /** What a person can do. */
  readonly mend?: string | undefined;
}
