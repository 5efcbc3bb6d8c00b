// SPDX-License-Identifier: Apache-2.0

import type { ConnectedCluster, KubeConfig } from '@helm-operator/kube';

/** The world as a command sees it. Tests pass fakes; `main.ts` passes the process. */
export interface CliContext {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** All of standard input. */
  readonly stdin: () => Promise<string>;
  readonly env: ReadonlyMap<string, string>;
  /** Where relative paths start. */
  readonly folder: string;
  readonly homeFolder: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** @param onWarning told what the API server warns of */
  readonly connect: (config: KubeConfig, onWarning?: (warning: string) => void) => ConnectedCluster;
  /** @returns `undefined` when there is no such file */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** The files `kubectl` would read. */
  readonly kubeconfigPaths: readonly string[];
  readonly terminal: Terminal;
  /** Version of this product. */
  readonly version: string;
  /** Unique for each start. */
  readonly identity: string;
  /** The Node that renders, and the file it runs. */
  readonly nodePath: string;
  readonly renderEntry: string;
}

/** Who reads what is printed. */
export interface Terminal {
  /** Standard output is one; colours are welcome. */
  readonly isOutput: boolean;
  /** Standard error is one; lines may be drawn over. */
  readonly isErrors: boolean;
  readonly columns: number;
}

/** A wrong use of the command line: printed as `Error: TEXT`, exit code 1, no stack. */
export class UsageError extends Error {
  readonly code = 'cli/usage';
  readonly retry = 'terminal';
}
