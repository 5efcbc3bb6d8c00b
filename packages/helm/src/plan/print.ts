// SPDX-License-Identifier: Apache-2.0

/** A plan as people read it: like a diff, one block for each object. Pure. */

import { encodeYaml, type Value } from '@helm-operator/gocompat';
import type { FieldChange } from './changes.ts';
import { printedRef } from './objects.ts';
import type { PlannedItem, PlannedStage, PlannedVerb, ReleasePlan } from './release-plan.ts';

/** One line, and what it is about: a terminal chooses its colour by that. */
export interface PlanLine {
  readonly tone: 'title' | 'plain' | 'added' | 'removed' | 'changed' | 'problem' | 'quiet';
  readonly text: string;
}

export interface PrintPlanOptions {
  /** Removes secrets; every line passes through it. */
  readonly redact: (text: string) => string;
  /** Shows new objects whole, not only their names. */
  readonly isWhole?: boolean | undefined;
  /** Also lists what stays as it is. */
  readonly mustListUnchanged?: boolean | undefined;
}

const SIGNS: Readonly<Record<PlannedVerb, readonly [sign: string, tone: PlanLine['tone']]>> = {
  create: ['+', 'added'],
  change: ['~', 'changed'],
  recreate: ['±', 'removed'],
  delete: ['-', 'removed'],
  keep: ['=', 'quiet'],
  refuse: ['!', 'problem'],
  run: ['>', 'plain'],
};

/** The whole plan; its last line counts. */
export function planLines(plan: ReleasePlan, options: PrintPlanOptions): readonly PlanLine[] {
  const lines = [
    { tone: 'title', text: titleOf(plan) } as const,
    ...plan.notes.map((text) => ({ tone: 'quiet', text }) as const),
    ...plan.stages.flatMap((stage) => stageLines(stage, options)),
    ...prunedLines(plan),
    { tone: 'title', text: summaryOf(plan) } as const,
  ];
  return lines.map(({ tone, text }) => ({ tone, text: options.redact(text) }));
}

/** The lines as one text. */
export function printPlan(plan: ReleasePlan, options: PrintPlanOptions): string {
  return planLines(plan, options)
    .map(({ text }) => `${text}\n`)
    .join('');
}

/** What changes, without title and summary, as one text; empty where nothing does. */
export function printStages(stages: readonly PlannedStage[], options: PrintPlanOptions): string {
  const lines = stages.flatMap((stage) => stageLines(stage, options));
  return options.redact(
    lines
      .map(({ text }) => text)
      .join('\n')
      .trim(),
  );
}

function titleOf({ action, release, revision, previousRevision }: ReleasePlan): string {
  const { name, namespace } = release;
  const isStep = previousRevision !== undefined && previousRevision !== revision;
  const revisions = isStep ? `revision ${previousRevision} → ${revision}` : `revision ${revision}`;
  return `${action} ${name} in ${namespace}, ${revisions}`;
}

const TITLES: Readonly<Record<PlannedStage['name'], string>> = {
  crds: 'definitions of crds/',
  namespace: 'namespace',
  hooks: 'hooks',
  objects: 'objects',
  prune: 'no longer wanted',
};

function stageLines(stage: PlannedStage, options: PrintPlanOptions): readonly PlanLine[] {
  const shown = stage.items.filter(
    ({ verb }) => verb !== 'keep' || stage.name === 'prune' || options.mustListUnchanged === true,
  );
  if (shown.length === 0) return [];
  const after = stage.after === undefined ? '' : ` (planned again after ${stage.after})`;
  const title = stage.event === undefined ? TITLES[stage.name] : `hooks ${stage.event}`;
  return [
    { tone: 'plain', text: '' },
    { tone: 'title', text: `${title}${after}` },
    ...shown.flatMap((item) => itemLines(item, options)),
  ];
}

function itemLines(item: PlannedItem, options: PrintPlanOptions): readonly PlanLine[] {
  const [sign, tone] = SIGNS[item.verb];
  const head = `${sign} ${item.verb} ${printedRef(item.ref)}`;
  const lines: PlanLine[] = [{ tone, text: `${head}  # ${item.reason}` }];
  if (item.problem !== undefined) lines.push({ tone: 'problem', text: `    ${item.problem}` });
  if (item.mend !== undefined && item.mend !== '') {
    lines.push({ tone: 'problem', text: `    to mend it: ${item.mend}` });
  }
  lines.push(...item.changes.flatMap(changeLines));
  if (item.verb === 'change' && item.changes.length === 0) {
    lines.push({ tone: 'quiet', text: '    only the owner of fields changes' });
  }
  if (options.isWhole === true && item.object !== undefined) {
    lines.push(...block('+', encodeYaml(item.object).trimEnd(), 'added'));
  }
  return lines;
}

