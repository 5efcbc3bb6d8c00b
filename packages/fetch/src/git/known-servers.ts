// SPDX-License-Identifier: Apache-2.0

/** What servers of repositories can do, as they said when they were asked: an unchanged repository costs one request. */

import { FetchError, type FetchErrorCode } from '../errors.ts';
import type { ListedRefs } from './list-refs.ts';
import type { GitRemote } from './remote.ts';

const MAX_KNOWN = 1_000;
/** A server that cannot be asked, or that has said who may ask, would say the same to the other question. */
const SAID: ReadonlySet<FetchErrorCode> = new Set<FetchErrorCode>([
  'fetch/aborted',
  'fetch/backing-off',
  'fetch/dns',
  'fetch/forbidden-address',
  'fetch/rate-limited',
  'fetch/timeout',
  'fetch/unreachable',
]);

function isSaid({ code, retry }: FetchError): boolean {
  return SAID.has(code) || (code === 'fetch/status' && retry === 'transient');
}

export class KnownServers {
  readonly #known = new Map<string, GitRemote>();

  /** The same remote, with the protocol of its server where that is known. */
  known(remote: GitRemote): GitRemote {
    return this.#known.get(remote.key) ?? remote;
  }

  forget({ key }: GitRemote): void {
    this.#known.delete(key);
  }

  /**
   * Asks with what is known of the server, and, when it does not answer as it used to, without.
   *
   * @throws what `list` throws
   */
  async ask(
    remote: GitRemote,
    list: (known: GitRemote) => Promise<ListedRefs>,
  ): Promise<ListedRefs> {
    const known = this.#known.get(remote.key);
    if (known !== undefined) {
      try {
        return await list(known);
      } catch (error) {
        if (!(error instanceof FetchError) || isSaid(error)) throw error;
        this.forget(remote);
      }
    }
    const listed = await list(remote);
    this.#remember(remote, listed.remote);
    return listed;
  }

  /** One that was redirected is asked anew each time where it is. */
  #remember({ key, url }: GitRemote, found: GitRemote): void {
    if (found.protocol === undefined || found.url.href !== url.href) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, found);
  }
}
