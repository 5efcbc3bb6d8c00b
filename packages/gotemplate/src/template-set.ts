// SPDX-License-Identifier: Apache-2.0

import type { Value } from '@helm-operator/gocompat';
import type { FunctionTable, Run } from './function-table.ts';

/** What a map key that is not there means; `default` and `invalid` are one. */
export type MissingKey = 'default' | 'invalid' | 'zero' | 'error';

/** How a set is made. */
export interface TemplateSetOptions {
  readonly functions: FunctionTable;
  readonly missingKey?: MissingKey | undefined;
  /** Name of the set's root (`gotpl` in Helm): appears in `no template "x" associated with template "NAME"`. */
  readonly name?: string | undefined;
}

/** Templates that can call each other by name: Go's one associated set. */
export class TemplateSet {
  constructor(_options: TemplateSetOptions) {}
  parse(_name: string, _text: string): void {}
  clone(_overrides: Partial<TemplateSetOptions> = {}): TemplateSet {
    return this;
  }
  has(_name: string): boolean {
    return false;
  }
  names(): readonly string[] {
    return [];
  }
  execute(_name: string, _data: Value, _run: Run): string {
    return '';
  }
}
