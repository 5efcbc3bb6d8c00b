// SPDX-License-Identifier: Apache-2.0

import { type GoType, Typed, types } from '@helm-operator/gocompat';

/** Sprig's `certificate` struct: what `genCA` gives and `genSignedCert` takes. */
export const certificateType: GoType = {
  kind: 'struct',
  name: 'sprig.certificate',
  fields: [
    { name: 'Cert', type: types.string },
    { name: 'Key', type: types.string },
  ],
};

/** A certificate and its key, both PEM. */
export function certificate(cert: string, key: string): Typed {
  return new Typed(
    certificateType,
    new Map([
      ['Cert', cert],
      ['Key', key],
    ]),
  );
}

/** A field of a `certificate`; "" where it is not set. */
export function certificateField(value: Typed, field: 'Cert' | 'Key'): string {
  const text = value.data instanceof Map ? value.data.get(field) : undefined;
  return typeof text === 'string' ? text : '';
}
