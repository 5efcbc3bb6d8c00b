// SPDX-License-Identifier: Apache-2.0

import { type Credentials, NO_CREDENTIALS } from '../credentials.ts';
import { FetchError } from '../errors.ts';
import type { GitTree } from './git-tree.ts';
import { resolveGitUrl } from './git-url.ts';
import type { GitRemote } from './remote.ts';
import { readGitmodules } from './submodules.ts';

/** Which repository stands at a path of a tree, submodules of submodules included. */
export class Submodules {
  readonly #tree: GitTree;
  readonly #remoteOf: (url: string, credentials: Credentials) => GitRemote;
  /** Path of an opened submodule (empty: the root) → its repository. */
  readonly #opened: Map<string, GitRemote>;

  constructor(
    root: GitRemote,
    tree: GitTree,
    remoteOf: (url: string, credentials: Credentials) => GitRemote,
  ) {
    this.#opened = new Map([['', root]]);
    this.#tree = tree;
    this.#remoteOf = remoteOf;
  }

  /** @throws {FetchError} `fetch/not-found`: `.gitmodules` does not know it */
  async remoteOf(path: string): Promise<GitRemote> {
    const known = this.#opened.get(path);
    if (known !== undefined) return known;
    let parentPath = '';
    for (const opened of this.#opened.keys()) {
      if (path.startsWith(`${opened}/`) && opened.length > parentPath.length) parentPath = opened;
    }
    const parent = this.#opened.get(parentPath);
    if (parent === undefined) throw new Error('the root is always opened');
    const prefix = parentPath === '' ? '' : `${parentPath}/`;
    const text = await this.#tree.readFile(`${prefix}.gitmodules`);
    const listed = readGitmodules(Buffer.from(text ?? '').toString('utf8'));
    const url = listed.get(path.slice(prefix.length));
    if (url === undefined) {
      const reason = `.gitmodules names no repository for the submodule ${path}`;
      throw new FetchError('fetch/not-found', parent.url.href, reason, {
        mend: 'mend .gitmodules',
      });
    }
    const remote = this.#remoteFor(resolveGitUrl(parent.url, url), parent);
    this.#opened.set(path, remote);
    return remote;
  }

  /** Credentials go to the host they were given for, to no other. */
  #remoteFor(url: string, parent: GitRemote): GitRemote {
    const bare = this.#remoteOf(url, NO_CREDENTIALS);
    const { transport, host, port } = parent.url;
    const isSame =
      bare.url.transport === transport && bare.url.host === host && bare.url.port === port;
    return isSame ? this.#remoteOf(url, parent.credentials) : bare;
  }
}
