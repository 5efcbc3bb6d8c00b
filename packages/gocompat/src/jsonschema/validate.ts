// SPDX-License-Identifier: Apache-2.0

/**
 * Checks values against a compiled schema.
 *
 * Source: github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 validator.go
 * Differs: maps are walked in the order of their names, where Go's order is random.
 */

import { quote } from '../strconv/quote.ts';
import type { Checker, Unevaluated } from './checker.ts';
import { Foreign, type Json } from './document.ts';
import { isEqual, typeName } from './equal.ts';
import { JsonSchemaError } from './errors.ts';
import { Numeral } from './numeral.ts';
import type { Schema } from './schema.ts';
import { validateArray } from './validate-array.ts';
import { validateObject } from './validate-object.ts';
import { validateNumber, validateString } from './validate-scalar.ts';
import { display, isCollection, type Violation, type ViolationKind } from './violation.ts';

/** The schema to use in place of another, at a place in a schema that is checked itself. */
export type Redirect = (schema: Schema, path: readonly string[]) => Schema | undefined;

/** How the check got to a schema: its caller's schema and so on. */
interface Scope {
  readonly schema: Schema;
  /** The keyword that referred to it; empty: it stands inside its parent. */
  readonly keyword: string;
  /** The same for all scopes that look at the same value. */
  readonly valueNumber: number;
  readonly parent: Scope | undefined;
}

const CYCLE_LIMIT = 2000;
/** Schemas looked at for one value. Go has no limit: schemas that refer to each other twice at every step would take it for ever. */
const MAX_STEPS = 1_000_000;

/** Everything wrong with a value; empty: nothing. */
export function validate(schema: Schema, value: Json, redirect?: Redirect): readonly Violation[] {
  const scope: Scope = { schema, keyword: '', valueNumber: 0, parent: undefined };
  const check = new Check(schema, value, [], scope, {
    steps: { taken: 0 },
    redirect,
    isCallerInterested: false,
    wantsReason: true,
    depth: 0,
  });
  const violation = check.run();
  if (violation === undefined) return [];
  return violation.kind === 'group' ? violation.causes : [violation];
}

interface CheckOptions {
  /** Shared by all checks of one value. */
  readonly steps: { taken: number };
  readonly redirect: Redirect | undefined;
  readonly isCallerInterested: boolean;
  /** `false`: only whether there is a violation matters. */
  readonly wantsReason: boolean;
  readonly depth: number;
}

/** One schema against one value. */
class Check implements Checker {
  readonly schema: Schema;
  readonly value: Json;
  readonly path: readonly string[];
  readonly unevaluated: Unevaluated;
  readonly #violations: Violation[] = [];
  readonly #scope: Scope;
  readonly #options: CheckOptions;

  constructor(
    schema: Schema,
    value: Json,
    path: readonly string[],
    scope: Scope,
    options: CheckOptions,
  ) {
    this.schema = options.redirect?.(schema, path) ?? schema;
    this.value = value;
    this.path = path;
    this.#scope = scope;
    this.#options = options;
    this.unevaluated = unevaluatedOf(this.schema, value, options.isCallerInterested);
  }

