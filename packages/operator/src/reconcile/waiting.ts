// SPDX-License-Identifier: Apache-2.0

/** What a turn tells of its waits: into the log every ten seconds, into the status less and less often. */

import { printedRef, type WaitProgress } from '@helm-operator/helm';
import type { Clock } from '@helm-operator/kube';

/** Between two lines about one wait, in milliseconds. */
const LOG_PAUSE_MS = 10_000;
/** Between two writes of the status: doubled after each, so that many releases that wait are no storm. */
const STATUS_PAUSE_MS = 10_000;
const LONGEST_STATUS_PAUSE_MS = 60_000;
/** Objects named in the status, and how long their text may be. */
const SHOWN = 3;
const TEXT_SHOWN = 400;

export interface WaitTellers {
  readonly log: (progress: WaitProgress) => void;
  /** Given what is waited for, when it differs from what was told last. */
  readonly status: (text: string) => void;
}

/** @returns a listener to the waits of one action */
export function tellWaits(clock: Clock, tellers: WaitTellers): (progress: WaitProgress) => void {
  let loggedMs = clock.elapsedMs();
  let writtenMs = clock.elapsedMs();
  let pauseMs = STATUS_PAUSE_MS;
  let written = '';
  return (progress) => {
    const nowMs = clock.elapsedMs();
    if (nowMs - loggedMs >= LOG_PAUSE_MS) {
      loggedMs = nowMs;
      tellers.log(progress);
    }
    const text = waitText(progress);
    if (text === written || nowMs - writtenMs < pauseMs) return;
    [written, writtenMs] = [text, nowMs];
    pauseMs = Math.min(LONGEST_STATUS_PAUSE_MS, pauseMs * 2);
    tellers.status(text);
  };
}

/** `waiting for 2 of 7 objects: Deployment/shop/web: 1 out of 3 expected pods are ready (ImagePullBackOff); …`. */
export function waitText({ purpose, total, done, pending }: WaitProgress): string {
  const count = total === 1 ? '' : ` ${total - done} of ${total} objects`;
  const what = { ready: '', hook: ' the hook', deletion: ' the deletion of' }[purpose];
  const shown = pending
    .slice(0, SHOWN)
    .map(({ ref, message }) => `${printedRef(ref)}: ${message}`)
    .join('; ');
  const rest = total - done > SHOWN ? '; …' : '';
  const text = `waiting for${what}${count}${count === '' ? ' ' : ': '}${shown}${rest}`;
  return text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text;
}
