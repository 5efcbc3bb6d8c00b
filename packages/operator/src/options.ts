// SPDX-License-Identifier: Apache-2.0

import { DEFAULT_TENANCY, type TenancyOptions } from './identity/tenant.ts';

/** What a person sets; the command line and the environment fill it. */
export interface OperatorOptions {
  /** Watch this namespace alone; empty: all. */
  readonly namespace: string;
  /** HelmReleases worked on at the same time. */
  readonly workers: number;
  /** Every HelmRelease is looked at again after this time, in milliseconds. */
  readonly resyncMs: number;
  /** Charts of Git repositories are looked at after this time, in milliseconds. */
  readonly gitPollMs: number;
  /** Address of health, metrics: `:3030`, `127.0.0.1:3030`. Empty: none. */
  readonly listen: string;
  /** Holds the token that the HTTP API asks for; empty: none is asked for. */
  readonly apiTokenFile: string;
  readonly logFormat: 'fmt' | 'json';
  readonly mustElectLeader: boolean;
  readonly leaderElectionNamespace: string;
  /** Unique for each start. */
  readonly identity: string;
  /** What is done about live objects that are not as their release says. */
  readonly driftMode: 'off' | 'warn' | 'correct';
  /** The health of each release is watched and told in its status. */
  readonly isHealthKept: boolean;
  readonly tenancy: TenancyOptions;
  /** What each upgrade changes is logged, without secrets. */
  readonly arePlansLogged: boolean;
  /** What becomes of releases whose HelmRelease goes because its definition is deleted. */
  readonly onDefinitionDeletion: 'keep' | 'uninstall';
  /** Time to finish what is begun after SIGTERM, in milliseconds. */
  readonly handOverMs: number;
}

export const DEFAULT_OPTIONS: OperatorOptions = {
  namespace: '',
  workers: 2,
  resyncMs: 180_000,
  gitPollMs: 300_000,
  listen: ':3030',
  apiTokenFile: '',
  logFormat: 'fmt',
  mustElectLeader: false,
  leaderElectionNamespace: 'default',
  identity: '',
  driftMode: 'off',
  isHealthKept: true,
  tenancy: DEFAULT_TENANCY,
  arePlansLogged: false,
  onDefinitionDeletion: 'keep',
  handOverMs: 20_000,
};
