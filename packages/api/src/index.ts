// SPDX-License-Identifier: Apache-2.0
export { DecodeError } from './errors.ts';
export { decodeHelmRelease } from './helm-fluxcd-io-v1/decode.ts';
export { helmReleaseCrd, type Schema } from './helm-fluxcd-io-v1/schema.ts';
export {
  type Condition,
  type HelmReleaseStatus,
  isReleased,
  memoryOf,
  withOutcome,
} from './helm-fluxcd-io-v1/status.ts';
export { type Owner, ownerMark, ownersIn, printOwner } from './owner-mark.ts';
export type {
  ChartReference,
  Dependency,
  DriftPolicy,
  FailurePolicy,
  IntentSource,
  ReleaseIntent,
  RetryPace,
  RollbackPolicy,
  SecretReference,
  TestPolicy,
  ValuesSource,
} from './release-intent.ts';
export { NO_MEMORY, type ReleaseMemory, type Requests } from './release-memory.ts';
export type { OutcomePhase, ReleaseOutcome } from './release-outcome.ts';
export { dependenciesOf, WATCHED_ANNOTATIONS } from './requests.ts';
