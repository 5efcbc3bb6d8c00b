// SPDX-License-Identifier: Apache-2.0

/** Image automation as a status tells it. */

import type { AutomatedContainer, Automation } from '../automation.ts';
import { flag, list, object, type Schema, text } from '../schema.ts';

/** What annotations ask for. */
export interface AutomationStatus {
  readonly automated: boolean;
  readonly locked: boolean;
  readonly lockedBy?: string;
  readonly lockedWhy?: string;
  readonly containers: readonly AutomatedContainer[];
}

export const automationSchema: Schema = object(
  {
    automated: flag('Annotations ask for automation.'),
    locked: flag('A person forbids it for now.'),
    lockedBy: text('Who.'),
    lockedWhy: text('Why.'),
    containers: list(
      object(
        {
          name: text('Name of the container.'),
          image: text('The image it has now.'),
          filter: text('Which tags are wanted.'),
        },
        ['name', 'image'],
      ),
      'Images that were found in the values.',
    ),
  },
  [],
  'Image automation as annotations ask for it. It is told here, not acted upon.',
);

export function automationStatus(automation: Automation): AutomationStatus {
  const { isAutomated, isLocked, lockedBy, lockedWhy, containers } = automation;
  return {
    automated: isAutomated,
    locked: isLocked,
    ...(lockedBy === undefined ? {} : { lockedBy }),
    ...(lockedWhy === undefined ? {} : { lockedWhy }),
    containers,
  };
}
