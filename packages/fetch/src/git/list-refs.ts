// SPDX-License-Identifier: Apache-2.0

/** The references of a repository: one or two short requests over HTTP, one `git ls-remote` over SSH. */

import { FetchError } from '../errors.ts';
import { fetchBytes } from '../http/http.ts';
import type { FetchLimits } from '../limits.ts';
import type { FetchContext } from '../ports.ts';
import { gitFailure } from './failure.ts';
import { runGit } from './git-process.ts';
import {
  type GitProtocol,
  type GitRef,
  listCommand,
  PacketError,
  readAdvertisement,
  readListedRefs,
} from './pkt-line.ts';
import { type GitRemote, movedRemote, sessionRemote } from './remote.ts';
import { type GitEnvironment, openSession, REMOTE } from './session.ts';

/** References, and where the repository is after redirects. */
export interface ListedRefs {
  readonly refs: readonly GitRef[];
  readonly remote: GitRemote;
}

export interface ListContext extends FetchContext {
  readonly env: GitEnvironment;
  /** Where sessions are made. */
  readonly folder: string;
  readonly timeoutMs: number;
}

const MAX_LIST_BYTES = 64 * 1024 * 1024;
const SERVICE = 'git-upload-pack';
const MAX_REDIRECTS = 5;
const PROTOCOL_2 = { 'git-protocol': 'version=2' };

/**
 * A remote whose `protocol` is known is asked for its references at once, without being asked what it can do.
 *
 * @param prefixes of the names that matter; a server may list more
 * @throws {FetchError}
 */
export async function listRefs(
  remote: GitRemote,
  prefixes: readonly string[],
  context: ListContext,
): Promise<ListedRefs> {
  if (remote.url.transport === 'ssh') return { remote, refs: await listOverSsh(remote, context) };
  return await listOverHttp(remote, prefixes, context);
}

/** Where a repository is and what its server can do; one of an old protocol lists its references at once. */
async function advertise(
  remote: GitRemote,
  context: ListContext,
): Promise<{ readonly remote: GitRemote; readonly refs: readonly GitRef[] | undefined }> {
  const { url, credentials } = remote;
  const base = new URL(url.href);
  const query = base.search === '' ? '?' : `${base.search}&`;
  base.search = '';
  const suffix = `/info/refs${query}service=${SERVICE}`;
  const answer = await fetchBytes(
    {
      url: base.href.replace(/\/+$/, '') + suffix,
      credentials,
      limits: limitsOf(context, MAX_REDIRECTS),
      headers: PROTOCOL_2,
    },
    context,
  );
  if (answer.kind !== 'ok') throw new FetchError('fetch/bad-answer', url.href, 'no content');
  const moved = movedRemote(remote, repositoryOf(answer.url, url.href));
  const advertised = readOr(moved, () => readAdvertisement(answer.bytes));
  if (advertised.version === 0) return { remote: moved, refs: advertised.refs };
  const { objectFormat, fetchFeatures } = advertised;
  const protocol: GitProtocol = {
    objectFormat,
    canFilter: fetchFeatures.includes('filter'),
    canShallow: fetchFeatures.includes('shallow'),
  };
  return { remote: { ...moved, protocol }, refs: undefined };
}

/** The same repository, its server asked what it can do; over SSH, and of an old server, unchanged. @throws {FetchError} */
export async function withProtocol(remote: GitRemote, context: ListContext): Promise<GitRemote> {
  if (remote.url.transport === 'ssh' || remote.protocol !== undefined) return remote;
  return (await advertise(remote, context)).remote;
}

async function listOverHttp(
  wanted: GitRemote,
  prefixes: readonly string[],
  context: ListContext,
): Promise<ListedRefs> {
  const { remote, refs } =
    wanted.protocol === undefined
      ? await advertise(wanted, context)
      : { remote: wanted, refs: undefined };
  const { url, credentials, protocol } = remote;
  if (refs !== undefined || protocol === undefined) return { remote, refs: refs ?? [] };
  const target = new URL(url.href);
  target.pathname = `${target.pathname.replace(/\/+$/, '')}/${SERVICE}`;
  const answer = await fetchBytes(
    {
      url: target.href,
      method: 'POST',
      body: listCommand(prefixes, context.ports.userAgent, protocol.objectFormat),
      credentials,
      limits: limitsOf(context, 0),
      headers: { ...PROTOCOL_2, 'content-type': `application/x-${SERVICE}-request` },
    },
    context,
  );
  if (answer.kind !== 'ok') throw new FetchError('fetch/bad-answer', url.href, 'no content');
  return { remote, refs: readOr(remote, () => readListedRefs(answer.bytes)) };
}

function limitsOf({ timeoutMs }: ListContext, maxRedirects: number): FetchLimits {
  return { timeoutMs, maxBytes: MAX_LIST_BYTES, maxRedirects, retries: 0 };
}

/** The repository's URL, from the one its list came from. */
function repositoryOf(listUrl: string, asked: string): string {
  const url = new URL(listUrl);
  const asAsked = new URL(asked);
  if (!url.pathname.endsWith('/info/refs')) {
    throw new FetchError('fetch/bad-answer', asked, `redirected to what is no repository`);
  }
  url.pathname = url.pathname.slice(0, -'/info/refs'.length);
  url.searchParams.delete('service');
  const isSame = url.origin === asAsked.origin && url.search === asAsked.search;
  const isSamePath = url.pathname === asAsked.pathname.replace(/\/+$/, '');
  return isSame && isSamePath ? asked : url.href;
}

function readOr<T>({ url }: GitRemote, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    const code = error.isTruncated ? 'fetch/truncated' : 'fetch/bad-answer';
    throw new FetchError(code, url.href, error.message, { cause: error });
  }
}

async function listOverSsh(remote: GitRemote, context: ListContext): Promise<GitRef[]> {
  const { ports, env, folder, signal = new AbortController().signal } = context;
  const session = await openSession(
    { parentFolder: folder, env },
    await sessionRemote(remote, ports),
  );
  try {
    const { exitCode, stdout, stderr } = await runGit(
      ['ls-remote', '--symref', '--quiet', REMOTE],
      { session, signal, maxOutputBytes: MAX_LIST_BYTES },
    );
    if (exitCode !== 0) throw gitFailure(remote.url.href, stderr, remote.secrets);
    return readRemoteList(stdout.toString('utf8'));
  } finally {
    await session.close();
  }
}

/** `ref: TARGET\tHEAD`, `OID\tNAME`, `OID\tNAME^{}`. */
function readRemoteList(text: string): GitRef[] {
  const refs = new Map<string, GitRef>();
  let target: string | undefined;
  for (const line of text.split('\n')) {
    const [oid = '', name] = line.split('\t');
    if (name === undefined) continue;
    const tag = name.endsWith('^{}') ? refs.get(name.slice(0, -3)) : undefined;
    if (oid.startsWith('ref: ')) target = name === 'HEAD' ? oid.slice('ref: '.length) : target;
    else if (tag !== undefined) refs.set(tag.name, { ...tag, peeled: oid });
    else refs.set(name, { name, oid, target: name === 'HEAD' ? target : undefined });
  }
  return [...refs.values()];
}
