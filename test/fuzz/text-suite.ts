// SPDX-License-Identifier: Apache-2.0

/** Suites of questions of one text each: topic `text` of the oracle. */

import { decodeUtf8, encodeUtf8, normalize } from '@helm-operator/gocompat';
import type fc from 'fast-check';
import { answerText, type TextAnswer } from '../conformance/text-cases.ts';
import { defineSuite, type FuzzSuite, verdict } from './suite.ts';

export interface Question {
  readonly op: string;
  readonly in: string;
}

/** Lone halves of pairs have no bytes in Go. */
export function isBytes(text: string): boolean {
  return !/[\ud800-\udc7f\udd00-\udfff]/u.test(text);
}

interface OracleAnswer {
  readonly out: string;
  readonly err: string;
  readonly panic?: string;
}

function unpacked(line: string): TextAnswer {
  const { out, err, panic } = JSON.parse(line) as OracleAnswer;
  // In a template a panic is an error of the same text.
  if (panic !== undefined) return { out: '', err: panic };
  const text = (packed: string): string => decodeUtf8(Buffer.from(packed, 'base64'));
  return { out: text(out), err: text(err) };
}

/** @param isKnown whether a question is of a listed difference */
export function textSuite(
  name: string,
  questions: (only: readonly string[]) => fc.Arbitrary<Question>,
  isKnown: (question: Question) => boolean = () => false,
): FuzzSuite {
  return defineSuite({
    name,
    topic: 'text',
    rows: (only) => questions(only).filter((question) => isBytes(question.in)),
    question: ({ op, in: text }) => ({ op, in: Buffer.from(encodeUtf8(text)).toString('base64') }),
    judge: (row, line) => {
      const theirs = unpacked(line);
      if (isKnown(row)) return { kind: 'skipped' };
      const ours = answerText(row.op, row.in);
      const isEqual = normalize(ours.out) === theirs.out && normalize(ours.err) === theirs.err;
      return verdict(isEqual, theirs.err !== '', { about: row.op, row: row.in, theirs, ours });
    },
  });
}
