// SPDX-License-Identifier: Apache-2.0

/** The peers' command lines against one control plane. */

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTool, type ToolName } from '../tools/tools.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `kubectl`, `helm3` or `helm4` and returns what it printed; a failing command is a result, not an error.
 *
 * @param kubeconfig path; the peer sees no other configuration of this machine
 * @param input given on standard input
 * @param more of the environment: `HELM_DRIVER`
 */
export async function runPeer(
  tool: Extract<ToolName, 'kubectl' | 'helm3' | 'helm4' | 'helm37'>,
  kubeconfig: string,
  args: readonly string[],
  input?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const file = await ensureTool(tool);
  const home = join(tmpdir(), 'helm-operator-peer-home');
  return await new Promise((resolve, reject) => {
    const child = execFile(
      file,
      [...args],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          KUBECONFIG: kubeconfig,
          HELM_CACHE_HOME: join(home, tool, 'cache'),
          HELM_CONFIG_HOME: join(home, tool, 'config'),
          HELM_DATA_HOME: join(home, tool, 'data'),
          TZ: 'UTC',
          ...more,
        },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end(input ?? '');
  });
}

/** Like `runPeer`, but a failing command throws with what it printed. */
export async function mustRun(...call: Parameters<typeof runPeer>): Promise<string> {
  const result = await runPeer(...call);
  if (result.code !== 0) {
    throw new Error(
      `${call[0]} ${call[2].join(' ')} ended with ${result.code}: ${result.stderr}${result.stdout}`,
    );
  }
  return result.stdout;
}
