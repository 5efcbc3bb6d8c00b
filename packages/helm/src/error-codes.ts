// SPDX-License-Identifier: Apache-2.0

/** Every reason a `HelmError` has. */
export type HelmErrorCode =
  | 'helm/action-failed'
  | 'helm/apply'
  | 'helm/build'
  | 'helm/chart'
  | 'helm/hook-failed'
  | 'helm/invalid-name'
  | 'helm/invalid-options'
  | 'helm/invalid-revision'
  | 'helm/name-in-use'
  | 'helm/no-deployed-releases'
  | 'helm/operation-pending'
  | 'helm/ownership'
  | 'helm/record-conflict'
  | 'helm/record-decode'
  | 'helm/record-too-large'
  | 'helm/release-exists'
  | 'helm/release-not-found'
  | 'helm/render'
  | 'helm/render-host'
  | 'helm/render-memory'
  | 'helm/render-timeout'
  | 'helm/storage'
  | 'helm/unreachable'
  | 'helm/wait-failed'
  | 'helm/wait-impossible'
  | 'helm/wait-timeout';

export type Retry = 'transient' | 'terminal' | 'waiting' | 'unknown';