  run(): Violation | undefined {
    const { schema } = this;
    if (++this.#options.steps.taken > MAX_STEPS) {
      throw new JsonSchemaError(
        `checking the values takes more than ${MAX_STEPS} steps: refer to each schema once, or split the values`,
      );
    }
    if (schema.bool === true) return undefined;
    if (schema.bool === false) return this.violation('false schema');
    const early = this.#cycle() ?? this.#kind();
    if (early !== undefined) return early;
    if (schema.ref !== undefined) {
      const violation = this.#reference(schema.ref, '$ref');
      if (schema.version < 2019) return violation;
      this.add(violation);
    }
    this.#byType();
    if (this.isOpen()) {
      if (schema.version >= 2019) this.#dynamicReferences();
      this.#combinations();
      if (schema.version >= 2019) this.#rest();
    }
    if (this.#violations.length < 2) return this.#violations[0];
    return this.violation('validation failed', this.#violations, 'group');
  }

  /** Whether there is still something to find out. */
  isOpen(): boolean {
    return this.#options.wantsReason || this.#violations.length === 0;
  }

  violation(
    message: string,
    causes: readonly Violation[] = [],
    kind: ViolationKind = 'keyword',
  ): Violation {
    return { kind, path: this.path, message, causes };
  }

  add(violation: Violation | undefined): void {
    if (violation !== undefined) this.#violations.push(violation);
  }

  report(message: string, causes: readonly Violation[] = []): void {
    this.#violations.push(this.violation(message, causes));
  }

  /** Checks the same value against another schema. */
  self(schema: Schema, keyword = '', wantsReason = true): Violation | undefined {
    const isInterested = this.unevaluated.properties.size + this.unevaluated.items.size > 0;
    const check = new Check(
      schema,
      this.value,
      this.path,
      this.#scopeOf(schema, keyword, this.#scope.valueNumber),
      this.#childOptions(isInterested, wantsReason),
    );
    const violation = check.run();
    if (violation === undefined) this.#keepUnevaluated(check.unevaluated);
    return violation;
  }

  /** Checks a property or an item. */
  child(schema: Schema, value: Json, token: string): Violation | undefined {
    return new Check(
      schema,
      value,
      [...this.path, token],
      this.#scopeOf(schema, '', this.#scope.valueNumber + 1),
      this.#childOptions(false, true),
    ).run();
  }

  /** Checks a value that stands nowhere, such as a property's name. */
  apart(schema: Schema, value: Json): readonly Violation[] {
    return validate(this.#options.redirect?.(schema, this.path) ?? schema, value);
  }

  #scopeOf(schema: Schema, keyword: string, valueNumber: number): Scope {
    return { schema, keyword, valueNumber, parent: this.#scope };
  }

  #childOptions(isCallerInterested: boolean, wantsReason: boolean): CheckOptions {
    const { steps, redirect, depth } = this.#options;
    return {
      steps,
      redirect,
      isCallerInterested,
      wantsReason: this.#options.wantsReason && wantsReason,
      depth: depth + 1,
    };
  }

  #keepUnevaluated(other: Unevaluated): void {
    for (const name of this.unevaluated.properties) {
      if (!other.properties.has(name)) this.unevaluated.properties.delete(name);
    }
    for (const index of this.unevaluated.items) {
      if (!other.items.has(index)) this.unevaluated.items.delete(index);
    }
  }

  #cycle(): Violation | undefined {
    const { valueNumber } = this.#scope;
    let scope = this.#scope.parent;
    while (scope !== undefined && scope.valueNumber === valueNumber) {
      if (scope.schema === this.#scope.schema) {
        const first = keywordLocation(this.#scope);
        const second = keywordLocation(scope);
        return this.violation(
          `both ${first} and ${second} resolve to ${quote(this.schema.location)} causing reference cycle`,
        );
      }
      scope = scope.parent;
    }
    if (this.#options.depth < CYCLE_LIMIT) return undefined;
    return this.violation(`values are nested more than ${CYCLE_LIMIT} schemas deep`);
  }

  /** Keywords that end the check where they fail. */
  #kind(): Violation | undefined {
    const { schema, value } = this;
    const type = typeName(value);
    if (type === undefined) {
      const name = value instanceof Foreign ? value.typeName : 'unknown';
      return this.violation(`invalid jsonType ${name}`);
    }
    const { types } = schema;
    const isWhole = value instanceof Numeral && types?.includes('integer') && value.isInteger();
    if (types !== undefined && !types.includes(type) && isWhole !== true) {
      return this.violation(`got ${type}, want ${types.join(' or ')}`);
    }
    const { constant } = schema;
    if (constant !== undefined && !isEqual(value, constant)) {
      return this.violation(
        isCollection(constant) ? "'const' failed" : `value must be ${display(constant)}`,
      );
    }
    if (schema.enum !== undefined && !schema.enum.some((one) => isEqual(value, one))) {
      return this.violation(enumMessage(schema.enum));
    }
    if (schema.format === undefined || typeof value !== 'string') return undefined;
    const problem = schema.format.problem(value);
    if (problem === '') return undefined;
    return this.violation(`${display(value)} is not valid ${schema.format.name}: ${problem}`);
  }

  #byType(): void {
    const { value } = this;
    if (value instanceof Map) validateObject(this, value);
    else if (Array.isArray(value)) validateArray(this, value);
    else if (typeof value === 'string') validateString(this, value);
    else if (value instanceof Numeral) validateNumber(this, value);
  }

