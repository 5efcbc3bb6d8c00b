// SPDX-License-Identifier: Apache-2.0

import { fieldAt, type JsonObject, objectsAt, textAt } from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';

function check(object: JsonObject): Readiness {
  const type = textAt(object, 'spec.type');
  if (type === 'ExternalName') return READY;
  if (textAt(object, 'spec.clusterIP') === '') {
    return waiting('Service does not have a cluster IP address');
  }
  if (type !== 'LoadBalancer') return READY;
  const external = fieldAt(object, 'spec.externalIPs');
  if (Array.isArray(external) && external.length > 0) return READY;
  return objectsAt(object, 'status.loadBalancer.ingress').length > 0
    ? READY
    : waiting('Service does not have a load balancer ingress IP address');
}

export const serviceRule: ReadyRule = { check };
