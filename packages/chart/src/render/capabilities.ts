// SPDX-License-Identifier: Apache-2.0

/** What `.Capabilities` shows. Source: helm v3.22.0 pkg/chartutil/capabilities.go. */

import { type GoType, type Method, Typed, types, type Value } from '@helm-operator/gocompat';

export interface KubeVersion {
  /** `v1.31.0` */
  readonly version: string;
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
}

/** What each profile says it is. */
export const HELM_VERSIONS: Readonly<Record<'helm3' | 'helm4', HelmVersion>> = {
  helm3: { version: 'v3.22', goVersion: 'go1.26.8' },
  helm4: { version: 'v4.2', goVersion: 'go1.26.8' },
};

/** API versions without a cluster: what Helm 3.22.0 is compiled with (client-go 0.37). */
export const DEFAULT_API_VERSIONS: readonly string[] = [
  ['v1'],
  ['admissionregistration.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['internal.apiserver.k8s.io', 'v1alpha1'],
  ['apps', 'v1', 'v1beta1', 'v1beta2'],
  ['authentication.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['authorization.k8s.io', 'v1', 'v1beta1'],
  ['autoscaling', 'v1', 'v2'],
  ['batch', 'v1', 'v1beta1'],
  ['certificates.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['coordination.k8s.io', 'v1alpha2', 'v1beta1', 'v1'],
  ['discovery.k8s.io', 'v1', 'v1beta1'],
  ['events.k8s.io', 'v1', 'v1beta1'],
  ['extensions', 'v1beta1'],
  ['flowcontrol.apiserver.k8s.io', 'v1', 'v1beta1', 'v1beta2', 'v1beta3'],
  ['lifecycle.k8s.io', 'v1alpha1'],
  ['networking.k8s.io', 'v1', 'v1beta1'],
  ['node.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['policy', 'v1', 'v1beta1'],
  ['rbac.authorization.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['resource.k8s.io', 'v1', 'v1beta2', 'v1beta1', 'v1alpha3'],
  ['scheduling.k8s.io', 'v1alpha3', 'v1beta1', 'v1'],
  ['storage.k8s.io', 'v1beta1', 'v1', 'v1alpha1'],
  ['storagemigration.k8s.io', 'v1', 'v1beta1'],
  ['apiextensions.k8s.io', 'v1beta1', 'v1'],
].flatMap(([group = '', ...versions]) =>
  versions.length === 0 ? [group] : versions.map((version) => `${group}/${version}`),
);

/** What `helm template` assumes where there is no cluster and no flag. */
export const DEFAULT_CAPABILITIES: Capabilities = {
  kubeVersion: { version: 'v1.37.0', major: '1', minor: '37' },
  apiVersions: DEFAULT_API_VERSIONS,
  helmVersion: HELM_VERSIONS.helm3,
};

function textField(receiver: Typed, name: string): string {
  const struct = receiver.data instanceof Typed ? receiver.data.data : receiver.data;
  return String((struct as ReadonlyMap<string, Value>).get(name) ?? '');
}

const versionMethod: Method = {
  params: [],
  result: types.string,
  call: (receiver) => textField(receiver, 'Version'),
};

const text = (name: string, json?: string) =>
  json === undefined
    ? { name, type: types.string }
    : { name, type: types.string, json, omitEmpty: true };

const versionFields = [text('Version'), text('Major'), text('Minor')];
/** A copy of the version has no methods: they belong to the pointer. */
const kubeVersionCopy: GoType = {
  kind: 'struct',
  name: 'chartutil.KubeVersion',
  fields: versionFields,
};
const kubeVersionType: GoType = {
  ...kubeVersionCopy,
  methods: new Map([
    ['String', versionMethod],
    ['GitVersion', versionMethod],
  ]),
  copied: kubeVersionCopy,
};

const versionSetType: GoType = {
  kind: 'slice',
  name: 'chartutil.VersionSet',
  elem: types.string,
  methods: new Map<string, Method>([
    [
      'Has',
      {
        params: [types.string],
        result: types.bool,
        call: (receiver, [wanted]) => (receiver.data as readonly Value[]).includes(wanted ?? ''),
      },
    ],
  ]),
};

const buildInfoType: GoType = {
  kind: 'struct',
  name: 'version.BuildInfo',
  fields: [
    text('Version', 'version'),
    text('GitCommit', 'git_commit'),
    text('GitTreeState', 'git_tree_state'),
    text('GoVersion', 'go_version'),
  ],
};

const capabilitiesType: GoType = {
  kind: 'struct',
  name: 'chartutil.Capabilities',
  fields: [
    { name: 'KubeVersion', type: kubeVersionType },
    { name: 'APIVersions', type: versionSetType },
    { name: 'HelmVersion', type: buildInfoType },
  ],
};
const capabilitiesPointer: GoType = {
  kind: 'ptr',
  name: '*chartutil.Capabilities',
  elem: capabilitiesType,
};

/** The object that templates see as `.Capabilities`. */
export function capabilitiesObject(capabilities: Capabilities): Typed {
  const { kubeVersion, apiVersions, helmVersion } = capabilities;
  const struct = new Typed(
    capabilitiesType,
    new Map<string, Value>([
      [
        'KubeVersion',
        new Typed(
          kubeVersionType,
          new Map([
            ['Version', kubeVersion.version],
            ['Major', kubeVersion.major],
            ['Minor', kubeVersion.minor],
          ]),
        ),
      ],
      ['APIVersions', new Typed(versionSetType, [...apiVersions])],
      [
        'HelmVersion',
        new Typed(
          buildInfoType,
          new Map([
            ['Version', helmVersion.version],
            ['GitCommit', ''],
            ['GitTreeState', ''],
            ['GoVersion', helmVersion.goVersion],
          ]),
        ),
      ],
    ]),
  );
  return new Typed(capabilitiesPointer, struct);
}
