// SPDX-License-Identifier: Apache-2.0
import type { Json } from './document.ts';
import type { Schema } from './schema.ts';
import type { Violation } from './violation.ts';

/** Properties and items that no keyword has evaluated yet. */
export interface Unevaluated {
  readonly properties: Set<string>;
  readonly items: Set<number>;
}

/** One schema against one value, as the keywords of a type see it. */
export interface Checker {
  readonly schema: Schema;
  readonly unevaluated: Unevaluated;
  /** Whether there is still something to find out. */
  isOpen(): boolean;
  add(violation: Violation | undefined): void;
  report(message: string, causes?: readonly Violation[]): void;
  /** Checks the same value against another schema. */
  self(schema: Schema): Violation | undefined;
  /** Checks a property or an item. */
  child(schema: Schema, value: Json, token: string): Violation | undefined;
  /** Checks a value that stands nowhere, such as a property's name. */
  apart(schema: Schema, value: Json): readonly Violation[];
}
