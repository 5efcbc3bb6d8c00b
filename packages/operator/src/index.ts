// SPDX-License-Identifier: Apache-2.0

export { type CreatePortsOptions, createPorts, type RealPorts } from './create-ports.ts';
export { type ChartSource, UnsupportedSourceError } from './inputs/chart.ts';
export { createLogger, type Logger, type LoggerOptions } from './logging/logger.ts';
export { DEFAULT_OPTIONS, type OperatorOptions } from './options.ts';
export type { OperatorPorts } from './ports.ts';
export { type Action, decide } from './reconcile/decide.ts';
export { FINALIZER } from './reconcile/gate.ts';
export type { ReleaseState } from './reconcile/state.ts';
export { runOperator } from './run-operator.ts';
