// SPDX-License-Identifier: Apache-2.0

/** Whose behaviour a command has, and the flags that Helm 4 has beyond Helm 3. Source: helm v4.2.1 pkg/cmd/install.go, upgrade.go, rollback.go. */

import { parseBool } from '@helm-operator/gocompat';
import type { ApplyPolicy, Profile, WaitPolicy } from '@helm-operator/helm';
import { UsageError } from '../context.ts';
import { type Flag, switchFlag, textFlag } from './flag.ts';

const PROFILES: readonly Profile[] = ['helm3', 'helm4'];
const VARIABLE = 'HELM_OPERATOR_PROFILE';

/** `--profile helm4`; `HELM_OPERATOR_PROFILE` is its default. */
export function profileFlag(): Flag<Profile> {
  const read = (text: string): Profile => {
    const found = PROFILES.find((profile) => profile === text);
    if (found === undefined) throw new Error(`must be one of: ${PROFILES.join(', ')}`);
    return found;
  };
  return {
    name: 'profile',
    value: 'string',
    help: `act as Helm 3.22 (helm3) or as Helm 4.2 (helm4), whose flags are then known, too (beyond Helm; default of ${VARIABLE})`,
    shownDefault: 'helm3',
    initial: (env) => PROFILES.find((profile) => profile === env.get(VARIABLE)) ?? 'helm3',
    parse: read,
  };
}

/** How objects are written: what Helm 3 does not know. */
export const HELM4_FLAGS: {
  readonly serverSide: Flag<string>;
  readonly mustForceConflicts: Flag<boolean>;
  readonly mustForceReplace: Flag<boolean>;
} = {
  serverSide: textFlag(
    'server-side',
    'with --profile helm4: let the server merge: true, false, or auto, as the last revision was written',
    { bare: 'true' },
  ),
  mustForceConflicts: switchFlag(
    'force-conflicts',
    'with --profile helm4: take fields from their other managers',
  ),
  mustForceReplace: switchFlag(
    'force-replace',
    'with --profile helm4: replace objects instead of patching them',
  ),
};

export const ROLLBACK_FLAG: { readonly mustRollBack: Flag<boolean> } = {
  mustRollBack: switchFlag(
    'rollback-on-failure',
    'with --profile helm4: undo everything when it fails; implies --wait',
  ),
};

export interface WriteFlags {
  readonly profile: Profile;
  readonly mustForce: boolean;
  readonly serverSide: string;
  readonly mustForceConflicts: boolean;
  readonly mustForceReplace: boolean;
  readonly mustRollBack?: boolean | undefined;
}

/** @throws {UsageError} Helm 3 does not know a flag */
function checkKnown(flags: WriteFlags): void {
  const used: readonly (readonly [boolean, string])[] = [
    [flags.serverSide !== '', 'server-side'],
    [flags.mustForceConflicts, 'force-conflicts'],
    [flags.mustForceReplace, 'force-replace'],
    [flags.mustRollBack === true, 'rollback-on-failure'],
  ];
  const [, name] = used.find(([isUsed]) => isUsed) ?? [];
  if (name === undefined || flags.profile === 'helm4') return;
  throw new UsageError(`unknown flag: --${name} (Helm 4 has it: add --profile helm4)`);
}

/**
 * How the objects of a release are written.
 *
 * @param isInstall an install knows no `auto`
 * @throws {UsageError} flags that do not go together
 */
export function applyPolicyOf(flags: WriteFlags, isInstall: boolean): ApplyPolicy {
  checkKnown(flags);
  const { profile, mustForceConflicts } = flags;
  const mustReplace = flags.mustForce || flags.mustForceReplace;
  const fieldManager = 'helm';
  if (profile === 'helm3') return { method: 'client', fieldManager, mustReplace };
  if (mustReplace && mustForceConflicts) {
    const name = flags.mustForceReplace ? 'force-replace' : 'force';
    throw new UsageError(
      `if any flags in the group [${name} force-conflicts] are set none of the others can be; [force-conflicts ${name}] were all set`,
    );
  }
  const method = methodOf(flags.serverSide, isInstall);
  if (mustReplace && method === 'server') {
    throw new UsageError(
      'invalid operation: cannot use server-side apply and force replace together; add --server-side=false',
    );
  }
  return { method, fieldManager, mustReplace, mustForceConflicts };
}

function methodOf(text: string, isInstall: boolean): ApplyPolicy['method'] {
  if (text === '') return isInstall ? 'server' : 'auto';
  if (text === 'auto' && !isInstall) return 'auto';
  if (isInstall) return isTrue(text) ? 'server' : 'client';
  if (text === 'true') return 'server';
  if (text === 'false') return 'client';
  throw new UsageError(`invalid/unknown release server-side apply method: ${text}`);
}

function isTrue(text: string): boolean {
  try {
    return parseBool(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`invalid argument "${text}" for "--server-side" flag: ${reason}`, {
      cause: error,
    });
  }
}

/** `--wait`: a switch for Helm 3, a way to wait for Helm 4. */
export type WaitChoice = 'yes' | 'no' | 'watcher' | 'hookOnly' | 'legacy';

export function waitFlag(help: string): Flag<WaitChoice> {
  return {
    name: 'wait',
    help: `${help}; with --profile helm4 also =watcher, =legacy or =hookOnly`,
    bare: 'true',
    initial: () => 'no',
    parse: (text) => {
      if (text === 'watcher' || text === 'hookOnly' || text === 'legacy') return text;
      return parseBool(text) ? 'yes' : 'no';
    },
  };
}

const STRATEGIES: Readonly<Record<Profile, ReadonlyMap<WaitChoice, WaitPolicy['strategy']>>> = {
  helm3: new Map([
    ['yes', 'helm3'],
    ['no', 'none'],
  ]),
  helm4: new Map([
    ['yes', 'kstatus'],
    ['no', 'none'],
    ['watcher', 'kstatus'],
    ['legacy', 'helm3'],
    ['hookOnly', 'none'],
  ]),
};

/** @throws {UsageError} Helm 3 knows only yes and no */
export function waitStrategyOf(choice: WaitChoice, profile: Profile): WaitPolicy['strategy'] {
  const strategy = STRATEGIES[profile].get(choice);
  if (strategy !== undefined) return strategy;
  throw new UsageError(
    `invalid argument "${choice}" for "--wait" flag: Helm 4 has it: add --profile helm4`,
  );
}
