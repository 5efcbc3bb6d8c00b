// SPDX-License-Identifier: Apache-2.0

/** Structured logs: a constant message and fields. What is a secret has been masked before it gets here. */

import { pino } from 'pino';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warning: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
  /** A logger whose lines carry these fields, too. */
  readonly with: (fields: LogFields) => Logger;
}

export interface LoggerOptions {
  readonly format: 'fmt' | 'json';
  readonly write: (line: string) => void;
  /** ISO 8601. */
  readonly now: () => string;
}

/** `json` through pino; `fmt` as the old operator printed: `ts=… component=… info="…"`. */
export function createLogger(options: LoggerOptions): Logger {
  return options.format === 'json' ? jsonLogger(options) : fmtLogger(options, {});
}

function jsonLogger({ write, now }: LoggerOptions): Logger {
  const root = pino(
    {
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${now()}"`,
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
    },
    { write },
  );
  const wrap = (logger: pino.Logger): Logger => ({
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warning: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => wrap(logger.child(fields)),
  });
  return wrap(root);
}

function fmtLogger(options: LoggerOptions, bound: LogFields): Logger {
  const line =
    (severity: string) =>
    (message: string, fields: LogFields = {}) => {
      const parts = Object.entries({ ...bound, ...fields })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}=${quoted(String(value))}`);
      options.write(
        `ts=${options.now()} ${[...parts, `${severity}=${quoted(message)}`].join(' ')}\n`,
      );
    };
  return {
    debug: () => undefined,
    info: line('info'),
    warning: line('warning'),
    error: line('error'),
    with: (fields) => fmtLogger(options, { ...bound, ...fields }),
  };
}

function quoted(text: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
