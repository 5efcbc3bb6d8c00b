// SPDX-License-Identifier: Apache-2.0

/** Names of the actions, as journals and metrics show them. */
export const ACTIONS = [
  'install',
  'upgrade',
  'rollback',
  'uninstall',
  'test',
  'unlock',
  'drift',
] as const;
export type ActionName = (typeof ACTIONS)[number];

/**
 * Every step an action announces, in the order of a full run. A step is announced when it is *done*;
 * `hook-done` and `object-done` repeat, once for each hook and object.
 */
export const STEPS = [
  'history-read',
  'crds-established',
  'capabilities-read',
  'rendered',
  'built',
  'planned',
  'namespace-created',
  'history-pruned',
  'record-pending',
  'hook-created',
  'hook-done',
  'pre-hooks-done',
  'object-done',
  'objects-done',
  'pruned',
  'waited',
  'post-hooks-done',
  'previous-superseded',
  'record-final',
] as const;
export type StepName = (typeof STEPS)[number];

/** One step reached by a running action. */
export interface Step {
  readonly action: ActionName;
  readonly name: StepName;
  /** Object, hook or record the step was about: `Deployment/default/podinfo`. */
  readonly subject?: string | undefined;
}
