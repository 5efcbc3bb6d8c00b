// SPDX-License-Identifier: Apache-2.0

/** What every fuzzer is made of: rows at random, the question of each for the oracle, and a judge of both answers. */

import fc from 'fast-check';

/** Which of the two programs of test/tools answers. */
export type OracleName = 'oracle' | 'oracle4';

export type Verdict =
  /** `isError`: both said the same error. */
  | { readonly kind: 'equal'; readonly isError: boolean }
  /** The peer's answer is no measure: it differs from run to run, or the peer broke down. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'different'; readonly difference: Difference };

export interface Difference {
  /** What it is about: a function, an operation. */
  readonly about: string;
  readonly row: unknown;
  readonly theirs: unknown;
  readonly ours: unknown;
}

/** A batch of questions and the judge of their answers. */
export interface Batch {
  readonly questions: readonly string[];
  /** @param answer one line of the oracle */
  readonly judge: (index: number, answer: string) => Verdict;
}

export interface FuzzSuite {
  readonly name: string;
  readonly oracle: OracleName;
  /** What the oracle is started with. */
  readonly topic: string;
  /** The same seed gives the same batch. @param only what rows are about; every kind where it is empty */
  readonly batch: (seed: number, count: number, only: readonly string[]) => Batch;
}

export interface SuiteParts<Row> {
  readonly name: string;
  readonly oracle?: OracleName;
  readonly topic: string;
  readonly rows: (only: readonly string[]) => fc.Arbitrary<Row>;
  /** What the oracle reads, as JSON. */
  readonly question: (row: Row) => unknown;
  readonly judge: (row: Row, answer: string) => Verdict;
}

export function defineSuite<Row>(parts: SuiteParts<Row>): FuzzSuite {
  return {
    name: parts.name,
    oracle: parts.oracle ?? 'oracle',
    topic: parts.topic,
    batch: (seed, count, only) => {
      const rows = fc.sample(parts.rows(only), { numRuns: count, seed });
      return {
        questions: rows.map((row) => JSON.stringify(parts.question(row))),
        judge: (index, answer) => {
          const row = rows[index];
          return row === undefined ? { kind: 'skipped' } : parts.judge(row, answer);
        },
      };
    },
  };
}

export function verdict(isEqual: boolean, isError: boolean, difference: Difference): Verdict {
  return isEqual ? { kind: 'equal', isError } : { kind: 'different', difference };
}

/** Addresses differ from run to run in Go, too. */
export function hasAddress(answer: string): boolean {
  return /0x[0-9a-f]{6,}/.test(answer);
}
