// SPDX-License-Identifier: Apache-2.0
export {
  Budget,
  BudgetError,
  type BudgetLimitName,
  type BudgetLimits,
  DepthLimitError,
  ElementLimitError,
  OutputLimitError,
  StackLimitError,
  StepLimitError,
  TimeLimitError,
} from './budget.ts';
export { TemplateExecError, TemplateNotFoundError, TemplateParseError } from './errors.ts';
export {
  defineFunction,
  type FunctionTable,
  type Place,
  type Run,
  type TemplateFunction,
} from './function-table.ts';
export {
  type ActionNode,
  type BranchNode,
  type Node,
  type OperandNode,
  type PipeNode,
  printNode,
  type Source,
} from './node.ts';
export { placeOf, type RunObserver, type SourcePlace, type Statement } from './observer.ts';
export type { ParsedText } from './parsed-text.ts';
export { type MissingKey, TemplateSet, type TemplateSetOptions } from './template-set.ts';
