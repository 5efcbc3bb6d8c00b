// SPDX-License-Identifier: Apache-2.0

import { isKubeError } from '@helm-operator/kube';
import { HelmError, textOf, wrap } from '../errors.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { ReleaseHistory } from '../release/storage.ts';
import type { ActionContext } from './context.ts';
import type {
  HookPolicy,
  InstallOptions,
  Profile,
  ReleaseIdentity,
  WaitPolicy,
} from './options.ts';
import type { ActionName, StepName } from './steps.ts';
import { type Texts, textsFor } from './texts.ts';

/** One running action: what every stage of it needs. */
export interface Session {
  readonly action: ActionName;
  readonly profile: Profile;
  readonly texts: Texts;
  readonly release: ReleaseIdentity;
  readonly timeoutMs: number;
  readonly hooks: HookPolicy;
  readonly wait: WaitPolicy;
  readonly context: ActionContext;
}

type SessionOptions = Pick<Session, 'profile' | 'release' | 'timeoutMs' | 'hooks' | 'wait'>;

export function openSession(
  action: ActionName,
  options: SessionOptions,
  context: ActionContext,
): Session {
  const { profile, release, timeoutMs, hooks, wait } = options;
  return { action, profile, texts: textsFor(profile), release, timeoutMs, hooks, wait, context };
}

/** Announces a step; throws what the listener throws. */
export function reach(session: Session, name: StepName, subject?: string): void {
  session.context.signal.throwIfAborted();
  session.context.reached({ action: session.action, name, subject });
}

export function warn(session: Session, message: string): void {
  session.context.log({ level: 'warning', message: session.context.redact(message) });
}

/**
 * @throws {HelmError} `helm/unreachable`, `helm/storage`
 */
export async function readHistory(session: Session): Promise<ReleaseHistory> {
  const { storage, signal } = session.context;
  try {
    const history = await storage.history(session.release.name, { signal });
    for (const { key, reason } of history.corrupted) {
      warn(session, `stored release ${key} cannot be read: ${reason}`);
    }
    reach(session, 'history-read');
    return history;
  } catch (error) {
    throw asUnreachable(session.texts, error);
  }
}

/** @throws {HelmError} `helm/invalid-options`: what is stored must not lack its Secrets */
export function checkHiding(
  options: Pick<InstallOptions, 'dryRun' | 'mustHideSecrets'>,
  { texts }: Session,
): void {
  if (options.mustHideSecrets !== true || options.dryRun !== undefined) return;
  throw new HelmError('helm/invalid-options', texts.hideNeedsDryRun);
}

/** The connection's failure in Helm's words; other errors as they are. */
export function asUnreachable(texts: Pick<Texts, 'unreachable'>, error: unknown): unknown {
  const cause = error instanceof HelmError ? error.cause : error;
  return isKubeError(cause, 'kube/unreachable')
    ? new HelmError('helm/unreachable', `${texts.unreachable}: ${textOf(cause)}`, { cause })
    : error;
}

/** An action that failed after its record was written; the record says so too. */
export class ActionError extends HelmError {
  override readonly name: string = 'ActionError';
  readonly record: ReleaseRecord;

  constructor(message: string, record: ReleaseRecord, cause: unknown) {
    super('helm/action-failed', message, { cause });
    this.record = record;
  }
}

/** `prefix: error`, as Go wraps; the verdict stays. */
export function wrapFailure(prefix: string, error: unknown): HelmError {
  return wrap('helm/action-failed', prefix, error);
}

/**
 * Whether the action must stop without writing that it failed: it was told to, or another writer has the record.
 * What is pending then is finished by whoever comes next.
 */
export function mustHandOver(session: Session, error: unknown): boolean {
  return session.context.signal.aborted || hasOtherWriter(error);
}

function hasOtherWriter(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof HelmError && cause.code === 'helm/record-conflict') return true;
  }
  return false;
}

/** How a failed action is closed. */
export interface Closing {
  readonly session: Session;
  /** What the record says went wrong. */
  readonly error: unknown;
}

/**
 * The session in which a failure is recorded.
 *
 * @returns `undefined` when it must not be recorded: the action hands over
 */
export function closingOf(session: Session, error: unknown): Closing | undefined {
  const { signal, abortGraceMs } = session.context;
  if (hasOtherWriter(error)) return undefined;
  if (!signal.aborted) return { session, error };
  if (abortGraceMs === undefined) return undefined;
  const context = { ...session.context, signal: AbortSignal.timeout(abortGraceMs) };
  return {
    session: { ...session, context },
    error: new Error('context canceled', { cause: error }),
  };
}
