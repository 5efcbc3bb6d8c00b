// SPDX-License-Identifier: Apache-2.0

import { BlockList, isIP } from 'node:net';

const REFUSED: BlockList = refused();

function refused(): BlockList {
  const list = new BlockList();
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('fe80::', 10, 'ipv6');
  // Metadata services outside the link-local ranges: AWS over IPv6, Alibaba Cloud, Oracle Cloud.
  list.addAddress('fd00:ec2::254', 'ipv6');
  list.addAddress('100.100.100.200', 'ipv4');
  list.addAddress('192.0.0.192', 'ipv4');
  return list;
}

/** Whether an address leads to the machine's own link or to a cloud's metadata service; names are never. */
export function isLinkLocal(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  return REFUSED.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
