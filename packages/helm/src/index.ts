// SPDX-License-Identifier: Apache-2.0

export type { Clock } from '@helm-operator/kube';
export type { ActionContext, LogLine } from './actions/context.ts';
export { install } from './actions/install.ts';
export type {
  ApplyPolicy,
  ChartHandle,
  CrdPolicy,
  HistoryPolicy,
  HookPolicy,
  InstallOptions,
  Profile,
  ReleaseIdentity,
  RenderPolicy,
  RollbackOptions,
  TestOptions,
  UninstallOptions,
  UpgradeOptions,
  WaitPolicy,
} from './actions/options.ts';
export { rollback } from './actions/rollback.ts';
export { ACTIONS, type ActionName, STEPS, type Step, type StepName } from './actions/steps.ts';
export { runTests } from './actions/test.ts';
export { type UninstallResult, uninstall } from './actions/uninstall.ts';
export { upgrade } from './actions/upgrade.ts';
export {
  type HookEvent,
  type HookPhase,
  type HookRecord,
  type HookRun,
  isPending,
  type OperationMark,
  type ReleaseInfo,
  type ReleaseRecord,
  type ReleaseStatus,
  type StoredChart,
  type StoredChartFacts,
} from './release/record.ts';
export type {
  CorruptedRecord,
  ReleaseHistory,
  ReleaseStorage,
  StorageCallOptions,
} from './release/storage.ts';
export type {
  ClusterCapabilities,
  CrdFile,
  LookupPort,
  RenderCallOptions,
  RenderedRelease,
  RenderPort,
  RenderRequest,
} from './render-host/port.ts';
