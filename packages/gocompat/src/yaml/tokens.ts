// SPDX-License-Identifier: Apache-2.0

export const STREAM_END = 1;
export const VERSION_DIRECTIVE = 2;
export const TAG_DIRECTIVE = 3;
export const DOCUMENT_START = 4;
export const DOCUMENT_END = 5;
export const BLOCK_SEQUENCE_START = 6;
export const BLOCK_MAPPING_START = 7;
export const BLOCK_END = 8;
export const FLOW_SEQUENCE_START = 9;
export const FLOW_SEQUENCE_END = 10;
export const FLOW_MAPPING_START = 11;
export const FLOW_MAPPING_END = 12;
export const BLOCK_ENTRY = 13;
export const FLOW_ENTRY = 14;
export const KEY = 15;
export const VALUE = 16;
export const ALIAS = 17;
export const ANCHOR = 18;
export const TAG = 19;
export const SCALAR = 20;

/** How a scalar stands in its text. */
export const PLAIN_STYLE = 0;
/** A scalar in single quotes. */
export const SINGLE_QUOTED_STYLE = 1;
export const DOUBLE_QUOTED_STYLE = 2;
export const LITERAL_STYLE = 3;
export const FOLDED_STYLE = 4;

/** What the scanner cuts a text into. */
export class Token {
  readonly kind: number;
  /** 0-based, where the token starts. */
  readonly line: number;
  /** Scalar text; name of an anchor or alias; handle of a tag or tag directive; a version `1.1`. */
  readonly value: string;
  /** Suffix of a tag, prefix of a tag directive. */
  readonly suffix: string;
  /** A scalar without quotes that is no block scalar. */
  readonly isPlain: boolean;
  /** Place in the text; known where comments are kept. */
  start = 0;
  style: number = PLAIN_STYLE;

  constructor(kind: number, line: number, value: string, suffix: string, isPlain: boolean) {
    this.kind = kind;
    this.line = line;
    this.value = value;
    this.suffix = suffix;
    this.isPlain = isPlain;
  }
}
