// SPDX-License-Identifier: Apache-2.0

/** What the parser tells, one after another. */

export const STREAM_END_EVENT = 1;
export const DOCUMENT_START_EVENT = 2;
export const DOCUMENT_END_EVENT = 3;
export const ALIAS_EVENT = 4;
export const SCALAR_EVENT = 5;
export const SEQUENCE_START_EVENT = 6;
export const SEQUENCE_END_EVENT = 7;
export const MAPPING_START_EVENT = 8;
export const MAPPING_END_EVENT = 9;
