// SPDX-License-Identifier: Apache-2.0

export { type CreatePortsOptions, createPorts, type RealPorts } from './create-ports.ts';
export { ROUTES } from './health/server.ts';
export type { ChartSource, SourcedChart } from './inputs/chart.ts';
export {
  type ChartSourcePorts,
  createChartSource,
  DEFAULT_SOURCE_OPTIONS,
  type SourceOptions,
} from './inputs/chart-source.ts';
export { DEFAULT_GIT_OPTIONS, type GitSourceOptions } from './inputs/git-charts.ts';
export { createLogger, type Logger, type LoggerOptions } from './logging/logger.ts';
export { BUCKETS, METRICS, Metrics } from './metrics/metrics.ts';
export { DEFAULT_OPTIONS, type OperatorOptions } from './options.ts';
export type { OperatorPorts } from './ports.ts';
export type { ReconcileContext, TurnResult } from './reconcile/context.ts';
export { type Action, decide } from './reconcile/decide.ts';
export { EVENTS } from './reconcile/event-table.ts';
export { FINALIZER } from './reconcile/gate.ts';
export { reconcileIntent } from './reconcile/reconcile.ts';
export { Reporter } from './reconcile/report.ts';
export type { ReleaseState } from './reconcile/state.ts';
export { LEASE_NAME, runOperator } from './run-operator.ts';
