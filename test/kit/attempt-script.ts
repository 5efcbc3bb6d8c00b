// SPDX-License-Identifier: Apache-2.0

import type { Step } from '@helm-operator/helm';

/** How one install or upgrade ends. */
export type AttemptEnd =
  | 'good'
  /** Nothing is stored: the templates fail. */
  | 'bad-render'
  /** A revision is stored, then the API server refuses an object. */
  | 'bad-apply'
  /** Released, then its test fails. */
  | 'bad-test'
  /** Released, then its test never ends. */
  | 'hanging-test'
  /** The process dies at some step. */
  | { readonly crashAt: number };

/** Follows the steps of a release's turns: gives each attempt the end a test has for it, and lets the process die where it says so. */
export class AttemptScript {
  /** Ends of the attempts to come; `good` when there are no more. */
  readonly ends: AttemptEnd[] = [];
  /** `install`, `upgrade`, `rollback`, `uninstall`, `test`, as they began. */
  readonly actions: string[] = [];
  /** `ACTION STEP`, as they were reached. */
  readonly steps: string[] = [];
  #turns = 0;
  #end: AttemptEnd = 'good';
  #stop = new AbortController();
  #stepsLeft = Infinity;
  #before: Step | undefined;

  /** Of the attempt that is under way, or the last one. */
  get end(): AttemptEnd {
    return this.#end;
  }

  /** The rollback of an attempt whose objects are refused is fine. */
  get mustRefuse(): boolean {
    return this.#end === 'bad-apply' && this.actions.at(-1) !== 'rollback';
  }

  /** Of the process that has the turn. */
  get holder(): string {
    return `holder-${this.#turns}`;
  }

  /** Aborted when the process dies. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** A process of its own has a turn. */
  begin(): void {
    this.#stop = new AbortController();
    this.#turns++;
    this.#stepsLeft = Infinity;
    this.#before = undefined;
  }

  readonly onStep = (step: Step): void => {
    const isSame = this.#before?.action === step.action && this.#before.name !== 'record-final';
    this.#before = step;
    this.steps.push(`${step.action} ${step.name}`);
    if (step.name === 'history-read' && !isSame) this.#beginAction(step.action);
    this.#stepsLeft--;
    if (this.#stepsLeft > 0) return;
    this.#stop.abort(new Error('the process dies'));
    throw this.#stop.signal.reason;
  };

  #beginAction(action: string): void {
    this.actions.push(action);
    // What was begun is finished without a fault.
    if (action === 'unlock') this.#end = 'good';
    if (action !== 'install' && action !== 'upgrade') return;
    this.#end = this.ends.shift() ?? 'good';
    this.#stepsLeft = typeof this.#end === 'object' ? this.#end.crashAt : Infinity;
  }
}
