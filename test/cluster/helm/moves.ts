// SPDX-License-Identifier: Apache-2.0

/** One command of a release's life, said once, done by real `helm` or by us. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readValues } from '@helm-operator/chart';
import {
  type ActionContext,
  type ChartHandle,
  type InstallOptions,
  install,
  type Profile,
  rollback,
  runTests,
  textOf,
  uninstall,
  upgrade,
} from '@helm-operator/helm';
import { runPeer } from '../../kit/kubectl.ts';
import type { Engine } from './engine.ts';

/** What is asked for; flags that only one action has are ignored by the others. */
export interface Move {
  readonly do: 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'test';
  /** Key of `Life.charts`; default: the first. */
  readonly chart?: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly toRevision?: number;
  readonly valuesPolicy?: 'reset' | 'reuse' | 'reset-then-reuse';
  readonly mustReplace?: boolean;
  readonly mustTakeOwnership?: boolean;
  readonly isAtomic?: boolean;
  readonly mustCleanupOnFail?: boolean;
  readonly mustKeepHistory?: boolean;
  readonly canReplaceName?: boolean;
  readonly isWithoutHooks?: boolean;
  readonly mustWait?: boolean;
  readonly mustWaitForJobs?: boolean;
  readonly maxRevisions?: number;
  readonly timeoutSeconds?: number;
  /** Helm 4: fields of other managers are left to them. */
  readonly mustNotForce?: boolean;
}

/** Who makes a move: real `helm` of a version, or our engine with that version's profile. */
export interface Actor {
  readonly name: string;
  readonly isOurs: boolean;
  readonly profile: Profile;
}

export const ACTORS: readonly Actor[] = [
  { name: 'helm3', isOurs: false, profile: 'helm3' },
  { name: 'helm4', isOurs: false, profile: 'helm4' },
  { name: 'ours3', isOurs: true, profile: 'helm3' },
  { name: 'ours4', isOurs: true, profile: 'helm4' },
];

/** A chart in both forms: a file for the peer, bytes for us. */
export interface LifeChart {
  readonly path: string;
  readonly handle: ChartHandle;
}

/** Where a release lives. */
export interface Life {
  readonly release: string;
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly charts: ReadonlyMap<string, LifeChart>;
  readonly engine: Engine;
  /** For values files. */
  readonly folder: string;
  /** Every record says `ssa`: only then Helm 4 can be told to take fields from others. */
  readonly isServerSide: boolean;
}

/** `''`: it went well; else the error's text as Helm prints it behind `Error: `. */
export type Outcome = string;

const DEFAULT_TIMEOUT_SECONDS = 60;
/** Helm 4.2.1 waits its whole timeout for the end of a test pod that is gone already. */
const HELM4_TEST_TIMEOUT_SECONDS = 6;

export async function makeMove(actor: Actor, move: Move, life: Life): Promise<Outcome> {
  if (!actor.isOurs) return moveByPeer(actor, move, life);
  try {
    await moveByUs(actor, move, life);
    return '';
  } catch (error) {
    return textOf(error).trimEnd();
  }
}

function chartOf(move: Move, life: Life): LifeChart {
  const chart =
    move.chart === undefined ? [...life.charts.values()][0] : life.charts.get(move.chart);
  if (chart === undefined) throw new Error(`no chart ${move.chart}`);
  return chart;
}

let files = 0;

async function moveByPeer(actor: Actor, move: Move, life: Life): Promise<Outcome> {
  const isHelm4 = actor.profile === 'helm4';
  const args = [move.do, life.release];
  if (move.do === 'rollback') args.push(String(move.toRevision ?? 0));
  if (move.do === 'install' || move.do === 'upgrade') {
    args.push(chartOf(move, life).path);
    if (move.values !== undefined) {
      const path = join(life.folder, `values-${files++}.json`);
      await writeFile(path, JSON.stringify(move.values));
      args.push('-f', path);
    }
    for (const [key, value] of Object.entries(move.labels ?? {}))
      args.push('--labels', `${key}=${value}`);
  }
  if (isHelm4 && mustForce(move, life)) args.push('--force-conflicts');
  const flags: readonly (readonly [unknown, readonly string[]])[] = [
    [move.description, ['--description', move.description ?? '']],
    [move.mustReplace, isHelm4 ? ['--force-replace', '--server-side=false'] : ['--force']],
    [move.mustTakeOwnership, ['--take-ownership']],
    [move.isAtomic, [isHelm4 ? '--rollback-on-failure' : '--atomic']],
    [move.mustCleanupOnFail, ['--cleanup-on-fail']],
    [move.mustKeepHistory, ['--keep-history']],
    [move.canReplaceName, ['--replace']],
    [move.isWithoutHooks, ['--no-hooks']],
    [move.mustWait, ['--wait']],
    [move.mustWaitForJobs, ['--wait-for-jobs']],
    [move.valuesPolicy, [POLICY_FLAGS[move.valuesPolicy ?? 'reset']]],
    [move.maxRevisions, ['--history-max', String(move.maxRevisions)]],
  ];
  for (const [isSet, texts] of flags)
    if (isSet !== undefined && isSet !== false) args.push(...texts);
  args.push('--timeout', `${timeoutOf(actor, move)}s`, '-n', life.namespace);
  const { code, stderr } = await runPeer(actor.profile, life.kubeconfig, args);
  return code === 0 ? '' : errorText(stderr);
}