  #reference(schema: Schema, keyword: string): Violation | undefined {
    const violation = this.self(schema, keyword);
    if (violation === undefined) return undefined;
    const causes = violation.kind === 'group' ? violation.causes : [violation];
    return this.violation('validation failed', causes, 'reference');
  }

  #dynamicReferences(): void {
    const { recursiveRef, dynamicRef } = this.schema;
    if (recursiveRef !== undefined) {
      const target =
        recursiveRef.recursiveAnchor === true
          ? this.#outermost(recursiveRef, (scope) =>
              scope.schema.resource.recursiveAnchor === true ? scope.schema : undefined,
            )
          : recursiveRef;
      this.add(this.#reference(target, '$recursiveRef'));
    }
    if (dynamicRef === undefined) return;
    const { anchor, target } = dynamicRef;
    const isDynamic = anchor !== '' && target.dynamicAnchor === anchor;
    const found = isDynamic
      ? this.#outermost(target, (scope) => scope.schema.resource.dynamicAnchors.get(anchor))
      : target;
    this.add(this.#reference(found, '$dynamicRef'));
  }

  #outermost(fallback: Schema, find: (scope: Scope) => Schema | undefined): Schema {
    let found = fallback;
    let scope: Scope | undefined = { ...this.#scope, schema: this.schema };
    while (scope !== undefined) {
      found = find(scope) ?? found;
      scope = scope.parent;
    }
    return found;
  }

  #combinations(): void {
    const { schema } = this;
    if (schema.not !== undefined && this.self(schema.not, '', false) === undefined) {
      this.report("'not' failed");
    }
    this.#allOf(schema.allOf ?? []);
    if (schema.anyOf !== undefined && schema.anyOf.length > 0) this.#anyOf(schema.anyOf);
    if (schema.oneOf !== undefined && schema.oneOf.length > 0) this.#oneOf(schema.oneOf);
    if (schema.if === undefined) return;
    const branch = this.self(schema.if, '', false) === undefined ? schema.then : schema.else;
    if (branch !== undefined) this.add(this.self(branch));
  }

  #allOf(schemas: readonly Schema[]): void {
    const violations: Violation[] = [];
    for (const schema of schemas) {
      const violation = this.self(schema);
      if (violation === undefined) continue;
      violations.push(violation);
      if (!this.#options.wantsReason) break;
    }
    if (violations.length > 0) this.report("'allOf' failed", violations);
  }

  #anyOf(schemas: readonly Schema[]): void {
    const violations: Violation[] = [];
    let matches = false;
    for (const schema of schemas) {
      const violation = this.self(schema);
      if (violation !== undefined) {
        violations.push(violation);
        continue;
      }
      matches = true;
      // What is unevaluated depends on every schema that matches.
      if (this.unevaluated.properties.size + this.unevaluated.items.size === 0) break;
    }
    if (!matches) this.report("'anyOf' failed", violations);
  }

  #oneOf(schemas: readonly Schema[]): void {
    const violations: Violation[] = [];
    let matched = -1;
    for (const [index, schema] of schemas.entries()) {
      const violation = this.self(schema, '', matched < 0);
      if (violation !== undefined) {
        if (matched < 0) violations.push(violation);
        continue;
      }
      if (matched >= 0) {
        this.report(`'oneOf' failed, subschemas ${matched}, ${index} matched`);
        return;
      }
      matched = index;
    }
    if (matched < 0) this.report("'oneOf' failed, none matched", violations);
  }

  #rest(): void {
    const { schema, value, unevaluated } = this;
    if (value instanceof Map && schema.unevaluatedProperties !== undefined) {
      for (const name of [...unevaluated.properties].sort()) {
        this.add(this.child(schema.unevaluatedProperties, value.get(name) ?? null, name));
      }
      unevaluated.properties.clear();
    }
    if (Array.isArray(value) && schema.unevaluatedItems !== undefined) {
      for (const index of unevaluated.items) {
        this.add(this.child(schema.unevaluatedItems, value[index] ?? null, String(index)));
      }
      unevaluated.items.clear();
    }
  }
}

function enumMessage(values: readonly Json[]): string {
  if (values.some(isCollection)) return "'enum' failed";
  const shown = values.map(display);
  return shown.length === 1
    ? `value must be ${shown.join()}`
    : `value must be one of ${shown.join(', ')}`;
}

function unevaluatedOf(schema: Schema, value: Json, isCallerInterested: boolean): Unevaluated {
  const properties = new Set<string>();
  const items = new Set<number>();
  if (value instanceof Map) {
    const isWanted = isCallerInterested || schema.unevaluatedProperties !== undefined;
    if (isWanted && !schema.allPropertiesEvaluated)
      for (const name of value.keys()) properties.add(name);
  } else if (Array.isArray(value)) {
    const isWanted = isCallerInterested || schema.unevaluatedItems !== undefined;
    if (isWanted && !schema.allItemsEvaluated) {
      for (let i = schema.evaluatedItems; i < value.length; i++) items.add(i);
    }
  }
  return { properties, items };
}

function keywordLocation(scope: Scope): string {
  let location = '';
  for (let at = scope; at.parent !== undefined; at = at.parent) {
    const step =
      at.keyword === ''
        ? at.schema.location.slice(at.parent.schema.location.length)
        : `/${at.keyword}`;
    location = step + location;
  }
  return location;
}
