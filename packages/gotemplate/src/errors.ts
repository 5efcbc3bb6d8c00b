// SPDX-License-Identifier: Apache-2.0

/** The text of a template is not in the language. `message` equals Go's. Code `gotemplate/parse`. */
export class TemplateParseError extends Error {
  readonly code = 'gotemplate/parse';
  readonly retry = 'terminal';
  /** Name given to `parse`, and the line (from 1) of the token at fault. */
  readonly templateName: string;
  readonly line: number;
  constructor(message: string, at: { readonly templateName: string; readonly line: number }) {
    super(message);
    this.name = 'TemplateParseError';
    this.templateName = at.templateName;
    this.line = at.line;
  }
}

/**
 * Executing a template failed. `message` equals Go's `template.ExecError`; `cause` is the error of the function that
 * failed, where one did: walking `cause` is walking Go's `Unwrap`. Code `gotemplate/exec`.
 */
export class TemplateExecError extends Error {
  readonly code = 'gotemplate/exec';
  readonly retry = 'terminal';
  readonly templateName: string;
  constructor(message: string, templateName: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TemplateExecError';
    this.templateName = templateName;
  }
}

/** No template of that name is in the set. `message` equals Go's. Code `gotemplate/not-found`. */
export class TemplateNotFoundError extends Error {
  readonly code = 'gotemplate/not-found';
  readonly retry = 'terminal';
  readonly templateName: string;
  constructor(message: string, templateName: string) {
    super(message);
    this.name = 'TemplateNotFoundError';
    this.templateName = templateName;
  }
}
