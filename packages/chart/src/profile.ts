// SPDX-License-Identifier: Apache-2.0

/** Which Helm a rendering follows where they differ: 3.22.0 or 4.2.1. */
export type Profile = 'helm3' | 'helm4';
