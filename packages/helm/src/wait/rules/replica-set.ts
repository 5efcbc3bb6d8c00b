// SPDX-License-Identifier: Apache-2.0

import { fieldAt, type JsonObject, textAt } from '@helm-operator/kube';
import type { ReadyRule } from '../ready.ts';
import { labelsText, selectorText } from '../selector.ts';
import { unobserved } from './observed.ts';
import { podsReady } from './pod.ts';

function podsBy(
  labelSelectorOf: (object: JsonObject) => string | undefined,
): NonNullable<ReadyRule['related']> {
  return (object) => {
    const labelSelector = labelSelectorOf(object);
    if (labelSelector === undefined) return undefined;
    const namespace = textAt(object, 'metadata.namespace');
    return { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
  };
}

const check: ReadyRule['check'] = (object, pods) => unobserved(object) ?? podsReady(pods);

export const replicaSetRule: ReadyRule = {
  related: podsBy((object) => selectorText(fieldAt(object, 'spec.selector'))),
  check,
};

export const replicationControllerRule: ReadyRule = {
  related: podsBy((object) => labelsText(fieldAt(object, 'spec.selector')).join(',') || undefined),
  check,
};
