// SPDX-License-Identifier: Apache-2.0

/** Events on HelmReleases: every reason there is. Those of Helm Operator 1.4 keep their words. Source: spec helm-operator.md §7.6. */

export type EventReason =
  | 'ReleaseSynced'
  | 'FailedReleaseSync'
  | 'DependencyNotReady'
  | 'ReleaseKept'
  | 'DefinitionDeleted'
  | 'DriftDetected'
  | 'DriftCorrected';

interface EventRow {
  readonly type: 'Normal' | 'Warning';
  /** When it is told. */
  readonly when: string;
  /** RELEASE and NAMESPACE stand for those of the release, DETAIL for what is different each time. */
  readonly message: string;
}

export const EVENTS: Readonly<Record<EventReason, EventRow>> = {
  ReleaseSynced: {
    type: 'Normal',
    when: 'A release was installed or upgraded, tests included.',
    message: "managed release 'RELEASE' in namespace 'NAMESPACE' synchronized",
  },
  FailedReleaseSync: {
    type: 'Warning',
    when: 'Something failed: the reason, the object and the mend.',
    message: "synchronization of release 'RELEASE' in namespace 'NAMESPACE' failed: DETAIL",
  },
  DependencyNotReady: {
    type: 'Normal',
    when: 'Another HelmRelease must be ready first; told when that changes.',
    message: "release 'RELEASE' in namespace 'NAMESPACE' waits: DETAIL",
  },
  ReleaseKept: {
    type: 'Normal',
    when: 'A HelmRelease is deleted, or describes another release by now, and its release stays.',
    message: "release 'RELEASE' in namespace 'NAMESPACE' was not uninstalled: DETAIL",
  },
  DefinitionDeleted: {
    type: 'Warning',
    when: 'A HelmRelease goes because the definition of its kind is deleted; its release stays.',
    message: "release 'RELEASE' in namespace 'NAMESPACE' was not uninstalled: DETAIL",
  },
  DriftDetected: {
    type: 'Warning',
    when: 'Live objects are not as the release says (`--drift-detection=warn`).',
    message:
      "Cluster state of release 'RELEASE' in namespace 'NAMESPACE' has drifted from the desired state: DETAIL",
  },
  DriftCorrected: {
    type: 'Normal',
    when: 'They were put right (`--drift-detection=correct`).',
    message:
      "Cluster state of release 'RELEASE' in namespace 'NAMESPACE' has been corrected: DETAIL",
  },
};

/** @param detail redacted */
export function eventMessage(
  reason: EventReason,
  release: { readonly name: string; readonly namespace: string },
  detail: string,
): string {
  const words: Readonly<Record<string, string>> = {
    RELEASE: release.name,
    NAMESPACE: release.namespace,
    DETAIL: detail,
  };
  return EVENTS[reason].message.replace(
    /\b(?:RELEASE|NAMESPACE|DETAIL)\b/g,
    (word) => words[word] ?? word,
  );
}
