// SPDX-License-Identifier: Apache-2.0

/** With which code the program ends. */
export const EXIT = { good: 0, failed: 1, wrongFlags: 2 } as const;

/** What each code means. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  [EXIT.good]: 'done; the operator was told to stop (SIGTERM, SIGINT)',
  [EXIT.failed]:
    'a command failed; the operator lost its Lease, has no usable kubeconfig or cannot listen at its address',
  [EXIT.wrongFlags]:
    'a flag of the operator itself is wrong; `--detailed-exitcode` of `helm plan` and `helm diff`: there are changes',
};
