// SPDX-License-Identifier: Apache-2.0

/**
 * Answers the challenges of a registry: Basic, and Bearer with tokens of a token endpoint.
 *
 * Effects: asks the token endpoint; tokens are kept in memory until shortly before they end.
 * Source:  distribution token and OAuth2 specifications; oras-go v2.6.2 registry/remote/auth/client.go
 */

import { isIP } from 'node:net';
import { codeOfStatus, FetchError } from '../errors.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import type { CredentialSource, RegistryCredential } from './docker-config.ts';
import { readBody } from './read-body.ts';
import type { Transport, TransportResponse } from './transport.ts';

const MAX_TOKEN_BYTES = 1024 * 1024;
/** What a token lives when the answer does not say. */
const DEFAULT_LIFE_MS = 60_000;
/** Tokens are renewed this long before they end. */
const MARGIN_MS = 10_000;

export interface AuthorizerOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  readonly userAgent: string;
  readonly nowMs: () => number;
}

interface Token {
  readonly value: string;
  readonly endsMs: number;
}

/** What a request needs to be allowed. */
export interface Access {
  readonly registry: string;
  /** As `repository:NAME:pull`. */
  readonly scope: string;
}

export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Token>();
  readonly #running = new Map<string, Promise<Token>>();
  /** Registries that asked for Basic. */
  readonly #basic = new Map<string, string>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The header that is known to be wanted; `undefined` before the first challenge. */
  known({ registry, scope }: Access): string | undefined {
    const basic = this.#basic.get(registry);
    if (basic !== undefined) return basic;
    const token = this.#tokens.get(keyOf(registry, scope));
    if (token === undefined || token.endsMs <= this.#options.nowMs()) return undefined;
    return `Bearer ${token.value}`;
  }

  /**
   * The header that answers a 401.
   *
   * @param url what was asked
   * @returns `undefined` when there is no answer: the 401 stands
   * @throws {FetchError} the token endpoint refuses, or is not one to send credentials to
   */
  async answer(
    response: Pick<TransportResponse, 'header'>,
    url: URL,
    access: Access,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const challenge = parseChallenge(response.header('www-authenticate'));
    if (challenge === undefined) return undefined;
    const credential = await this.#options.credentials(access.registry, signal);
    if (challenge.scheme === 'basic') {
      if (credential?.kind !== 'basic') return undefined;
      const header = basicHeader(credential);
      this.#basic.set(access.registry, header);
      return header;
    }
    if (credential?.kind === 'access-token') return `Bearer ${credential.token}`;
    const token = await this.#shared(keyOf(access.registry, access.scope), () =>
      this.#fetchToken({ challenge, credential, access, registryUrl: url, signal }),
    );
    return `Bearer ${token.value}`;
  }

  /** Forgets what the registry has just refused. */
  forget({ registry, scope }: Access): void {
    this.#basic.delete(registry);
    this.#tokens.delete(keyOf(registry, scope));
  }

  async #shared(key: string, start: () => Promise<Token>): Promise<Token> {
    let work = this.#running.get(key);
    if (work === undefined) {
      work = start().finally(() => this.#running.delete(key));
      this.#running.set(key, work);
    }
    const token = await work;
    this.#tokens.set(key, token);
    return token;
  }

  async #fetchToken(wanted: TokenRequest): Promise<Token> {
    const { transport, userAgent, nowMs } = this.#options;
    const { challenge, credential, access, signal } = wanted;
    const realm = checkedRealm(challenge.realm, wanted.registryUrl);
    const scopes = [...new Set([access.scope, ...challenge.scopes])].filter((text) => text !== '');
    const headers: Record<string, string> = { 'user-agent': userAgent };
    let response: TransportResponse;
    if (credential?.kind === 'refresh-token') {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        service: challenge.service,
        client_id: 'helm-operator',
        scope: scopes.join(' '),
        refresh_token: credential.token,
      });
      headers['content-type'] = 'application/x-www-form-urlencoded';
      const body = form.toString();
      response = await transport({ method: 'POST', url: realm.href, headers, body, signal });
    } else {
      if (challenge.service !== '') realm.searchParams.set('service', challenge.service);
      for (const scope of scopes) realm.searchParams.append('scope', scope);
      if (credential !== undefined && credential.kind === 'basic') {
        headers['authorization'] = basicHeader(credential);
      }
      response = await transport({ method: 'GET', url: realm.href, headers, signal });
    }
    return await readToken(response, realm.href, nowMs());
  }
}

interface TokenRequest {
  readonly challenge: Extract<Challenge, { scheme: 'bearer' }>;
  readonly credential: RegistryCredential | undefined;
  readonly access: Access;
  readonly registryUrl: URL;
  readonly signal: AbortSignal;
}

function keyOf(registry: string, scope: string): string {
  return `${registry} ${scope}`;
}

function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A registry may name any public host, but not send credentials in the clear or into the network of its client. */
function checkedRealm(realm: string, registryUrl: URL): URL {
  const url = URL.parse(realm);
  const refuse = (reason: string) =>
    new FetchError(
      'fetch/bad-answer',
      registryUrl.href,
      `its token endpoint ${JSON.stringify(realm)} ${reason}`,
    );
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refuse('is not an HTTP URL');
  if (url.protocol === 'http:' && registryUrl.protocol === 'https:')
    throw refuse('is plain HTTP while the registry is HTTPS');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && url.hostname !== registryUrl.hostname && isPrivate(host))
    throw refuse('is a private address that is not the registry itself');
  return url;
}

function isPrivate(address: string): boolean {
  return /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1?$|fe[89ab]|f[cd]|::ffff:)/i.test(
    address,
  );
}

async function readToken(response: TransportResponse, url: string, nowMs: number): Promise<Token> {
  const bytes = await readBody(response, { url, maxBytes: MAX_TOKEN_BYTES });
  if (response.status !== 200) {
    const isRefusal = [400, 401, 403].includes(response.status);
    throw new FetchError(
      isRefusal ? 'fetch/unauthorized' : codeOfStatus(response.status),
      url,
      isRefusal
        ? `the token endpoint refuses the credentials: ${response.status}`
        : `the token endpoint answers ${response.status}`,
      { status: response.status, step: 'authenticate' },
    );
  }
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown };
  try {
    answer = JSON.parse(Buffer.from(bytes).toString('utf8')) as typeof answer;
  } catch (cause) {
    throw new FetchError('fetch/bad-answer', url, 'the token is not JSON', { cause });
  }
  const value = [answer.access_token, answer.token].find(
    (text) => typeof text === 'string' && text !== '',
  );
  if (typeof value !== 'string')
    throw new FetchError('fetch/bad-answer', url, 'the answer has no token');
  const lifeMs = typeof answer.expires_in === 'number' ? answer.expires_in * 1000 : 0;
  const endsMs = nowMs + Math.max(lifeMs === 0 ? DEFAULT_LIFE_MS : lifeMs, 0) - MARGIN_MS;
  return { value, endsMs };
}
