// SPDX-License-Identifier: Apache-2.0

import { int, type Value } from '@helm-operator/gocompat';
import type { PlannedItem, PlannedStage, ReleasePlan } from '@helm-operator/helm';

type Member = readonly [name: string, value: Value | undefined];

/** Without what is not there. */
function object(members: readonly Member[]): Value {
  return new Map(
    members.filter((member): member is readonly [string, Value] => member[1] !== undefined),
  );
}

/** A plan as JSON and YAML show it; contents of Secrets are masked. */
export function planValue(plan: ReleasePlan): Value {
  return object([
    ['action', plan.action],
    ['name', plan.release.name],
    ['namespace', plan.release.namespace],
    ['revision', int(plan.revision)],
    [
      'previousRevision',
      plan.previousRevision === undefined ? undefined : int(plan.previousRevision),
    ],
    ['stages', plan.stages.map(stageValue)],
    ['prunedRevisions', plan.prunedRevisions.map((revision) => int(revision))],
    ['notes', [...plan.notes]],
  ]);
}

function stageValue({ name, event, after, items }: PlannedStage): Value {
  return object([
    ['name', name],
    ['event', event],
    ['after', after],
    ['items', items.map(itemValue)],
  ]);
}

function itemValue(item: PlannedItem): Value {
  const { ref, changes } = item;
  return object([
    ['verb', item.verb],
    ['apiVersion', ref.apiVersion],
    ['kind', ref.kind],
    ['namespace', ref.namespace],
    ['name', ref.name],
    ['reason', item.reason],
    [
      'changes',
      changes.length === 0
        ? undefined
        : changes.map(({ path, before, after }) =>
            object([
              ['path', path],
              ['before', before],
              ['after', after],
            ]),
          ),
    ],
    ['object', item.object],
    ['problem', item.problem],
    ['mend', item.mend],
    ['isExact', item.isExact],
  ]);
}

/** Whether carrying it out changes an object. Hooks alone do not count: they run anyway. */
export function hasChanges({ stages }: ReleasePlan): boolean {
  return stages.some(({ items }) => items.some(({ verb }) => verb !== 'keep' && verb !== 'run'));
}
