// SPDX-License-Identifier: Apache-2.0

import { Budget, TemplateSet } from '@helm-operator/gotemplate';
import { createFunctions } from '../functions/index.ts';
import { DEFAULT_BUDGET, type RenderPorts } from './render.ts';

const NAME = 'name-template';

/**
 * The text a template without data gives (`--name-template`).
 *
 * Source: helm v3.22.0 pkg/action/install.go (TemplateName)
 * @throws {TemplateParseError | TemplateExecError} with Go's text
 * @throws {BudgetError} a budget is used up
 */
export function renderNameTemplate(text: string, ports: RenderPorts): string {
  const functions = createFunctions('helm3', ports.functions);
  const set = new TemplateSet({ name: NAME, functions, missingKey: 'default' });
  set.parse(NAME, text);
  return set.execute(NAME, null, {
    budget: new Budget(DEFAULT_BUDGET, ports.nowMs),
    state: undefined,
  });
}
