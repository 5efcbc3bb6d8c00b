// SPDX-License-Identifier: Apache-2.0

/** A schema that cannot be used: not JSON, not a schema, or referring to what is not there. */
export class JsonSchemaError extends Error {
  readonly code = 'gocompat/json-schema' as const;
  readonly retry = 'terminal' as const;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JsonSchemaError';
  }
}
