// SPDX-License-Identifier: Apache-2.0

/** What `.Capabilities` shows. Source: helm v3.22.0 pkg/chartutil/capabilities.go. */

import {
  type GoType,
  type Method,
  parseUint,
  quote,
  Typed,
  types,
  type Value,
} from '@helm-operator/gocompat';
import { ChartError, messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { DEFAULT_API_VERSIONS } from './api-versions.ts';

export interface KubeVersion {
  /** `v1.31.0` */
  readonly version: string;
  /** Without what a vendor adds (`v1.29.3` of `v1.29.3-gke.100`): Helm 4 knows it where the version was given, not found. */
  readonly normalized?: string | undefined;
  readonly major: string;
  readonly minor: string;
}

/** The Kubernetes version and API versions offered to templates. */
export interface Capabilities {
  readonly kubeVersion: KubeVersion;
  /** `v1`, `apps/v1`; from a cluster also `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
  readonly helmVersion: HelmVersion;
}

export interface HelmVersion {
  readonly version: string;
  readonly goVersion: string;
  /** Helm 4 only. */
  readonly kubeClientVersion?: string | undefined;
}

/** What each profile says it is. */
export const HELM_VERSIONS: Readonly<Record<Profile, HelmVersion>> = {
  helm3: { version: 'v3.22', goVersion: 'go1.26.8' },
  helm4: { version: 'v4.2', goVersion: 'go1.26.8', kubeClientVersion: 'v1.36' },
};

/** What `helm template` assumes where there is no cluster and no flag. */
export const DEFAULT_CAPABILITIES: Readonly<Record<Profile, Capabilities>> = {
  helm3: {
    kubeVersion: { version: 'v1.37.0', major: '1', minor: '37' },
    apiVersions: DEFAULT_API_VERSIONS.helm3,
    helmVersion: HELM_VERSIONS.helm3,
  },
  helm4: {
    kubeVersion: { version: 'v1.36.0', normalized: 'v1.36.0', major: '1', minor: '36' },
    apiVersions: DEFAULT_API_VERSIONS.helm4,
    helmVersion: HELM_VERSIONS.helm4,
  },
};

/** The version as Helm checks it and as `.Capabilities.KubeVersion` prints. */
export function checkedVersion({ version, normalized }: KubeVersion): string {
  return normalized ?? version;
}

const GENERIC_VERSION = /^[\t\n\f\r ]*v?([0-9]+(?:\.[0-9]+)*)/;

/**
 * Reads the value of `--kube-version`.
 *
 * Source: helm v3.22.0 pkg/chartutil/capabilities.go (ParseKubeVersion), k8s.io/apimachinery v0.37.0 pkg/util/version
 * @throws {ChartError} `chart/kube-version` with the text of Kubernetes
 */
export function parseKubeVersion(text: string, profile: Profile): KubeVersion {
  const failure = (reason: string) => new ChartError('chart/kube-version', reason);
  const numbers = GENERIC_VERSION.exec(text)?.[1];
  if (numbers === undefined) throw failure(`could not parse ${quote(text)} as version`);
  const parts = numbers.split('.');
  const [first = '', second] = parts;
  if (second === undefined) throw failure(`illegal version string ${quote(text)}`);
  if (first.startsWith('0') && first !== '0') {
    throw failure(`illegal zero-prefixed version component ${quote(first)} in ${quote(text)}`);
  }
  const clean = parts.map((part) => {
    try {
      return parseUint(part, 10, 64).toString();
    } catch (error) {
      throw failure(
        `illegal non-numeric version component ${quote(part)} in ${quote(text)}: ${messageOf(error)}`,
      );
    }
  });
  const normalized = `v${clean.join('.')}`;
  const [major = '', minor = ''] = clean;
  if (profile === 'helm3') return { version: normalized, major, minor };
  return { version: text.startsWith('v') ? text : `v${text}`, normalized, major, minor };
}

function textField(receiver: Typed, name: string): string {
  const struct = receiver.data instanceof Typed ? receiver.data.data : receiver.data;
  return String((struct as ReadonlyMap<string, Value>).get(name) ?? '');
}

const text = (name: string, json?: string) =>
  json === undefined
    ? { name, type: types.string }
    : { name, type: types.string, json, omitEmpty: true };

/** The Go types of one profile. */
interface CapabilityTypes {
  readonly pointer: GoType;
  readonly struct: GoType;
  readonly kubeVersion: GoType;
  readonly versionSet: GoType;
  readonly buildInfo: GoType;
}

const versionSetMethods: ReadonlyMap<string, Method> = new Map([
  [
    'Has',
    {
      params: [types.string],
      result: types.bool,
      call: (receiver: Typed, [wanted = '']: readonly Value[]) =>
        (receiver.data as readonly Value[]).includes(wanted),
    },
  ],
]);

/** The methods belong to the pointer: a copy of the version has none. */
const kubeVersionMethods: ReadonlyMap<string, Method> = new Map([
  [
    'String',
    {
      params: [],
      result: types.string,
      call: (receiver: Typed) =>
        textField(receiver, 'normalizedVersion') || textField(receiver, 'Version'),
    },
  ],
  [
    'GitVersion',
    { params: [], result: types.string, call: (receiver: Typed) => textField(receiver, 'Version') },
  ],
]);

function capabilityTypes(profile: Profile): CapabilityTypes {
  const isHelm4 = profile === 'helm4';
  const room = isHelm4 ? 'common' : 'chartutil';
  const hidden = { name: 'normalizedVersion', type: types.string, json: '-' };
  const copy: GoType = {
    kind: 'struct',
    name: `${room}.KubeVersion`,
    fields: [text('Version'), ...(isHelm4 ? [hidden] : []), text('Major'), text('Minor')],
  };
  const kubeVersion: GoType = { ...copy, methods: kubeVersionMethods, copied: copy };
  const versionSet: GoType = {
    kind: 'slice',
    name: `${room}.VersionSet`,
    elem: types.string,
    methods: versionSetMethods,
  };
  const buildInfo: GoType = {
    kind: 'struct',
    name: 'version.BuildInfo',
    fields: [
      text('Version', 'version'),
      text('GitCommit', 'git_commit'),
      text('GitTreeState', 'git_tree_state'),
      text('GoVersion', 'go_version'),
      ...(isHelm4
        ? [{ name: 'KubeClientVersion', type: types.string, json: 'kube_client_version' }]
        : []),
    ],
  };
  const struct: GoType = {
    kind: 'struct',
    name: `${room}.Capabilities`,
    fields: [
      { name: 'KubeVersion', type: kubeVersion },
      { name: 'APIVersions', type: versionSet },
      { name: 'HelmVersion', type: buildInfo },
    ],
  };
  const pointer: GoType = { kind: 'ptr', name: `*${room}.Capabilities`, elem: struct };
  return { pointer, struct, kubeVersion, versionSet, buildInfo };
}

const TYPES: Readonly<Record<Profile, CapabilityTypes>> = {
  helm3: capabilityTypes('helm3'),
  helm4: capabilityTypes('helm4'),
};

/** The object that templates see as `.Capabilities`. */
export function capabilitiesObject(capabilities: Capabilities, profile: Profile): Typed {
  const { kubeVersion, apiVersions, helmVersion } = capabilities;
  const own = TYPES[profile];
  const versionFields = new Map<string, Value>([
    ['Version', kubeVersion.version],
    ['normalizedVersion', kubeVersion.normalized ?? ''],
    ['Major', kubeVersion.major],
    ['Minor', kubeVersion.minor],
  ]);
  const buildFields = new Map<string, Value>([
    ['Version', helmVersion.version],
    ['GitCommit', ''],
    ['GitTreeState', ''],
    ['GoVersion', helmVersion.goVersion],
    ['KubeClientVersion', helmVersion.kubeClientVersion ?? ''],
  ]);
  const fields = new Map<string, Value>([
    ['KubeVersion', new Typed(own.kubeVersion, versionFields)],
    ['APIVersions', new Typed(own.versionSet, [...apiVersions])],
    ['HelmVersion', new Typed(own.buildInfo, buildFields)],
  ]);
  return new Typed(own.pointer, new Typed(own.struct, fields));
}
