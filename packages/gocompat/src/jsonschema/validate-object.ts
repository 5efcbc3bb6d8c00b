// SPDX-License-Identifier: Apache-2.0

import type { Checker } from './checker.ts';
import { type Json, type JsonObject, sortedNames } from './document.ts';
import { grouped } from './numeral.ts';
import { quotedList, singleQuoted } from './violation.ts';

/** Keywords for objects. */
export function validateObject(check: Checker, object: JsonObject): void {
  const { schema } = check;
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && object.size < minProperties) {
    check.report(sizeMessage('minProperties', object.size, minProperties));
  }
  if (maxProperties !== undefined && object.size > maxProperties) {
    check.report(sizeMessage('maxProperties', object.size, maxProperties));
  }
  const missing = missingOf(object, schema.required ?? []);
  if (missing.length > 0) check.report(requiredMessage(missing));
  if (!check.isOpen()) return;
  for (const [name, dependency] of schema.dependencies ?? []) {
    if (!object.has(name)) continue;
    if ('location' in dependency) check.add(check.self(dependency));
    else reportDependents(check, object, name, dependency);
  }
  validateProperties(check, object);
  if (schema.version >= 6) validateNames(check, object);
  if (schema.version < 7) return;
  for (const [name, dependent] of schema.dependentSchemas ?? []) {
    if (object.has(name)) check.add(check.self(dependent));
  }
  for (const [name, dependents] of schema.dependentRequired ?? []) {
    if (object.has(name)) reportDependents(check, object, name, dependents);
  }
}

export function sizeMessage(keyword: string, got: number, want: number): string {
  return `${keyword}: got ${grouped(String(got))}, want ${grouped(String(want))}`;
}

function missingOf(object: JsonObject, names: readonly string[]): string[] {
  return names.filter((name) => !object.has(name));
}

function requiredMessage(missing: readonly string[]): string {
  const noun = missing.length === 1 ? 'property' : 'properties';
  return `missing ${noun} ${quotedList(missing)}`;
}

function reportDependents(
  check: Checker,
  object: JsonObject,
  name: string,
  dependents: readonly string[],
): void {
  const missing = missingOf(object, dependents);
  if (missing.length === 0) return;
  check.report(`properties ${quotedList(missing)} required, if ${singleQuoted(name)} exists`);
}

function validateProperties(check: Checker, object: JsonObject): void {
  const { unevaluated } = check;
  const additional: string[] = [];
  for (const name of sortedNames(object)) {
    if (!check.isOpen()) return;
    const value = object.get(name) ?? null;
    if (validateProperty(check, name, value, additional)) unevaluated.properties.delete(name);
  }
  if (additional.length > 0) {
    check.report(`additional properties ${quotedList(additional)} not allowed`);
  }
}

/** Gives whether a keyword evaluated the property. */
function validateProperty(
  check: Checker,
  name: string,
  value: Json,
  additional: string[],
): boolean {
  const { schema } = check;
  let isEvaluated = false;
  const own = schema.properties?.get(name);
  if (own !== undefined) {
    isEvaluated = true;
    check.add(check.child(own, value, name));
  }
  for (const [pattern, one] of schema.patternProperties ?? []) {
    if (!pattern.matches(name)) continue;
    isEvaluated = true;
    check.add(check.child(one, value, name));
  }
  const rest = schema.additionalProperties;
  if (isEvaluated || rest === undefined) return isEvaluated;
  if (rest === false) additional.push(name);
  else if (rest !== true) check.add(check.child(rest, value, name));
  return true;
}

function validateNames(check: Checker, object: JsonObject): void {
  const { propertyNames } = check.schema;
  if (propertyNames === undefined) return;
  for (const name of sortedNames(object)) {
    const causes = check.apart(propertyNames, name);
    if (causes.length > 0) check.report(`invalid propertyName ${singleQuoted(name)}`, causes);
  }
}
