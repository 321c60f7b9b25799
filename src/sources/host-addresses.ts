import type { LocalRoute } from '../kernel/procfs/fib-trie.js';
import type { LocalAddresses } from '../engine/local-verdicts.js';
import { AddressSet } from '../model/address-set.js';
import type { Diagnostic } from '../model/diagnostics.js';
import { LOOPBACK_NETWORKS } from '../model/private-addresses.js';
import type { HostAddresses } from './source.js';

/**
 * The shortest prefix of a host's own addresses, that of `127.0.0.0/8`. Transparent proxies add `local 0.0.0.0/0` to a routing table
 * of their own. That route directs packets, and does not make the addresses the host's.
 */
const SHORTEST_LOCAL_PREFIX = 8;
/** The broadcast address that every network has. */
const LIMITED_BROADCAST = '255.255.255.255';

/** The notice that addresses may be missing. If others were given, they do not matter. */
export function addressNotices({ cut, given }: LocalAddresses & HostAddresses): Diagnostic[] {
  return cut === undefined || given !== undefined ? [] : [{ code: 'addresses-cut', ...cut }];
}

/** The addresses of a host, from its local routes. Loopback and the limited broadcast are added. @param groups as texts */
export function addressesOfRoutes(routes: readonly LocalRoute[], groups: readonly string[]): HostAddresses {
  return hostAddresses(textsOf(routes), groups, routes.some(isProxyRoute));
}

export function hostAddresses(
  own: readonly string[],
  groups: readonly string[],
  isTransparent: boolean,
): HostAddresses {
  return {
    isTransparent,
    own: new AddressSet([...own, ...LOOPBACK_NETWORKS]),
    groups: new AddressSet([...groups, LIMITED_BROADCAST]),
  };
}

export function textsOf(routes: readonly LocalRoute[]): string[] {
  return routes
    .filter((route) => !isProxyRoute(route))
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

export function isProxyRoute({ prefixLength }: LocalRoute): boolean {
  return prefixLength < SHORTEST_LOCAL_PREFIX;
}
