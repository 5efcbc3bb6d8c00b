// SPDX-License-Identifier: Apache-2.0
export { DecodeError } from './errors.ts';
export { decodeHelmRelease } from './helm-fluxcd-io-v1/decode.ts';
export { helmReleaseCrd, type Schema } from './helm-fluxcd-io-v1/schema.ts';
export { type Condition, type HelmReleaseStatus, withOutcome } from './helm-fluxcd-io-v1/status.ts';
export type {
  ChartReference,
  IntentSource,
  ReleaseIntent,
  RollbackPolicy,
  TestPolicy,
  ValuesSource,
} from './release-intent.ts';
export type { OutcomePhase, ReleaseOutcome } from './release-outcome.ts';
