// SPDX-License-Identifier: Apache-2.0

/**
 * A text that is not YAML as go-yaml understands it, or a value YAML cannot hold.
 *
 * `message` is Go's own text, line numbers included, since charts' users search for it.
 */
export class YamlError extends Error {
  readonly code = 'gocompat/yaml' as const;
  readonly retry = 'terminal' as const;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'YamlError';
  }
}

/** A `YamlError` with the prefix and, where known, the line go-yaml prints. `line` is 1-based; 0: none. */
export function yamlError(line: number, problem: string): YamlError {
  return new YamlError(line === 0 ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`);
}
