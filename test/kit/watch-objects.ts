// SPDX-License-Identifier: Apache-2.0

import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { ControlPlane } from './control-plane/control-plane.ts';

const AGAIN_AFTER_MS = 200;

/** A watch that runs until it is stopped. */
export interface ObjectWatch {
  stop(): void;
}

/**
 * Tells every object of a collection as it is and as it becomes, with little delay and few requests; connects again when it is cut off.
 *
 * @param path of the collection, without a query
 */
export function watchObjects<T>(
  plane: ControlPlane,
  path: string,
  onObject: (object: T, isGone: boolean) => void,
): ObjectWatch {
  let isStopped = false;
  let stop = (): void => undefined;
  const connect = (): void => {
    if (isStopped) return;
    const outgoing = request(`${plane.server}${path}?watch=true`, {
      ca: plane.authority,
      headers: { authorization: `Bearer ${plane.adminToken}`, 'user-agent': 'test-kit' },
    });
    const again = (): void => {
      outgoing.destroy();
      setTimeout(connect, AGAIN_AFTER_MS).unref();
    };
    outgoing.once('error', again);
    outgoing.once('response', (response) => {
      if (response.statusCode !== 200) {
        again();
        return;
      }
      outgoing.off('error', again).on('error', () => undefined);
      response.on('error', () => undefined).once('close', again);
      createInterface({ input: response })
        .on('line', (line) => {
          const event = eventOf<T>(line);
          if (event !== undefined && event.type !== 'ERROR')
            onObject(event.object, event.type === 'DELETED');
        })
        .on('error', () => undefined);
    });
    stop = () => void outgoing.destroy();
    outgoing.end();
  };
  connect();
  return {
    stop: () => {
      isStopped = true;
      stop();
    },
  };
}

function eventOf<T>(line: string): { readonly type: string; readonly object: T } | undefined {
  try {
    return JSON.parse(line) as { type: string; object: T };
  } catch {
    return undefined; // cut off with the connection
  }
}
