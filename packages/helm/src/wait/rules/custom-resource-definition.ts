// SPDX-License-Identifier: Apache-2.0

import { hasCondition } from '@helm-operator/kube';
import { READY, type ReadyRule, waiting } from '../ready.ts';

export const customResourceDefinitionRule: ReadyRule = {
  // Taken names are somebody else's business: Helm goes on.
  check: (object) =>
    hasCondition(object, 'Established', 'True') || hasCondition(object, 'NamesAccepted', 'False')
      ? READY
      : waiting('CustomResourceDefinition is not established'),
};
