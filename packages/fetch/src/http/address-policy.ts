// SPDX-License-Identifier: Apache-2.0

/** Which addresses a URL of a user may lead to. */

import { lookup as lookupName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface AddressPolicy {
  /**
   * Whether `127.0.0.0/8`, `::1` and the unspecified addresses may be reached. True by default: a repository may run as a
   * sidecar, and one on the machine itself is how charts are tried. Switch it off where the authors of releases are not
   * trusted with what listens beside this process.
   */
  readonly mayUseLoopback: boolean;
  /** Whether link-local and metadata addresses may be reached. False by default. */
  readonly mayUseLinkLocal: boolean;
  /** Default: the resolver of this machine. */
  readonly lookup?: typeof lookupName | undefined;
}

export const DEFAULT_ADDRESS_POLICY: AddressPolicy = {
  mayUseLoopback: true,
  mayUseLinkLocal: false,
};

const LINK_LOCAL: BlockList = linkLocal();
const LOOPBACK: BlockList = loopback();

/** The machine's own link, where clouds keep their metadata services, and the services that stand elsewhere. */
function linkLocal(): BlockList {
  const list = new BlockList();
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('fe80::', 10, 'ipv6');
  // 169.254.0.0/16 behind NAT64 (RFC 6052, RFC 8215) and 6to4, and as it was once written in IPv6.
  list.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
  list.addSubnet('64:ff9b:1::a9fe:0', 112, 'ipv6');
  list.addSubnet('2002:a9fe::', 32, 'ipv6');
  list.addSubnet('::a9fe:0', 112, 'ipv6');
  // AWS and Google Cloud over IPv6, Alibaba Cloud, Oracle Cloud, Azure.
  list.addAddress('fd00:ec2::254', 'ipv6');
  list.addAddress('fd20:ce::254', 'ipv6');
  list.addAddress('100.100.100.200', 'ipv4');
  list.addAddress('192.0.0.192', 'ipv4');
  list.addAddress('168.63.129.16', 'ipv4');
  return list;
}

function loopback(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('0.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  list.addAddress('::', 'ipv6');
  return list;
}

/** A name led to forbidden addresses only. */
export class ForbiddenAddressError extends Error {
  readonly code = 'fetch/forbidden-address';
  readonly retry = 'terminal';
}

/** Whether an address must not be reached; names never are, `guardedLookup` judges what they stand for. */
export function isForbidden(address: string, policy: AddressPolicy): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (!policy.mayUseLinkLocal && LINK_LOCAL.check(address, family)) return true;
  return !policy.mayUseLoopback && LOOPBACK.check(address, family);
}

/** The look-up of the connection itself, so that no second answer of the name server can change what was checked. */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    const lookup = policy.lookup ?? lookupName;
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => !isForbidden(address, policy));
      const [first] = allowed;
      if (first === undefined) {
        return callback(
          new ForbiddenAddressError(`${hostname} has forbidden addresses only`),
          '',
          0,
        );
      }
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}
