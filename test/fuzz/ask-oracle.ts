// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';

const BATCH_TIMEOUT_MS = 120_000;

/** Lines of the oracle for lines of questions; a question that kills or hangs it has no answer. */
export function askOracle(
  oracle: string,
  topic: string,
  questions: readonly string[],
): readonly (string | undefined)[] {
  const { status, stdout } = spawnSync(oracle, [topic], {
    input: questions.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: BATCH_TIMEOUT_MS,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  if (status === 0) return stdout.split('\n').slice(0, questions.length);
  if (questions.length === 1) return [undefined];
  const half = questions.length >> 1;
  const first = askOracle(oracle, topic, questions.slice(0, half));
  return [...first, ...askOracle(oracle, topic, questions.slice(half))];
}
