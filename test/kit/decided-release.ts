// SPDX-License-Identifier: Apache-2.0

/** A release whose turns are decided by the real observe, decide and remember; records and outcomes are made up, no cluster is needed. */

import { NO_MEMORY, type ReleaseIntent, type ReleaseMemory } from '@helm-operator/api';
import type { ValueMap } from '@helm-operator/gocompat';
import type { HookRecord, ReleaseRecord } from '@helm-operator/helm';
import { type Action, type Doing, decide } from '../../packages/operator/src/reconcile/decide.ts';
import {
  canTestsFail,
  type Inputs,
  isRolledBack,
  observe,
  releasedBy,
} from '../../packages/operator/src/reconcile/observe.ts';
import {
  type Happening,
  isForced,
  remember,
} from '../../packages/operator/src/reconcile/remember.ts';
import { intentOf } from './retry-intents.ts';
import type { Attempt, Outcome, Rules, Told, Wanted } from './retry-rules.ts';

const HOUR_MS = 3_600_000;
type Status = ReleaseRecord['info']['status'];

const FAILED = 'Upgrade "web" failed: no';

class Death extends Error {}

export class DecidedRelease {
  records: readonly ReleaseRecord[] = [];
  wanted: Wanted = { generation: 1, values: '0', version: 0, build: 0 };
  hour = 0;
  readonly #rules: Rules;
  readonly #intent: ReleaseIntent;
  readonly #others: Set<number> = new Set();
  #requests: ReleaseIntent['requests'] = {};
  #tokens = 0;
  #installations = 0;
  #records = 0;
  #memory: ReleaseMemory = NO_MEMORY;
  /** As the status holds it. */
  #told: ReleaseMemory = NO_MEMORY;
  /** The status says that a rollback was begun. */
  #isRollingBack = false;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#intent = intentOf(rules);
  }

  ask(request: 'force' | 'reset'): void {
    const token = String(++this.#tokens);
    const { forceAt, resetAt } = this.#requests;
    this.#requests =
      request === 'force'
        ? { reconcileAt: token, forceAt: token, resetAt }
        : { reconcileAt: token, forceAt, resetAt: token };
  }

  /** A revision as somebody else leaves it. */
  addByOthers(values: string, status: Status): void {
    if (status === 'deployed') this.#supersede();
    const number = (this.records.at(-1)?.revision ?? 0) + 1;
    this.#others.add(number);
    this.#add({ values, version: this.wanted.version, build: -1 }, status, { isOurs: false });
  }

  /** Somebody goes back to the oldest revision that is there. */
  goBack(): void {
    const [{ config: values, chart } = {}] = this.records;
    const version = Number(chart?.facts.version.split('.')[2]);
    const build = Number(chart?.json);
    this.#supersede();
    this.#others.add((this.records.at(-1)?.revision ?? 0) + 1);
    const content = { values: String(values?.get('values')), version, build };
    this.#add(content, 'deployed', { isOurs: false });
    this.#end('deployed', 'Rollback to 1');
  }

  mark(status: Status): void {
    this.#end(status, status);
  }

  removeAll(): void {
    this.records = [];
    this.#others.clear();
  }

  turn(next: () => Outcome): Told {
    const did: string[] = [];
    let end: string;
    try {
      end = this.#run(did, next);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      end = 'died';
      this.#memory = this.#told;
    }
    return { did, end, failures: { ...this.#memory.failures } };
  }

  get #now(): ReleaseIntent {
    const { generation } = this.wanted;
    const source = { ...this.#intent.source, generation };
    return { ...this.#intent, source, requests: this.#requests };
  }

  get #inputs(): Inputs {
    const { version, build, values } = this.wanted;
    const metadata = { name: 'web', version: `1.0.${version}` };
    const chart = { metadata, digest: `build-${version}-${build}` } as unknown as Inputs['chart'];
    return { chart, values: config(values), digest: JSON.stringify(this.wanted) };
  }

  #run(did: string[], next: () => Outcome): string {
    this.#remember({ kind: 'inputs', digest: this.#inputs.digest });
    const done: Doing['kind'][] = [];
    for (;;) {
      const action = this.#decide(done);
      switch (action.kind) {
        case 'done':
          this.#remember({ kind: 'succeeded' });
          this.#remember({ kind: 'ended' });
          return this.#tell('done');
        case 'wait':
          return this.#tell('wait');
        case 'retry':
          return this.#tell(action.pace.kind);
        case 'stalled':
          this.#remember({ kind: 'ended' });
          return this.#tell(`stalled ${action.reason}`);
        default: {
          did.push(action.kind === 'rollback' ? `rollback ${action.toRevision}` : action.kind);
          const end = this.#do(action, next);
          if (end !== undefined) return this.#tell(end);
          done.push(action.kind);
        }
      }
    }
  }

  #decide(done: readonly Doing['kind'][]): Action {
    const intent = this.#now;
    const last = this.records.at(-1);
    const canTell = this.#rules.of === 'helm-controller';
    const isStrange = canTell && last !== undefined && this.#others.has(last.revision);
    const { begun } = this.#memory;
    const isTheirs = canTell && begun !== undefined && this.#others.has(begun.revision);
    const record = releasedBy(this.#memory, this.records);
    if (!isTheirs && record !== undefined) this.#remember({ kind: 'found-released', record });
    if (last !== undefined && this.#isRollingBack && isRolledBack(last, this.#memory)) {
      this.#remember({ kind: 'rolled-back' });
      this.#isRollingBack = false;
      this.#tell('');
    }
    const state = observe({
      ...{ intent, records: this.records, memory: this.#memory, inputs: this.#inputs },
      ...{ strange: isStrange ? 'of others' : undefined, nowMs: this.hour * HOUR_MS },
      isDead: () => true,
    });
    return decide({
      intent,
      state,
      memory: this.#memory,
      done,
      isForced: isForced(intent, this.#memory),
    });
  }

  #do(action: Doing, next: () => Outcome): string | undefined {
    switch (action.kind) {
      case 'install':
      case 'upgrade':
        return this.#deploy(action.kind, next());
      case 'resume':
      case 'resume-rollback':
        return this.#resume(next());
      case 'unlock':
        this.#end(
          'failed',
          `Release unlocked from stale '${this.records.at(-1)?.info.status}' state`,
        );
        return undefined;
      case 'test':
        return this.#test(next());
      case 'rollback':
        return this.#rollBack(action.toRevision, next());
      case 'uninstall':
        return this.#uninstall(next());
      default:
        throw new Error(`${action.kind} is not played`);
    }
  }

  #deploy(kind: Attempt, outcome: Outcome): string | undefined {
    const revision = (this.records.at(-1)?.revision ?? 0) + 1;
    this.#remember({ kind: 'begun', action: kind, what: { revision, ...this.#releasable } });
    if (isForced(this.#now, this.#memory)) this.#remember({ kind: 'forced' });
    this.#tell('');
    if (outcome === 'dies-early') throw new Death();
    if (outcome === 'refused') {
      this.#remember({ kind: 'failed', leaves: 'nothing', record: undefined });
      return this.#paceOfError();
    }
    this.#add(this.wanted, `pending-${kind}`);
    this.#finish(outcome, `${kind} complete`);
    if (outcome === 'good') this.#remember({ kind: 'released', ...this.#releasable });
    else this.#remember({ kind: 'failed', leaves: 'failed', record: this.records.at(-1) });
    this.#tell('');
    return undefined;
  }

  #resume(outcome: Outcome): string | undefined {
    const last = this.records.at(-1);
    const from = last?.info.status ?? 'unknown';
    if (from === 'uninstalling') return this.#remove(outcome);
    if (outcome === 'dies-early') throw new Death();
    const isRollback = from === 'pending-rollback';
    if (outcome === 'refused') {
      if (isRollback) return 'back-off';
      this.#remember({ kind: 'failed', leaves: 'pending', record: last });
      return this.#paceOfError();
    }
    this.#finish(outcome, isRollback ? 'Rollback to 1' : 'complete');
    if (isRollback) return outcome === 'good' ? undefined : 'back-off';
    if (outcome === 'good') this.#remember({ kind: 'released', ...this.#releasable });
    else this.#remember({ kind: 'failed', leaves: 'failed', record: this.records.at(-1) });
    if (outcome !== 'good') this.#tell('');
    return undefined;
  }

  #test(outcome: Outcome): string | undefined {
    this.#tell('');
    if (outcome.startsWith('dies')) throw new Death();
    if (outcome === 'refused') return 'back-off';
    const isGood = outcome === 'good';
    const last = this.records.at(-1);
    if (last !== undefined) this.#replace(last, { hooks: [testHook(isGood)] });
    const counts = !isGood && !canTestsFail(this.#now, this.#memory);
    this.#remember({ kind: 'tested', record: last, isGood, counts });
    this.#tell('');
    return undefined;
  }

  #rollBack(toRevision: number, outcome: Outcome): string | undefined {
    this.#isRollingBack = true;
    this.#tell('');
    if (outcome === 'dies-early') throw new Death();
    if (outcome === 'refused') return 'back-off';
    const target = this.records.find(({ revision }) => revision === toRevision);
    const { config: values, chart } = target ?? {};
    const version = Number(chart?.facts.version.split('.')[2]);
    const build = Number(chart?.json);
    this.#add({ values: String(values?.get('values')), version, build }, 'pending-rollback');
    this.#finish(outcome, `Rollback to ${toRevision}`);
    return outcome === 'good' ? undefined : 'back-off';
  }

  #uninstall(outcome: Outcome): string | undefined {
    return this.#remove(outcome);
  }

  #remove(outcome: Outcome): string | undefined {
    if (outcome === 'refused' || outcome === 'failed') return 'back-off';
    if (outcome === 'good' || outcome === 'dies-after-good') this.removeAll();
    else if (outcome !== 'dies-early') this.#end('uninstalling', 'Deletion in progress', MARK);
    if (outcome !== 'good') throw new Death();
    return undefined;
  }

  #finish(outcome: Outcome, description: string): void {
    if (outcome === 'dies') throw new Death();
    const isGood = outcome.endsWith('good');
    if (isGood) this.#supersede(this.records.slice(0, -1));
    if (isGood) this.#end('deployed', description);
    else this.#end('failed', FAILED);
    if (outcome.startsWith('dies')) throw new Death();
  }

  get #releasable(): {
    chartDigest: string;
    generation: number;
    record: ReleaseRecord | undefined;
  } {
    const record = this.records.at(-1);
    return { chartDigest: this.#inputs.chart.digest, generation: this.wanted.generation, record };
  }

  /** Helm marks what is deployed; where nothing is, what failed last. */
  #supersede(among: readonly ReleaseRecord[] = this.records): void {
    const deployed = among.filter(({ info }) => info.status === 'deployed');
    const former = deployed.length > 0 ? deployed : among.slice(-1);
    for (const one of former) this.#replace(one, { info: { ...one.info, status: 'superseded' } });
  }

  #paceOfError(): string {
    const { action } = this.#memory;
    const pace = action === undefined ? undefined : this.#now.onFailure[action].pace;
    return pace?.kind === 'every' ? 'every' : 'back-off';
  }

  #remember(happening: Happening): void {
    this.#memory = remember(this.#memory, happening, this.#now);
  }

  #tell(end: string): string {
    this.#told = this.#memory;
    return end;
  }

  #add(content: Content, status: Status, { isOurs = true }: { isOurs?: boolean } = {}): void {
    const { values, version, build } = content;
    const time = new Date(this.hour * HOUR_MS + this.#records++).toISOString();
    const last = this.records.at(-1);
    const isInstall = last === undefined || last.info.status === 'uninstalled';
    const info = {
      firstDeployed: isInstall ? `installation ${++this.#installations}` : last.info.firstDeployed,
      lastDeployed: time,
      deleted: '',
      description: status === 'failed' ? FAILED : 'complete',
      notes: '',
      status,
    };
    const facts = { name: 'web', version: `1.0.${version}`, appVersion: '' };
    const record: ReleaseRecord = {
      ...{ name: 'web', namespace: 'default', info, chart: { json: String(build), facts } },
      ...{ revision: (this.records.at(-1)?.revision ?? 0) + 1, config: config(values) },
      ...{ manifest: '', hooks: [], labels: new Map(), applyMethod: '', resourceVersion: '1' },
      mark: isOurs ? MARK : undefined,
    };
    this.records = [...this.records, record];
  }

  #end(status: Status, description: string, mark?: ReleaseRecord['mark']): void {
    const last = this.records.at(-1);
    if (last !== undefined)
      this.#replace(last, { info: { ...last.info, status, description }, mark });
  }

  #replace(record: ReleaseRecord, change: Partial<ReleaseRecord>): void {
    this.records = this.records.map((one) =>
      one.revision === record.revision ? { ...one, ...change } : one,
    );
  }
}

type Content = Pick<Wanted, 'values' | 'version' | 'build'>;

const MARK = { holder: 'dead', step: 'record-pending', timeoutMs: 60_000, finishedEvents: [] };

function config(values: string): ValueMap {
  return new Map([['values', values]]);
}

function testHook(isGood: boolean): HookRecord {
  return {
    ...{ name: 'test', kind: 'Pod', path: '', manifest: '', events: ['test'], weight: 0 },
    ...{ deletePolicies: [], outputLogPolicies: [] },
    lastRun: { startedAt: '', completedAt: '', phase: isGood ? 'Succeeded' : 'Failed' },
  };
}
