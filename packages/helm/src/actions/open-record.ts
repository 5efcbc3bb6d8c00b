// SPDX-License-Identifier: Apache-2.0

import { isKubeError } from '@helm-operator/kube';
import { HelmError, isHelmError } from '../errors.ts';
import { pruneHistory } from '../release/history.ts';
import type {
  HookEvent,
  HookRecord,
  HookRun,
  ReleaseInfo,
  ReleaseRecord,
  ReleaseStatus,
} from '../release/record.ts';
import { isPending } from '../release/record.ts';
import type { ReleaseStorage, StorageCallOptions } from '../release/storage.ts';
import { reach, type Session, warn } from './session.ts';

/** The record an action works on, as it was last written and as it will be. */
export class OpenRecord {
  readonly #session: Session;
  readonly #storage: ReleaseStorage;
  readonly #finishedEvents: HookEvent[] = [];
  /** The last step of the holder who began this record, if somebody else did. */
  readonly #begunStep: string | undefined;
  #record: ReleaseRecord;

  constructor(session: Session, record: ReleaseRecord) {
    this.#session = session;
    this.#storage = session.context.storage;
    this.#record = record;
    this.#begunStep = record.mark?.step;
    this.#finishedEvents.push(...(record.mark?.finishedEvents ?? []));
  }

  /** The same record, written on in another session. */
  under(session: Session): OpenRecord {
    const open = new OpenRecord(session, this.#record);
    open.#finishedEvents.splice(0, Infinity, ...this.#finishedEvents);
    return open;
  }

  /** Somebody else began what is done here. */
  get isResumed(): boolean {
    return this.#begunStep !== undefined;
  }

  /** Whether that hook was the last one begun before the record was resumed. */
  wasBegun(event: HookEvent, { name, lastRun }: HookRecord): boolean {
    return this.#begunStep === hookStep(event, name) && lastRun.phase === 'Running';
  }

  /** Stores that a hook begins. @throws {HelmError} `helm/record-conflict` */
  saveHook(event: HookEvent, name: string): Promise<void> {
    return this.save(hookStep(event, name));
  }

  get current(): ReleaseRecord {
    return this.#record;
  }

  /**
   * Stores the record as a new revision, after making room for it.
   *
   * @throws {HelmError} `helm/release-exists`, `helm/record-too-large`, `helm/storage`
   */
  async create(records: readonly ReleaseRecord[], maxRevisions: number): Promise<void> {
    await pruneHistory(this.#storage, records, maxRevisions, this.#call());
    reach(this.#session, 'history-pruned');
    this.#record = await this.#storage.create(this.#marked('record-pending'), this.#call());
  }

  /** @throws {HelmError} `helm/record-conflict`: another writer has the record now */
  async save(step: string): Promise<void> {
    this.#record = await this.#storage.update(this.#marked(step), this.#call());
  }

  setStatus(status: ReleaseStatus, description: string): void {
    this.setInfo({ status, description: this.#session.context.redact(description) });
  }

  setInfo(info: Partial<ReleaseInfo>): void {
    this.#record = { ...this.#record, info: { ...this.#record.info, ...info } };
  }

  setHooks(hooks: readonly HookRecord[]): void {
    this.#record = { ...this.#record, hooks };
  }

  setHook(index: number, change: Partial<HookRecord>): void {
    this.setHooks(
      this.#record.hooks.map((hook, i) => (i === index ? { ...hook, ...change } : hook)),
    );
  }

  setRun(index: number, change: Partial<HookRun>): void {
    const hook = this.#record.hooks[index];
    if (hook === undefined) throw new HelmError('helm/hook-failed', `no hook at ${index}`);
    this.setHook(index, { lastRun: { ...hook.lastRun, ...change } });
  }

  finishEvent(event: HookEvent): void {
    this.#finishedEvents.push(event);
  }

  hasFinished(event: HookEvent): boolean {
    return this.#finishedEvents.includes(event);
  }

  /** Pending records say who works on them; finished ones do not. */
  #marked(step: string): ReleaseRecord {
    const { holder } = this.#session.context;
    const { status } = this.#record.info;
    const isOpen = isPending(status) || status === 'uninstalling';
    if (holder === undefined || !isOpen) return { ...this.#record, mark: undefined };
    const finishedEvents = [...this.#finishedEvents];
    const { timeoutMs } = this.#session;
    return { ...this.#record, mark: { holder, step, timeoutMs, finishedEvents } };
  }

  #call(): StorageCallOptions {
    return { signal: this.#session.context.signal };
  }
}

function hookStep(event: HookEvent, name: string): string {
  return `hook ${event} ${name}`;
}

/**
 * Makes a new record fit its storage, before anything of it is written; says what had to be left out.
 *
 * @throws {HelmError} `helm/record-too-large`
 */
export async function fitNewRecord(
  record: ReleaseRecord,
  session: Session,
): Promise<ReleaseRecord> {
  const fitted = await session.context.storage.fit(record);
  if (fitted.chart?.json !== record.chart?.json) {
    const what = fitted.chart?.json.includes('"templates":null') ? 'files and templates' : 'files';
    const name = `${record.name} revision ${record.revision}`;
    warn(session, `the record of ${name} is near its limit: stored without the chart's ${what}`);
  }
  return fitted;
}

/** Writes another revision's status; a record that is gone meanwhile is no error. */
export async function supersede(session: Session, record: ReleaseRecord): Promise<void> {
  const { storage, signal } = session.context;
  const superseded: ReleaseRecord = {
    ...record,
    mark: undefined,
    info: { ...record.info, status: 'superseded' },
  };
  try {
    await storage.update(superseded, { signal });
  } catch (error) {
    if (!isHelmError(error) || !isKubeError(error.cause, 'kube/not-found')) throw error;
    warn(session, `revision ${record.revision} of ${record.name} is gone from the history`);
  }
}
