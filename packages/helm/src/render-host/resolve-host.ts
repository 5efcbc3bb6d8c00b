// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from 'node:child_process';
import { isIP } from 'node:net';

const TIMEOUT_MS = 5000;

/** Prints the addresses of the host it reads, as a JSON list. */
const SCRIPT =
  'require("node:dns").lookup(require("node:fs").readFileSync(0,"utf8"),{all:true},(e,a)=>console.log(JSON.stringify(e?[]:a.map(x=>x.address))))';

/** What the C library takes for an address and Go does not: `127.1`, `0x7f.1`. */
const SHORT_ADDRESS = /^(?:0x[\da-f]*|\d+)(?:\.(?:0x[\da-f]*|\d+)){0,3}$/i;

/** Longest name DNS can tell. */
const MAX_NAME = 254;

function isHostName(name: string): boolean {
  return (
    name !== '' && name.length <= MAX_NAME && !name.includes('\0') && !SHORT_ADDRESS.test(name)
  );
}

/**
 * Resolves host names and waits for the answer: templates run without a pause.
 *
 * The system's resolver answers Node only later; a child of this process may wait for it.
 * Effects: starts a process for each name.
 * @param nodePath the Node that the child runs
 */
export function blockingResolver(nodePath: string): (name: string) => readonly string[] {
  return (name) => {
    if (isIP(name) !== 0) return [name];
    if (!isHostName(name)) return [];
    const output = execFileSync(nodePath, ['-e', SCRIPT], {
      encoding: 'utf8',
      env: {},
      input: name,
      timeout: TIMEOUT_MS,
    });
    const addresses: unknown = JSON.parse(output);
    return Array.isArray(addresses) ? addresses.map(String) : [];
  };
}
