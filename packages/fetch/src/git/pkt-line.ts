// SPDX-License-Identifier: Apache-2.0

/** Git's framing and the list of references in it. Source: git v2.39 Documentation/gitprotocol-common, -v2, -http. */

import { decodeUtf8 } from '@helm-operator/gocompat';

/** A reference of a repository. */
export interface GitRef {
  /** `HEAD`, `refs/heads/main`. */
  readonly name: string;
  /** What it names; of a tag with a message, the tag object. */
  readonly oid: string;
  /** The commit behind a tag object. */
  readonly peeled?: string | undefined;
  /** Of `HEAD`: the branch it stands for. */
  readonly target?: string | undefined;
}

/** What a server of protocol 2 can do. */
export interface GitProtocol {
  readonly objectFormat: string;
  readonly canFilter: boolean;
  readonly canShallow: boolean;
}

/** One packet; `flush` and its like end a section. */
export type Packet = { readonly kind: 'data'; readonly text: string } | { readonly kind: 'flush' };

/** The answer is not what the protocol says, or ends early. */
export class PacketError extends Error {
  /** Whether it merely ends too early. */
  readonly isTruncated: boolean;
  constructor(message: string, isTruncated: boolean) {
    super(message);
    this.isTruncated = isTruncated;
  }
}

const HEADER = 4;

/** @throws {PacketError} */
export function readPackets(bytes: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = Buffer.from(bytes.subarray(at, at + HEADER)).toString('latin1');
    if (head.length < HEADER) throw new PacketError('the answer ends within a packet', true);
    if (!/^[0-9a-fA-F]{4}$/.test(head)) throw new PacketError('not the protocol of git', false);
    const length = Number.parseInt(head, 16);
    if (length < HEADER) {
      packets.push({ kind: 'flush' });
      at += HEADER;
      continue;
    }
    if (at + length > bytes.length) throw new PacketError('the answer ends within a packet', true);
    const text = decodeUtf8(bytes.subarray(at + HEADER, at + length)).replace(/\n$/, '');
    if (text.startsWith('ERR ')) throw new PacketError(text.slice(4), false);
    packets.push({ kind: 'data', text });
    at += length;
  }
  if (packets.at(-1)?.kind !== 'flush') throw new PacketError('the answer has no end', true);
  return packets;
}

export function packet(text: string): string {
  return `${(Buffer.byteLength(text) + HEADER).toString(16).padStart(4, '0')}${text}`;
}

/** The body that asks a server of protocol 2 for the references below prefixes. */
export function listCommand(prefixes: readonly string[], agent: string, format: string): string {
  const capabilities = [packet(`agent=${agent.replaceAll(/[^\x21-\x7e]/g, '_')}`)];
  if (format !== 'sha1') capabilities.push(packet(`object-format=${format}`));
  const wanted = prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)).join('');
  const options = `${packet('peel\n')}${packet('symrefs\n')}${wanted}`;
  return `${packet('command=ls-refs\n')}${capabilities.join('')}0001${options}0000`;
}

/** What the first answer of a server is. */
export type Advertisement =
  | {
      readonly version: 2;
      readonly objectFormat: string;
      /** What `fetch` takes besides the rest: `shallow`, `filter`. */
      readonly fetchFeatures: readonly string[];
    }
  | { readonly version: 0; readonly refs: readonly GitRef[] };

/** The answer to `info/refs`. @throws {PacketError} */
export function readAdvertisement(bytes: Uint8Array): Advertisement {
  const packets = readPackets(bytes);
  const isSmart = packets[0]?.kind === 'data' && packets[0].text.startsWith('# service=');
  const rest = isSmart ? packets.slice(2) : packets;
  const lines = rest.flatMap((found) => (found.kind === 'data' ? [found.text] : []));
  if (lines[0] === 'version 2') {
    const of = (key: string) => lines.find((line) => line.startsWith(key))?.slice(key.length);
    const fetchFeatures = (of('fetch=') ?? '').split(' ');
    return { version: 2, objectFormat: of('object-format=') ?? 'sha1', fetchFeatures };
  }
  if (!isSmart) throw new PacketError('not the protocol of git', false);
  return { version: 0, refs: readOldRefs(lines) };
}

/** Protocols 0 and 1: `OID NAME\0CAPABILITIES`, then `OID NAME`, a tag's commit as `NAME^{}`. */
function readOldRefs(lines: readonly string[]): GitRef[] {
  const refs = new Map<string, GitRef>();
  let head: string | undefined;
  for (const line of lines) {
    if (line.startsWith('version ') || line.startsWith('shallow ')) continue;
    const [named = '', capabilities] = line.split('\0');
    head ??= /(?:^| )symref=HEAD:(\S+)/.exec(capabilities ?? '')?.[1];
    const [, oid, name] = /^([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/.exec(named) ?? [];
    if (oid === undefined || name === undefined) {
      throw new PacketError('a reference cannot be read', false);
    }
    if (name === 'capabilities^{}') continue;
    const tag = name.endsWith('^{}') ? refs.get(name.slice(0, -3)) : undefined;
    if (tag !== undefined) refs.set(tag.name, { ...tag, peeled: oid });
    else refs.set(name, { name, oid });
  }
  const found = refs.get('HEAD');
  if (found !== undefined) refs.set('HEAD', { ...found, target: head });
  return [...refs.values()];
}

/** Protocol 2: `OID NAME[ symref-target:NAME][ peeled:OID]`. @throws {PacketError} */
export function readListedRefs(bytes: Uint8Array): GitRef[] {
  const lines = readPackets(bytes).flatMap((found) => (found.kind === 'data' ? [found.text] : []));
  return lines.flatMap((line) => {
    const [oid = '', name = '', ...more] = line.split(' ');
    if (oid === 'unborn') return [];
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(oid) || name === '') {
      throw new PacketError('a reference cannot be read', false);
    }
    const of = (key: string) => more.find((text) => text.startsWith(key))?.slice(key.length);
    return [{ name, oid, target: of('symref-target:'), peeled: of('peeled:') }];
  });
}