function mustForce(move: Move, life: Life): boolean {
  const isUpdate = move.do === 'upgrade' || move.do === 'rollback';
  const isAllowed = move.mustReplace !== true && move.mustNotForce !== true;
  return isUpdate && life.isServerSide && isAllowed;
}

const POLICY_FLAGS = {
  reset: '--reset-values',
  reuse: '--reuse-values',
  'reset-then-reuse': '--reset-then-reuse-values',
} as const;

function timeoutOf(actor: Actor, move: Move): number {
  if (move.timeoutSeconds !== undefined) return move.timeoutSeconds;
  const isSlow = move.do === 'test' && actor.profile === 'helm4' && !actor.isOurs;
  return isSlow ? HELM4_TEST_TIMEOUT_SECONDS : DEFAULT_TIMEOUT_SECONDS;
}

/** What is behind `Error: ` and the command's own prefix; warnings before it are left out. */
function errorText(stderr: string): string {
  const at = stderr.lastIndexOf('Error: ');
  return stderr
    .slice(at + 'Error: '.length)
    .replace(/^(INSTALLATION|UPGRADE) FAILED: /, '')
    .trimEnd();
}

/** @throws what the action throws */
export async function moveByUs(
  actor: Actor,
  move: Move,
  life: Life,
  change: Partial<ActionContext> = {},
): Promise<void> {
  const { profile } = actor;
  const context = life.engine.context(life.namespace, profile, change);
  const options = optionsOf(actor, move, life);
  switch (move.do) {
    case 'install':
      await install({ ...options, canReplace: move.canReplaceName }, context);
      break;
    case 'upgrade':
      await upgrade({ ...options, valuesPolicy: move.valuesPolicy ?? 'default' }, context);
      break;
    case 'rollback':
      await rollback({ ...options, toRevision: move.toRevision ?? 0 }, context);
      break;
    case 'uninstall':
      await uninstall({ ...options, mustKeepHistory: move.mustKeepHistory }, context);
      break;
    case 'test':
      await runTests(options, context);
      break;
    default:
      move.do satisfies never;
  }
}

/** Helm touches the files of `crds/` on install alone. */
function crdMode(move: Move, isHelm4: boolean): InstallOptions['crds']['mode'] {
  if (move.do !== 'install') return 'skip';
  return isHelm4 ? 'apply' : 'create';
}

function optionsOf(actor: Actor, move: Move, life: Life) {
  const { profile } = actor;
  const isHelm4 = profile === 'helm4';
  const strategy: InstallOptions['wait']['strategy'] =
    move.mustWait === true ? (isHelm4 ? 'kstatus' : 'helm3') : 'none';
  const method: InstallOptions['apply']['method'] =
    !isHelm4 || move.mustReplace === true ? 'client' : 'auto';
  return {
    profile,
    release: { name: life.release, namespace: life.namespace },
    timeoutMs: timeoutOf(actor, move) * 1000,
    wait: { strategy, mustWaitForJobs: move.mustWaitForJobs },
    hooks: { isDisabled: move.isWithoutHooks },
    description: move.description,
    chart: chartOf(move, life).handle,
    values: readValues(JSON.stringify(move.values ?? {})),
    render: {},
    apply: {
      method,
      fieldManager: 'helm',
      mustReplace: move.mustReplace,
      mustForceConflicts: isHelm4 && mustForce(move, life),
      mustTakeOwnership: move.mustTakeOwnership,
    },
    crds: { mode: crdMode(move, isHelm4) },
    history: { maxRevisions: move.maxRevisions ?? 10 },
    labels: new Map(Object.entries(move.labels ?? {})),
    isAtomic: move.isAtomic,
    mustCleanupOnFail: move.mustCleanupOnFail,
  } as const;
}
