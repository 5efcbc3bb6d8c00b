// SPDX-License-Identifier: Apache-2.0

/**
 * Logins of clouds for their registries: what the workload is allowed becomes a credential of the registry.
 *
 * Who the workload is, the ports say; how a registry takes it, this file knows.
 * Source:  Amazon ECR API (GetAuthorizationToken), Azure Container Registry token exchange, Google Artifact Registry authentication
 */

import { createHash, createHmac } from 'node:crypto';
import { codeOfStatus, FetchError } from '../errors.ts';
import { withAnswer } from '../http/http.ts';
import type { FetchPorts } from '../ports.ts';
import type { CredentialSource, RegistryCredential } from './docker-config.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What the workload is in each cloud. A cloud without a port is not logged in to. */
export interface CloudIdentities {
  readonly aws?: ((region: string, signal: AbortSignal) => Promise<AwsKeys>) | undefined;
  /** An access token of Google Cloud. */
  readonly gcp?: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** An access token of Microsoft Entra for this scope. */
  readonly azure?: ((scope: string, signal: AbortSignal) => Promise<string>) | undefined;
}

export interface ProviderLoginOptions {
  readonly identities: CloudIdentities;
  readonly ports: FetchPorts;
  readonly nowMs: () => number;
  /** Where ECR's API of a region is; default: Amazon's. */
  readonly ecrUrl?: ((region: string) => string) | undefined;
  /** Where a registry of Azure exchanges tokens; default: at itself. */
  readonly exchangeUrl?: ((registry: string) => string) | undefined;
}

const ECR = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;
const AZURE = /\.azurecr\.(?:io|cn|de|us)$/;
const GOOGLE = /^(?:(?:[a-z]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)$/;
const AZURE_SCOPE = 'https://containerregistry.azure.net/.default';
/** Logins are used again for this long; Amazon's live twelve hours, the others' at least one. */
const LIFE_MS = 30 * 60_000;
const LIMITS = { timeoutMs: 30_000, maxBytes: 1024 * 1024, maxRedirects: 0, retries: 0 };

/** Logs in to the registries of the clouds there is an identity for; others get nothing. */
export function providerLogin(options: ProviderLoginOptions): CredentialSource {
  const known = new Map<string, { credential: RegistryCredential; endsMs: number }>();
  return async (registry, signal) => {
    const kept = known.get(registry);
    if (kept !== undefined && kept.endsMs > options.nowMs()) return kept.credential;
    const credential = await logIn(registry, options, signal);
    if (credential === undefined) return undefined;
    known.set(registry, { credential, endsMs: options.nowMs() + LIFE_MS });
    return credential;
  };
}

async function logIn(
  registry: string,
  options: ProviderLoginOptions,
  signal: AbortSignal,
): Promise<RegistryCredential | undefined> {
  const { aws, gcp, azure } = options.identities;
  const region = ECR.exec(registry)?.[1];
  if (region !== undefined && aws !== undefined) {
    return await loginToEcr(registry, region, await aws(region, signal), { ...options, signal });
  }
  if (AZURE.test(registry) && azure !== undefined) {
    return await loginToAzure(registry, await azure(AZURE_SCOPE, signal), { ...options, signal });
  }
  if (GOOGLE.test(registry) && gcp !== undefined) {
    return { kind: 'basic', username: 'oauth2accesstoken', password: await gcp(signal) };
  }
  return undefined;
}

interface Call extends ProviderLoginOptions {
  readonly signal: AbortSignal;
}

async function loginToEcr(
  registry: string,
  region: string,
  keys: AwsKeys,
  call: Call,
): Promise<RegistryCredential> {
  const suffix = registry.endsWith('.cn') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = call.ecrUrl?.(region) ?? `https://api.ecr.${region}.${suffix}/`;
  const headers = signedHeaders({ url, region, body: '{}', keys, nowMs: call.nowMs() });
  const answer = await post(url, '{}', headers, call);
  const { authorizationData } = answer as {
    authorizationData?: { authorizationToken?: unknown }[];
  };
  const token = authorizationData?.[0]?.authorizationToken;
  const [username, password] = Buffer.from(String(token ?? ''), 'base64')
    .toString('utf8')
    .split(':');
  if (username === undefined || password === undefined) throw noToken(url);
  return { kind: 'basic', username, password };
}

async function loginToAzure(
  registry: string,
  accessToken: string,
  call: Call,
): Promise<RegistryCredential> {
  const url = call.exchangeUrl?.(registry) ?? `https://${registry}/oauth2/exchange`;
  const form = { grant_type: 'access_token', service: registry, access_token: accessToken };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await post(url, new URLSearchParams(form).toString(), headers, call);
  const { refresh_token: token } = answer as { refresh_token?: unknown };
  if (typeof token !== 'string' || token === '') throw noToken(url);
  return { kind: 'refresh-token', token };
}

function noToken(url: string): FetchError {
  return new FetchError('fetch/bad-answer', url, 'the login has no token', {
    step: 'authenticate',
  });
}

async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { ports, signal }: Call,
): Promise<unknown> {
  const request = { url, method: 'POST' as const, body, headers, limits: LIMITS };
  const isWanted = () => true;
  return await withAnswer({ ...request, isWanted }, { ports, signal }, async (answer) => {
    const parts: Uint8Array[] = [];
    for await (const part of answer.body) parts.push(part);
    if (answer.status !== 200) {
      throw new FetchError(
        codeOfStatus(answer.status),
        url,
        `the login is refused: ${answer.status}`,
        { status: answer.status, step: 'authenticate' },
      );
    }
    try {
      return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
    } catch (cause) {
      throw new FetchError('fetch/bad-answer', url, 'the login is not JSON', { cause });
    }
  });
}

interface Signing {
  readonly url: string;
  readonly region: string;
  readonly body: string;
  readonly keys: AwsKeys;
  readonly nowMs: number;
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';

/** Source: AWS Signature Version 4. */
function signedHeaders({ url, region, body, keys, nowMs }: Signing): Record<string, string> {
  const { host, pathname } = new URL(url);
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const signed: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    host,
    'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
    'x-amz-target': TARGET,
  };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const request = ['POST', pathname, '', lines.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${region}/ecr/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [day, region, 'ecr', 'aws4_request'].reduce<Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const { host: _, ...sent } = signed;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
