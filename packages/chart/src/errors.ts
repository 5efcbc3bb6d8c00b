// SPDX-License-Identifier: Apache-2.0

/** Why a chart cannot be used. */
export type ChartErrorCode =
  | 'chart/archive'
  | 'chart/load'
  | 'chart/invalid'
  | 'chart/values'
  | 'chart/schema'
  | 'chart/set'
  | 'chart/kube-version'
  | 'chart/render'
  | 'chart/post-render'
  | 'chart/manifest';

/** A chart, its values or what it rendered is not usable; the message is Helm's where Helm has one. */
export class ChartError extends Error {
  readonly code: ChartErrorCode;
  readonly retry = 'terminal';
  constructor(code: ChartErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ChartError';
    this.code = code;
  }
}

/** `PREFIX: MESSAGE` around an error. */
export function wrapError(code: ChartErrorCode, prefix: string, error: unknown): ChartError {
  return new ChartError(code, `${prefix}: ${messageOf(error)}`, error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
