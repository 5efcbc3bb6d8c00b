// SPDX-License-Identifier: Apache-2.0

/** How a source knows us, and how we know it. All are sent to the host of the source's URL alone unless it is said otherwise. */

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** What a server is trusted by, and how we show who we are; all PEM. */
export interface TlsOptions {
  /** Trusted instead of the public authorities. */
  readonly ca?: string | undefined;
  /** Shown with `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Trust any certificate. */
  readonly isInsecure?: boolean | undefined;
}

export interface SshCredentials {
  /** OpenSSH or PEM. Without: the agent's. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Lines of `known_hosts`; a host that is not there is refused. */
  readonly knownHosts?: string | undefined;
}

/** Everything a source may be given; each kind takes what it knows and refuses what would silently be ignored. */
export interface Credentials {
  readonly basic?: BasicCredentials | undefined;
  /** `Authorization: Bearer`; comes before `basic`. */
  readonly bearerToken?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly ssh?: SshCredentials | undefined;
  /** Content of a Docker `config.json` (`auths`); OCI only. */
  readonly dockerConfig?: string | undefined;
  /** Whether other hosts (chart URLs of an index, never redirects) get them, too. Helm's `--pass-credentials`. */
  readonly mustPassToOtherHosts?: boolean | undefined;
  /** Speak HTTP to an OCI registry. */
  readonly isPlainHttp?: boolean | undefined;
}

export const NO_CREDENTIALS: Credentials = {};

/** The secret texts in credentials: what logs and messages must not show. */
export function secretsOf(credentials: Credentials): string[] {
  const { basic, bearerToken, tls, ssh, dockerConfig } = credentials;
  return [
    basic?.password,
    bearerToken,
    tls?.key,
    ssh?.privateKey,
    ssh?.passphrase,
    dockerConfig,
  ].filter((secret): secret is string => secret !== undefined && secret !== '');
}
