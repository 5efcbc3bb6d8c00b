// SPDX-License-Identifier: Apache-2.0

/** Credentials from a Docker config file. Source: docker/cli config/configfile, oras-go v2.6.2 registry/remote/credentials. */

import { FetchError } from '../errors.ts';

export type RegistryCredential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Exchanged for access tokens at the token endpoint. */
  | { readonly kind: 'refresh-token'; readonly token: string }
  /** Sent as it is. */
  | { readonly kind: 'access-token'; readonly token: string };

/** Gives the credential of a registry. */
export type CredentialSource = (
  registry: string,
  signal: AbortSignal,
) => Promise<RegistryCredential | undefined>;

export const ANONYMOUS: CredentialSource = async () => undefined;

const HUB_KEY = 'https://index.docker.io/v1/';

/**
 * Reads `auths` of a Docker config. Credential helpers are programs and are not run: a registry whose credential only they have is refused.
 *
 * @param what names the file or Secret, for messages
 * @throws {FetchError} `fetch/bad-credentials`: not a Docker config
 */
export function dockerCredentials(text: string, what: string): CredentialSource {
  const config = decodeConfig(text, what);
  const auths = new Map(Object.entries(objectOf(config['auths'])));
  const helpers = new Map(Object.entries(objectOf(config['credHelpers'])));
  const store = config['credsStore'];
  return async (registry) => {
    const key = keyOf(registry);
    const entry = auths.get(key) ?? [...auths].find(([name]) => hostOf(name) === hostOf(key))?.[1];
    const found = entry === undefined ? undefined : credentialOf(entry, registry, what);
    if (found !== undefined) return found;
    const helper = helpers.get(key) ?? helpers.get(registry);
    const named =
      typeof helper === 'string' ? helper : entry !== undefined ? textOf(store) : undefined;
    if (named === undefined) return undefined;
    throw new FetchError(
      'fetch/bad-credentials',
      `oci://${registry}`,
      `${what} leaves its credential to the helper docker-credential-${named}, and helpers are not run`,
      { mend: 'put the credential itself under auths' },
    );
  };
}

type Json = Readonly<Record<string, unknown>>;

function decodeConfig(text: string, what: string): Json {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FetchError('fetch/bad-credentials', '', `${what} is not JSON`, { cause });
  }
  const config = objectOf(value);
  // kubernetes.io/dockercfg holds what `auths` holds.
  const isOld = config['auths'] === undefined && Object.values(config).some(hasAuth);
  return isOld ? { auths: config } : config;
}

function hasAuth(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('auth' in value || 'username' in value);
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function keyOf(registry: string): string {
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(registry)
    ? HUB_KEY
    : registry;
}

/** `https://HOST/v1/` and `HOST` are the same registry. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function credentialOf(
  value: unknown,
  registry: string,
  what: string,
): RegistryCredential | undefined {
  const entry = objectOf(value);
  const identity = textOf(entry['identitytoken']);
  if (identity !== undefined) return { kind: 'refresh-token', token: identity };
  const access = textOf(entry['registrytoken']);
  if (access !== undefined) return { kind: 'access-token', token: access };
  const auth = textOf(entry['auth']);
  if (auth !== undefined) {
    const plain = Buffer.from(auth, 'base64').toString('utf8');
    const colon = plain.indexOf(':');
    if (colon < 0) {
      throw new FetchError(
        'fetch/bad-credentials',
        `oci://${registry}`,
        `auth of ${what} is not base64 of USER:PASSWORD`,
      );
    }
    const password = plain.slice(colon + 1).replace(/\0+$/, '');
    return { kind: 'basic', username: plain.slice(0, colon), password };
  }
  const username = textOf(entry['username']);
  const password = textOf(entry['password']);
  if (username === undefined && password === undefined) return undefined;
  return { kind: 'basic', username: username ?? '', password: password ?? '' };
}