function changeLines({ path, before, after }: FieldChange): readonly PlanLine[] {
  if (before === undefined) return oneSide('+', path, after ?? null, 'added');
  if (after === undefined) return oneSide('-', path, before, 'removed');
  if (isText(before) && isText(after)) return textLines(path, before, after);
  if (isBlock(before) || isBlock(after)) {
    return [...oneSide('-', path, before, 'removed'), ...oneSide('+', path, after, 'added')];
  }
  return [{ tone: 'changed', text: `    ~ ${path}: ${inline(before)} → ${inline(after)}` }];
}

function isText(value: Value): value is string {
  return typeof value === 'string' && value.includes('\n');
}

function isBlock(value: Value): boolean {
  return isText(value) || (typeof value === 'object' && value !== null && isContainer(value));
}

function isContainer(value: object): boolean {
  return (Array.isArray(value) && value.length > 0) || (value instanceof Map && value.size > 0);
}

function oneSide(
  sign: '+' | '-',
  path: string,
  value: Value,
  tone: PlanLine['tone'],
): readonly PlanLine[] {
  if (!isBlock(value)) return [{ tone, text: `    ${sign} ${path}: ${inline(value)}` }];
  const body = isText(value) ? value : encodeYaml(value);
  return [{ tone, text: `    ${sign} ${path}:` }, ...block(sign, body.trimEnd(), tone, '  ')];
}

function block(
  sign: string,
  text: string,
  tone: PlanLine['tone'],
  indent = '',
): readonly PlanLine[] {
  return text.split('\n').map((line) => ({ tone, text: `    ${sign} ${indent}${line}` }));
}

function inline(value: Value): string {
  return encodeYaml(value).trimEnd();
}

/** Lines around what differs, on each side. */
const CONTEXT_LINES = 2;

/** Texts of several lines: what is equal at both ends is left out. */
function textLines(path: string, before: string, after: string): readonly PlanLine[] {
  const [old, wanted] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < Math.min(old.length, wanted.length) && old[head] === wanted[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, wanted.length) - head;
  while (tail < most && old.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  const context = (lines: readonly string[]): readonly PlanLine[] =>
    lines.map((line) => ({ tone: 'quiet', text: `        ${line}` }));
  const side = (sign: '+' | '-', lines: readonly string[]): readonly PlanLine[] =>
    lines
      .slice(head, lines.length - tail)
      .map((line) => ({ tone: sign === '+' ? 'added' : 'removed', text: `      ${sign} ${line}` }));
  return [
    { tone: 'changed', text: `    ~ ${path}, line ${head + 1}:` },
    ...context(old.slice(Math.max(0, head - CONTEXT_LINES), head)),
    ...side('-', old),
    ...side('+', wanted),
    ...context(old.slice(old.length - tail, old.length - tail + CONTEXT_LINES)),
  ];
}

function prunedLines({ prunedRevisions, action }: ReleasePlan): readonly PlanLine[] {
  if (prunedRevisions.length === 0) return [];
  const why = action === 'uninstall' ? 'forgotten' : 'make room in the history';
  const text = `revisions ${prunedRevisions.join(', ')}: ${why}`;
  return [
    { tone: 'plain', text: '' },
    { tone: 'quiet', text },
  ];
}

const COUNTED: readonly (readonly [PlannedVerb, string])[] = [
  ['create', 'to create'],
  ['change', 'to change'],
  ['recreate', 'to recreate'],
  ['delete', 'to delete'],
  ['run', 'hooks to run'],
  ['refuse', 'that will fail'],
  ['keep', 'unchanged'],
];

/** `1 to create, 2 unchanged` */
export function summaryOf({ stages }: ReleasePlan): string {
  const items = stages.flatMap((stage) => stage.items);
  const parts = COUNTED.map(([verb, text]) => {
    const count = items.filter((item) => item.verb === verb).length;
    return count === 0 ? '' : `${count} ${text}`;
  }).filter(Boolean);
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}
