// SPDX-License-Identifier: Apache-2.0

/** An object that is not what its dialect asks for. The message names the object, the field and the mend. */
export class DecodeError extends Error {
  readonly code = 'api/decode';
  readonly retry = 'terminal';
  readonly field: string;
  constructor(object: string, field: string, mend: string) {
    super(`${object}: ${field} ${mend}`);
    this.name = 'DecodeError';
    this.field = field;
  }
}
