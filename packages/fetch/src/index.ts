// SPDX-License-Identifier: Apache-2.0
export { FetchError, type FetchErrorCode, printUrl } from './errors.ts';
export { type FetchRequest, type FetchResult, fetchBytes } from './http/http.ts';
