// SPDX-License-Identifier: Apache-2.0

/** Objects over HTTP in one request. Source: git v2.39 Documentation/gitprotocol-v2.txt (fetch), gitprotocol-pack.txt (side bands). */

import { FetchError } from '../errors.ts';
import { withAnswer } from '../http/http.ts';
import type { FetchContext } from '../ports.ts';
import { gitFailure } from './failure.ts';
import { type GitProtocol, PacketError, packet } from './pkt-line.ts';
import type { GitRemote } from './remote.ts';

/** What is wanted of a repository. */
export interface PackWish {
  readonly wants: readonly string[];
  /** Commits without parents that are here already, with all their trees. */
  readonly haves: readonly string[];
  /** Only the commits themselves, without their history. */
  readonly isShallow: boolean;
  /** `blob:none`; `undefined`: everything. */
  readonly filter: string | undefined;
}

/** A pack while it comes. */
export interface Pack {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Commits that came without their parents; known when the bytes have ended. */
  readonly shallow: ReadonlySet<string>;
}

export interface PackContext extends FetchContext {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const SERVICE = 'git-upload-pack';
const HEADER = 4;
const BAND_DATA = 1;
const BAND_ERROR = 3;

/**
 * Asks for objects and gives the pack to `use` while it comes.
 *
 * @throws {FetchError} @throws what `use` throws
 */
export async function fetchPack<T>(
  remote: GitRemote,
  protocol: GitProtocol,
  wish: PackWish,
  context: PackContext,
  use: (pack: Pack) => Promise<T>,
): Promise<T> {
  const { url, credentials, secrets } = remote;
  const target = new URL(url.href);
  target.pathname = `${target.pathname.replace(/\/+$/, '')}/${SERVICE}`;
  const { timeoutMs, maxBytes } = context;
  try {
    return await withAnswer(
      {
        url: target.href,
        method: 'POST',
        body: bodyOf(wish, protocol, context.ports.userAgent),
        credentials,
        // The references were asked for at this URL a moment ago: it redirects no more.
        limits: { timeoutMs, maxBytes, maxRedirects: 0, retries: 0 },
        headers: {
          'git-protocol': 'version=2',
          'content-type': `application/x-${SERVICE}-request`,
        },
      },
      context,
      async ({ body }) => {
        const shallow = new Set<string>();
        return await use({ bytes: packOf(body, shallow), shallow });
      },
    );
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    if (!error.isTruncated) throw gitFailure(url.href, error.message, secrets);
    throw new FetchError('fetch/truncated', url.href, error.message, { cause: error });
  }
}

function bodyOf(wish: PackWish, protocol: GitProtocol, agent: string): string {
  const { objectFormat, canFilter, canShallow } = protocol;
  const isShallow = wish.isShallow && canShallow;
  const lines = [
    'ofs-delta',
    'no-progress',
    // Differences to what is here: all trees of these commits are, and files come without haves.
    ...(wish.haves.length > 0 ? ['thin-pack'] : []),
    ...(isShallow ? wish.haves.map((oid) => `shallow ${oid}`) : []),
    ...(isShallow ? ['deepen 1'] : []),
    ...(wish.filter === undefined || !canFilter ? [] : [`filter ${wish.filter}`]),
    ...wish.wants.map((oid) => `want ${oid}`),
    ...wish.haves.map((oid) => `have ${oid}`),
    'done',
  ];
  const capabilities = [
    packet(`agent=${agent.replaceAll(/[^\x21-\x7e]/g, '_')}`),
    ...(objectFormat === 'sha1' ? [] : [packet(`object-format=${objectFormat}`)]),
  ];
  const wanted = lines.map((line) => packet(`${line}\n`)).join('');
  return `${packet('command=fetch\n')}${capabilities.join('')}0001${wanted}0000`;
}

/** The pack itself: the section `packfile`, first side band. */
async function* packOf(
  body: AsyncIterable<Uint8Array>,
  shallow: Set<string>,
): AsyncGenerator<Uint8Array> {
  let isPack = false;
  let hasEnded = false;
  for await (const part of packetsOf(body)) {
    if (part === undefined) {
      hasEnded = isPack;
      continue;
    }
    if (!isPack) {
      const line = part.toString('utf8').trimEnd();
      if (line.startsWith('ERR ')) throw new PacketError(line.slice(4), false);
      const oid = /^shallow ([0-9a-f]{40,64})$/.exec(line)?.[1];
      if (oid !== undefined) shallow.add(oid);
      isPack = line === 'packfile';
      continue;
    }
    const band = part[0];
    if (band === BAND_DATA) yield part.subarray(1);
    else if (band === BAND_ERROR) {
      throw new PacketError(part.subarray(1).toString('utf8').trimEnd(), false);
    }
  }
  if (!hasEnded) throw new PacketError('the answer ends within the pack', true);
}

/** Packets as they come; `undefined` is one that ends a section. */
async function* packetsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of body) {
    rest = rest.length === 0 ? Buffer.from(part) : Buffer.concat([rest, part]);
    let at = 0;
    while (rest.length - at >= HEADER) {
      const head = rest.toString('latin1', at, at + HEADER);
      if (!/^[0-9a-fA-F]{4}$/.test(head)) throw new PacketError('not the protocol of git', false);
      const length = Number.parseInt(head, 16);
      if (length < HEADER) {
        yield undefined;
        at += HEADER;
      } else if (rest.length - at >= length) {
        yield rest.subarray(at + HEADER, at + length);
        at += length;
      } else break;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new PacketError('the answer ends within a packet', true);
}
