// SPDX-License-Identifier: Apache-2.0

/**
 * The render child: reads a request, works, writes the answer; every call blocks, there is nothing else to do meanwhile.
 * Ends when the parent closes the pipe.
 */

import { readSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { gunzipSync } from 'node:zlib';
import { encodeFrame, type Frame, readFrame } from './frames.ts';
import {
  CHILD_TO_PARENT_FD,
  type HostReply,
  type HostRequest,
  PARENT_TO_CHILD_FD,
} from './protocol.ts';
import { blockingResolver } from './resolve-host.ts';
import { RenderWorker } from './worker.ts';

/** Between two tries on a pipe that has nothing or no room, in milliseconds. */
const PIPE_PAUSE_MS = 1;

// Beside those of child.ts: how much the heap grows between two sweeps.
setFlagsFromString('--heap-growing-percent=60');

const pause = new Int32Array(new SharedArrayBuffer(4));

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

/** Fills the buffer, or ends the process when the parent is gone. */
function read(buffer: Uint8Array): void {
  for (let at = 0; at < buffer.length; ) {
    try {
      const count = readSync(PARENT_TO_CHILD_FD, buffer, at, buffer.length - at, null);
      if (count === 0) process.exit(0);
      at += count;
    } catch (error) {
      if (!isBusy(error)) throw error;
      Atomics.wait(pause, 0, 0, PIPE_PAUSE_MS);
    }
  }
}

function write(reply: HostReply, body?: Uint8Array): void {
  const frame = encodeFrame(reply, body);
  for (let at = 0; at < frame.length; ) {
    try {
      at += writeSync(CHILD_TO_PARENT_FD, frame, at);
    } catch (error) {
      if (!isBusy(error)) throw error;
      Atomics.wait(pause, 0, 0, PIPE_PAUSE_MS);
    }
  }
}

function next(): Frame & { readonly header: HostRequest } {
  const frame = readFrame(read);
  return { ...frame, header: frame.header as HostRequest };
}

const worker = new RenderWorker({
  ask: (question, asked) => {
    write(question, asked);
    const { header, body } = next();
    return { error: header.type === 'found' ? header.error : 'the parent is out of step', body };
  },
  gunzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  resolveHost: blockingResolver(process.execPath),
  localZone: process.env['TZ'] ?? 'UTC',
  nowMs: () => performance.now(),
});

for (;;) {
  const { header, body } = next();
  const answer = worker.answer(header, body);
  if (answer !== undefined) write(answer.reply, answer.body);
}
