// SPDX-License-Identifier: Apache-2.0

/** The flags that say where a chart comes from. Source: helm v3.22.0 cmd/helm/flags.go (addChartPathOptionsFlags). */

import { type Flag, type FlagValues, switchFlag, textFlag } from './flag.ts';

export const CHART_SOURCE_FLAGS: {
  readonly version: Flag<string>;
  readonly mustVerify: Flag<boolean>;
  readonly keyring: Flag<string>;
  readonly repo: Flag<string>;
  readonly username: Flag<string>;
  readonly password: Flag<string>;
  readonly certFile: Flag<string>;
  readonly keyFile: Flag<string>;
  readonly isTlsUnchecked: Flag<boolean>;
  readonly isPlainHttp: Flag<boolean>;
  readonly caFile: Flag<string>;
  readonly mustPassCredentials: Flag<boolean>;
  readonly isDevel: Flag<boolean>;
} = {
  version: textFlag('version', "the chart's version or a range of versions; absent: the latest"),
  mustVerify: switchFlag('verify', 'check the signature of the archive first'),
  keyring: textFlag('keyring', 'file with the public keys for --verify'),
  repo: textFlag('repo', 'URL of the repository to take the chart from'),
  username: textFlag('username', 'user name for the repository'),
  password: textFlag('password', 'password for the repository'),
  certFile: textFlag('cert-file', 'client certificate for the repository'),
  keyFile: textFlag('key-file', 'key of the client certificate'),
  isTlsUnchecked: switchFlag(
    'insecure-skip-tls-verify',
    "do not check the repository's certificate",
  ),
  isPlainHttp: switchFlag('plain-http', 'use HTTP without TLS'),
  caFile: textFlag('ca-file', "certificate authority of the repository's certificate"),
  mustPassCredentials: switchFlag('pass-credentials', 'send the credentials to every host'),
  isDevel: switchFlag('devel', "take pre-releases, too: like --version '>0.0.0-0'"),
};

export type ChartSourceFlags = FlagValues<typeof CHART_SOURCE_FLAGS>;
