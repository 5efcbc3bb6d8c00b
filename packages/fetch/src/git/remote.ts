// SPDX-License-Identifier: Apache-2.0

/** A repository somewhere: how it is reached, and as whom. */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { digestOf } from '../cache/content-cache.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { FetchError } from '../errors.ts';
import { type AddressPolicy, isForbidden } from '../http/address-policy.ts';
import { forbidden } from '../http/failure.ts';
import { proxyFor } from '../http/proxy.ts';
import type { FetchPorts } from '../ports.ts';
import { type GitUrl, parseGitUrl } from './git-url.ts';
import type { GitProtocol } from './pkt-line.ts';
import type { SessionRemote } from './session.ts';

/** A repository, and as whom it is read. */
export interface GitRemote {
  readonly url: GitUrl;
  readonly credentials: Credentials;
  /** The same for the same repository read as the same: who shares it may read the same mirror. */
  readonly key: string;
  /** What no message may show. */
  readonly secrets: readonly string[];
  /** Of a server that was asked and speaks protocol 2 over HTTP. */
  readonly protocol?: GitProtocol | undefined;
}

/**
 * @throws {FetchError} `fetch/bad-url`, `fetch/unsupported`, `fetch/bad-credentials`: they would not be used
 */
export function remoteOf(text: string, given: Credentials): GitRemote {
  const url = parseGitUrl(text);
  const credentials = usedCredentials(url, given);
  const { basic, bearerToken, tls, ssh } = credentials;
  const identity = [basic?.username, basic?.password, bearerToken, tls, ssh];
  return {
    url,
    credentials,
    key: digestOf(JSON.stringify([url.href, identity])).slice('sha256:'.length),
    secrets: secretsOf(credentials),
  };
}

/** Those that the transport takes; what stands in the URL counts where nothing was given. */
function usedCredentials(url: GitUrl, given: Credentials): Credentials {
  const { basic, bearerToken, tls, ssh } = given;
  if (url.transport === 'ssh') {
    if (ssh === undefined && (basic !== undefined || bearerToken !== undefined)) {
      throw new FetchError(
        'fetch/bad-credentials',
        url.href,
        'SSH takes no password and no token',
        {
          mend: 'give a private key (identity) and known_hosts, or use an https URL',
        },
      );
    }
    return { ssh };
  }
  if (ssh !== undefined && basic === undefined && bearerToken === undefined && tls === undefined) {
    throw new FetchError('fetch/bad-credentials', url.href, 'HTTPS takes no SSH key', {
      mend: 'give user name and password or a token, or use an ssh URL',
    });
  }
  const { username, password } = url;
  const inUrl = username === '' && password === '' ? undefined : { username, password };
  return { basic: basic ?? (bearerToken === undefined ? inUrl : undefined), bearerToken, tls };
}

/** The same repository where its host sent us; credentials stay behind when that is another host. */
export function movedRemote(remote: GitRemote, href: string): GitRemote {
  if (href === remote.url.href) return remote;
  const url = parseGitUrl(href);
  const { origin } = new URL(remote.url.href);
  if (new URL(href).origin === origin) return { ...remote, url };
  const { ca, isInsecure } = remote.credentials.tls ?? {};
  return { ...remote, url, credentials: { tls: { ca, isInsecure } } };
}

/**
 * What a session must know to reach it. The addresses are looked up here, judged, and used by git as they are, so that no
 * second answer of the name server can lead elsewhere.
 *
 * @throws {FetchError} `fetch/dns`, `fetch/forbidden-address`
 */
export async function sessionRemote(remote: GitRemote, ports: FetchPorts): Promise<SessionRemote> {
  const { url, credentials } = remote;
  const proxy = url.transport === 'ssh' ? undefined : proxyFor(new URL(url.href), ports.proxy);
  const addresses = proxy === undefined ? await allowedAddresses(url, ports.addresses) : undefined;
  return { url, credentials, addresses, proxy, userAgent: ports.userAgent };
}

async function allowedAddresses(url: GitUrl, policy: AddressPolicy): Promise<string[]> {
  if (isIP(url.host) !== 0) {
    if (isForbidden(url.host, policy)) throw forbidden(url.href);
    return [url.host];
  }
  const found = await lookup(url.host, { all: true }).catch((error: unknown) => {
    throw new FetchError('fetch/dns', url.href, `no address for ${url.host}`, { cause: error });
  });
  const allowed = found.map(({ address }) => address).filter((one) => !isForbidden(one, policy));
  if (allowed.length === 0) throw forbidden(url.href);
  return allowed;
}

/** Name and port, for the gate of hosts. */
export function hostOf({ transport, host, port }: GitUrl): string {
  const fallback = { https: 443, http: 80, ssh: 22 }[transport];
  const shown = port ?? fallback;
  const isDefault = shown === fallback && transport !== 'ssh';
  return isDefault ? host : `${host}:${shown}`;
}
