// SPDX-License-Identifier: Apache-2.0

import type { Identity } from '../cluster.ts';

/** Bytes given in place, or a file that may be replaced while we run (read again for each connection). */
export type Material = { readonly pem: string } | { readonly file: string };

/** One program that prints credentials (`users[].user.exec`). */
export interface ExecConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion: string;
  readonly mustProvideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  readonly installHint: string;
}

export type CredentialConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'tokenFile'; readonly file: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly exec: ExecConfig };

/** How to reach one API server as one identity: what `connect` takes. */
export interface KubeConfig {
  /** Where this configuration came from, for messages. */
  readonly origin: string;
  /** URL of the API server, its path included. */
  readonly server: string;
  /** Namespace of the context; `default` when it names none. */
  readonly namespace: string;
  readonly ca?: Material | undefined;
  readonly clientCertificate?: Material | undefined;
  readonly clientKey?: Material | undefined;
  readonly isInsecure: boolean;
  /** Name to ask for and to verify in place of the host. */
  readonly serverName?: string | undefined;
  /** `http:`, `https:` or `socks5:` URL; may hold a password. */
  readonly proxyUrl?: string | undefined;
  readonly isCompressionDisabled: boolean;
  readonly credential: CredentialConfig;
  readonly impersonate?: Identity | undefined;
  /** Refuse link-local and metadata addresses: the configuration was written by a user. */
  readonly mustAvoidLinkLocal: boolean;
}
