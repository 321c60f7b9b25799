import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseFibTrie, type LocalRoute } from '../kernel/procfs/fib-trie.js';
import { parseIfInet6 } from '../kernel/procfs/if-inet6.js';
import type { ProcFs } from '../kernel/procfs/procfs.js';
import { AddressSet } from '../model/address-set.js';
import { LOOPBACK_NETWORKS } from '../model/private-addresses.js';
import type { AddressSource } from './source.js';

/**
 * The shortest prefix of a host's own addresses, that of `127.0.0.0/8`. Transparent proxies add `local 0.0.0.0/0` to a routing table
 * of their own. That route directs packets, and does not make the addresses the host's.
 */
const SHORTEST_LOCAL_PREFIX = 8;

/** The source of addresses that were given by hand. They never change. */
export function givenAddresses(addresses: AddressSet): AddressSource {
  return { name: 'the given addresses', dump: () => addresses };
}

/**
 * The addresses of every interface of a network namespace, from its `net/fib_trie` and `net/if_inet6`. If those are hidden for this
 * process's own namespace, the addresses come from `os.networkInterfaces()`.
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

/** The set of some local routes and the loopback addresses. */
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

/** Reads a file if it exists. Without IPv6 there is no `if_inet6`, and without IPv4 no `fib_trie`. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
