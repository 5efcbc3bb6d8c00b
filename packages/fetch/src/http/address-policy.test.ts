// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ADDRESS_POLICY, isForbidden } from './address-policy.ts';

test('every way to write an address of the link or of metadata', () => {
  const forbidden = [
    '169.254.0.1',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ];
  const allowed = ['10.0.0.1', '127.0.0.1', '::1', '169.253.1.1', '192.168.0.1', '2001:db8::1'];
  const linkLocal = { ...DEFAULT_ADDRESS_POLICY, mayUseLinkLocal: true };
  for (const address of forbidden) {
    assert.equal(isForbidden(address, DEFAULT_ADDRESS_POLICY), true, address);
    assert.equal(isForbidden(address, linkLocal), false, address);
  }
  for (const address of allowed)
    assert.equal(isForbidden(address, DEFAULT_ADDRESS_POLICY), false, address);
  const noLoopback = { ...DEFAULT_ADDRESS_POLICY, mayUseLoopback: false };
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1'])
    assert.equal(isForbidden(address, noLoopback), true, address);
});
