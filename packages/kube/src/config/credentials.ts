// SPDX-License-Identifier: Apache-2.0

import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { configError } from './decode-kubeconfig.ts';
import { type ExecCredential, runExecPlugin } from './exec-plugin.ts';
import type { KubeConfig } from './kube-config.ts';

/** What proves who we are at this moment. */
export interface Credential {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
  /** Certificate and key in PEM, for new connections. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
}

/** Credentials that renew themselves. */
export interface CredentialSource {
  /** `true`: asking again may give something else after a 401. */
  readonly isRenewable: boolean;
  /** @param mustRenew the server refused what this source gave last */
  read(mustRenew: boolean): Promise<Credential>;
}

/** How long a token read from a file is used before the file is looked at again. */
const TOKEN_FILE_AGE_MS = 10_000;
/** Credentials of programs are renewed that long before they expire. */
const EXEC_SLACK_MS = 30_000;
const NOTHING: Credential = { authorization: undefined, certificate: undefined };

/**
 * @param env the environment programs inherit
 * @throws {KubeError} `kube/config` from `read`
 */
export function credentialSource(
  config: KubeConfig,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  const { credential } = config;
  switch (credential.kind) {
    case 'none':
      return fixed(NOTHING);
    case 'token':
      return fixed(bearer(credential.token));
    case 'basic': {
      const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
      return fixed({ authorization: `Basic ${pair}`, certificate: undefined });
    }
    case 'tokenFile':
      return renewing(clock, async () => ({
        credential: bearer(await readToken(config, credential.file)),
        renewAtMs: clock.nowMs() + TOKEN_FILE_AGE_MS,
      }));
    case 'exec':
      return renewing(clock, async () => {
        const answer = await runExecPlugin(config, credential.exec, env);
        return {
          credential: credentialOfExec(answer),
          renewAtMs: (answer.expiresAtMs ?? Number.POSITIVE_INFINITY) - EXEC_SLACK_MS,
        };
      });
  }
}

function fixed(credential: Credential): CredentialSource {
  return { isRenewable: false, read: async () => credential };
}

interface Renewal {
  readonly credential: Credential;
  readonly renewAtMs: number;
}

/** Keeps one answer until its time; callers that ask together share one renewal. */
function renewing(clock: Clock, renew: () => Promise<Renewal>): CredentialSource {
  let latest: Renewal | undefined;
  let pending: Promise<Renewal> | undefined;
  return {
    isRenewable: true,
    async read(mustRenew) {
      if (!mustRenew && latest !== undefined && clock.nowMs() < latest.renewAtMs) {
        return latest.credential;
      }
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      latest = await pending;
      return latest.credential;
    },
  };
}

async function readToken(config: KubeConfig, file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw configError(config.origin, `the token file ${file} cannot be read`, error);
  }
  if (text === '') throw configError(config.origin, `the token file ${file} is empty`);
  return text;
}

function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}`, certificate: undefined };
}

function credentialOfExec(answer: ExecCredential): Credential {
  const { token, clientCertificate: cert, clientKey: key } = answer;
  return {
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    certificate: cert === undefined || key === undefined ? undefined : { cert, key },
  };
}
