// SPDX-License-Identifier: Apache-2.0

/** A text that is no TOML, or a value that has no TOML form; the message is BurntSushi/toml's where it is known. */
export class TomlError extends Error {
  readonly code = 'gocompat/toml';
  readonly retry = 'terminal';
}

/** A value at which BurntSushi/toml panics; the message is Go's. */
export class TomlPanicError extends Error {
  readonly code = 'gocompat/toml-panic';
  readonly retry = 'terminal';
}
