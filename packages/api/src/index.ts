// SPDX-License-Identifier: Apache-2.0
export type { AutomatedContainer, Automation } from './automation.ts';
export type { Dialect } from './dialect.ts';
export { DIALECTS, decodeHelmRelease, dialectOf, successorOf } from './dialects.ts';
export type { DriftEntry, DriftReport } from './drift-report.ts';
export { DecodeError } from './errors.ts';
export {
  CHAIN,
  type ChainLink,
  type Evidence,
  type EvidenceCulprit,
  type NextAttempt,
  printChain,
} from './evidence.ts';
export { type HealthStatus, withHealth } from './helm-fluxcd-io-v1/health.ts';
export { helmReleaseCrd } from './helm-fluxcd-io-v1/schema.ts';
export {
  type Condition,
  type HelmReleaseStatus,
  isReleased,
  memoryOf,
  PHASE_RULES,
  type PhaseRule,
  unreleasedWhy,
} from './helm-fluxcd-io-v1/status.ts';
export { type Owner, ownerMark, ownersIn, printOwner } from './owner-mark.ts';
export {
  ATTEMPT_ANNOTATION,
  attemptAnnotation,
  fullStatus,
  LONGEST_ATTEMPT,
  ORIGINAL_STATUS_FIELDS,
  plainStatus,
  statusOf,
} from './plain-status.ts';
export type { HealthState, ReleaseHealth, UnreadyObject } from './release-health.ts';
export type {
  ActionPolicy,
  ChartReference,
  ChartTrigger,
  Dependency,
  DriftPolicy,
  FailurePolicy,
  HealthCheck,
  InstallPolicy,
  IntentSource,
  PostRenderPolicy,
  Refusal,
  ReleaseIntent,
  RetryPace,
  RollbackPolicy,
  SecretReference,
  TargetCluster,
  TestPolicy,
  UninstallPolicy,
  UpgradePolicy,
  ValuesSource,
} from './release-intent.ts';
export {
  type BegunAttempt,
  NO_MEMORY,
  type ReleaseMemory,
  type Requests,
} from './release-memory.ts';
export type { OutcomePhase, ReleaseOutcome } from './release-outcome.ts';
export { printTarget, type ReleaseTarget, readTarget } from './release-target.ts';
export {
  ANNOTATIONS,
  type AnnotationRow,
  dependenciesOf,
  watchedAnnotations,
} from './requests.ts';
export type { Schema } from './schema.ts';
