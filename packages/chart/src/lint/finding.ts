// SPDX-License-Identifier: Apache-2.0

export type Severity = 'info' | 'warning' | 'error';

/** One thing a rule found. */
export interface Finding {
  readonly severity: Severity;
  /** What it is about: a file of the chart, or its folder. */
  readonly path: string;
  readonly message: string;
}

/** `[WARNING] templates/a.yaml: …`: the line Helm prints. */
export function printFinding({ severity, path, message }: Finding): string {
  return `[${severity.toUpperCase()}] ${path}: ${message}`;
}
