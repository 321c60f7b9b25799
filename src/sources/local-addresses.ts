import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseFibTrie, type LocalRoute } from '../kernel/procfs/fib-trie.js';
import { parseIfInet6 } from '../kernel/procfs/if-inet6.js';
import type { ProcFs } from '../kernel/procfs/procfs.js';
import { AddressSet } from '../model/address-set.js';
import { LOOPBACK_NETWORKS } from '../model/private-addresses.js';
import type { AddressSource } from './source.js';

/**
 * `127.0.0.0/8` is the shortest prefix that a host has of itself. Transparent proxies add `local 0.0.0.0/0` to a routing table of
 * their own: that says where packets go, not whose the addresses are.
 */
const SHORTEST_LOCAL_PREFIX = 8;

/** Addresses that were given by hand: they stay. */
export function givenAddresses(addresses: AddressSet): AddressSource {
  return { name: 'the given addresses', dump: () => addresses };
}

/**
 * The addresses of every interface of a network namespace, from its `net/fib_trie` and `net/if_inet6`; for this process's own
 * namespace, if those are hidden, as the system tells them.
 */
export function procfsAddresses(procfs: ProcFs): AddressSource {
  return {
    name: `${procfs.net('fib_trie')} and ${procfs.net('if_inet6')}`,
    dump() {
      const routes = parseFibTrie(readIfThere(procfs.net('fib_trie')));
      const addresses = [...textsOf(routes), ...parseIfInet6(readIfThere(procfs.net('if_inet6')))];
      return addressSet(addresses.length === 0 && procfs.isOwn ? systemAddresses() : addresses);
    },
  };
}

/** The set of some local routes, and of the loopback addresses, which every host has. */
export function localAddressSet(routes: readonly LocalRoute[]): AddressSet {
  return addressSet(textsOf(routes));
}

function textsOf(routes: readonly LocalRoute[]): string[] {
  return routes
    .filter(({ prefixLength }) => prefixLength >= SHORTEST_LOCAL_PREFIX)
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

function addressSet(addresses: readonly string[]): AddressSet {
  return new AddressSet([...addresses, ...LOOPBACK_NETWORKS]);
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address.replace(/%.*$/, ''));
}

/** Without IPv6 there is no `if_inet6`, without IPv4 no `fib_trie`: that is no error. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
