// SPDX-License-Identifier: Apache-2.0
import { BLOCK_END, FLOW_ENTRY, FLOW_MAPPING_END, KEY, VALUE } from './tokens.ts';

/** What the parser reads next; kept on a stack while a node inside is read. */

export const DOCUMENT_START_STATE = 1;
export const DOCUMENT_CONTENT_STATE = 2;
export const DOCUMENT_END_STATE = 3;
export const BLOCK_NODE_STATE = 4;
export const BLOCK_ENTRY_STATE = 5;
export const INDENTLESS_ENTRY_STATE = 6;
export const BLOCK_KEY_STATE = 7;
export const BLOCK_VALUE_STATE = 8;
export const FLOW_FIRST_ENTRY_STATE = 9;
export const FLOW_ENTRY_STATE = 10;
export const FLOW_PAIR_KEY_STATE = 11;
export const FLOW_PAIR_VALUE_STATE = 12;
export const FLOW_PAIR_END_STATE = 13;
export const FLOW_FIRST_KEY_STATE = 14;
export const FLOW_KEY_STATE = 15;
export const FLOW_VALUE_STATE = 16;
export const FLOW_EMPTY_VALUE_STATE = 17;
export const IMPLICIT_DOCUMENT_STATE = 18;

export function isKeyOrEnd(kind: number): boolean {
  return kind === KEY || kind === VALUE || kind === BLOCK_END;
}

export function isFlowKeyEnd(kind: number): boolean {
  return kind === VALUE || kind === FLOW_ENTRY || kind === FLOW_MAPPING_END;
}
