// SPDX-License-Identifier: Apache-2.0

/**
 * Limits of one rendering, counted inside the interpreter: the first line of defence against charts that never end.
 *
 * Differs: Go has none of these; a chart that stays inside them renders as with Helm.
 */

/** What `Budget` counts. A limit left out is `Infinity`. */
export interface BudgetLimits {
  /** Actions executed and functions called. */
  readonly steps?: number | undefined;
  /** Written by all templates of the run, nested ones included each time, and long texts that functions make: a byte for each UTF-16 unit. */
  readonly outputBytes?: number | undefined;
  /** Elements of lists and maps made by functions (`until`, `seq`, `splitList`, ...). */
  readonly elements?: number | undefined;
  /** Executions nested in each other through functions (`include`, `tpl`). */
  readonly depth?: number | undefined;
  /** Time of the whole run, in milliseconds; needs a clock. */
  readonly timeMs?: number | undefined;
}

/** The limit that was hit; also the last part of the error's code. */
export type BudgetLimitName = 'steps' | 'output-bytes' | 'elements' | 'depth' | 'time';

/** A limit of the run was hit. `where` is `template:line:col`, filled in by the interpreter. */
export abstract class BudgetError extends Error {
  abstract readonly code: `gotemplate/${BudgetLimitName}`;
  readonly retry = 'terminal';
  readonly limit: number;
  #where: string | undefined;
  readonly #reason: string;
  readonly #mend: string;
  constructor(limit: number, reason: string, mend: string) {
    super(`rendering stopped: ${reason}; ${mend}`);
    this.limit = limit;
    this.#reason = reason;
    this.#mend = mend;
  }

  /** Where the limit was hit: `template:line:col`; `undefined` before an interpreter saw the error. */
  get where(): string | undefined {
    return this.#where;
  }

  /** Names the place, once: the innermost template knows it best. */
  locate(where: string): this {
    if (this.#where === undefined) {
      this.#where = where;
      this.message = `rendering stopped at ${where}: ${this.#reason}; ${this.#mend}`;
    }
    return this;
  }
}

/** Too many actions and function calls. Code `gotemplate/steps`. */
export class StepLimitError extends BudgetError {
  readonly code = 'gotemplate/steps';
  constructor(limit: number) {
    super(limit, `more than ${limit} steps`, 'simplify the loop or raise the limit `steps`');
    this.name = 'StepLimitError';
  }
}

/** Too much output. Code `gotemplate/output-bytes`. */
export class OutputLimitError extends BudgetError {
  readonly code = 'gotemplate/output-bytes';
  constructor(limit: number) {
    super(
      limit,
      `more than ${limit} bytes of output and text`,
      'render less or raise the limit `outputBytes`',
    );
    this.name = 'OutputLimitError';
  }
}

/** Too many list and map elements made by functions. Code `gotemplate/elements`. */
export class ElementLimitError extends BudgetError {
  readonly code = 'gotemplate/elements';
  constructor(limit: number) {
    super(
      limit,
      `more than ${limit} elements of lists`,
      'use shorter lists or raise the limit `elements`',
    );
    this.name = 'ElementLimitError';
  }
}

/** Executions nested too deeply through functions. Code `gotemplate/depth`. */
export class DepthLimitError extends BudgetError {
  readonly code = 'gotemplate/depth';
  constructor(limit: number) {
    super(
      limit,
      `templates nested more than ${limit} deep through functions`,
      'end the recursion or raise the limit `depth`',
    );
    this.name = 'DepthLimitError';
  }
}

/** The JavaScript stack is full, before `depth` was reached. Code `gotemplate/depth`. */
export class StackLimitError extends BudgetError {
  readonly code = 'gotemplate/depth';
  constructor(depth: number) {
    super(
      depth,
      `the stack is full with templates nested ${depth} deep`,
      'end the recursion or raise the stack size of the renderer',
    );
    this.name = 'StackLimitError';
  }
}

/** The run took too long. Code `gotemplate/time`. */
export class TimeLimitError extends BudgetError {
  readonly code = 'gotemplate/time';
  constructor(limit: number) {
    super(limit, `more than ${limit} ms`, 'simplify the chart or raise the limit `timeMs`');
    this.name = 'TimeLimitError';
  }
}

/** The clock is looked at once in this many steps. */
const STEPS_BETWEEN_LOOKS = 1024;

/** Counts what one rendering uses. One object serves one run; nested executions share it. */
export class Budget {
  readonly #limits: Readonly<Record<keyof BudgetLimits, number>>;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #steps = 0;
  #nextLook: number;
  #outputBytes = 0;
  #elements = 0;
  #depth = 0;

  /** @param nowMs a monotonic clock in milliseconds; without one `timeMs` is not watched */
  constructor(limits: BudgetLimits = {}, nowMs?: () => number) {
    this.#limits = {
      steps: limits.steps ?? Number.POSITIVE_INFINITY,
      outputBytes: limits.outputBytes ?? Number.POSITIVE_INFINITY,
      elements: limits.elements ?? Number.POSITIVE_INFINITY,
      depth: limits.depth ?? Number.POSITIVE_INFINITY,
      timeMs: nowMs === undefined ? Number.POSITIVE_INFINITY : (limits.timeMs ?? Infinity),
    };
    this.#nowMs = nowMs ?? (() => 0);
    this.#startedMs = this.#nowMs();
    this.#nextLook = Math.min(STEPS_BETWEEN_LOOKS, this.#limits.steps);
  }

  get steps(): number {
    return this.#steps;
  }

  get outputBytes(): number {
    return this.#outputBytes;
  }

  get elements(): number {
    return this.#elements;
  }

  /** Executions nested right now. */
  get depth(): number {
    return this.#depth;
  }

  /** Time since the budget was made, in milliseconds. */
  get elapsedMs(): number {
    return this.#nowMs() - this.#startedMs;
  }

  /**
   * Counts work; functions with loops of their own may charge more than one step.
   * @throws {StepLimitError} `gotemplate/steps` @throws {TimeLimitError} `gotemplate/time`
   */
  spendSteps(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#nextLook) this.#look();
  }

  /** @throws {OutputLimitError} `gotemplate/output-bytes` */
  spendOutput(bytes: number): void {
    this.#outputBytes += bytes;
    if (this.#outputBytes > this.#limits.outputBytes) {
      throw new OutputLimitError(this.#limits.outputBytes);
    }
  }

  /** To be called by functions before they make a list of `count`. @throws {ElementLimitError} `gotemplate/elements` */
  spendElements(count: number): void {
    this.#elements += count;
    if (this.#elements > this.#limits.elements) throw new ElementLimitError(this.#limits.elements);
  }

  /** Enters a nested execution. @throws {DepthLimitError} `gotemplate/depth` */
  enter(): void {
    if (this.#depth >= this.#limits.depth) throw new DepthLimitError(this.#limits.depth);
    this.#depth++;
  }

  /** Leaves what `enter` entered. */
  leave(): void {
    this.#depth--;
  }

  #look(): void {
    if (this.#steps > this.#limits.steps) throw new StepLimitError(this.#limits.steps);
    if (this.elapsedMs > this.#limits.timeMs) throw new TimeLimitError(this.#limits.timeMs);
    this.#nextLook = Math.min(this.#steps + STEPS_BETWEEN_LOOKS, this.#limits.steps);
  }
}
