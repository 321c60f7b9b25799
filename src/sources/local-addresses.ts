import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseFibTrie } from '../kernel/procfs/fib-trie.js';
import { parseIfInet6 } from '../kernel/procfs/if-inet6.js';
import { parseIpv6Routes } from '../kernel/procfs/ipv6-route.js';
import { readLongFile } from '../kernel/procfs/long-file.js';
import { parseIgmp, parseIgmp6 } from '../kernel/procfs/multicast-groups.js';
import type { ProcFs } from '../kernel/procfs/procfs.js';
import { hostAddresses, isProxyRoute, textsOf } from './host-addresses.js';
import { SourceFailure, type AddressSource } from './source.js';

/** The most that is read of a routing table: some 40,000 routes, in half a second. */
const MOST_BYTES = 4 * 1024 * 1024;
/** The kernel gives a table that is not longer at once. */
const PAGE_BYTES = 4096;
/** The largest share of the time that looks at the files may take. */
const MOST_SHARE = 0.02;
/** The most readings of a table that changes meanwhile. */
const MOST_READINGS = 5;

/**
 * The addresses of a network namespace, from files of its `net/`. Those of this process's own interfaces come from
 * `os.networkInterfaces()` as well, as the files may be hidden, or too long to be read to their end.
 */
export function procfsAddresses(procfs: ProcFs): AddressSource {
  return {
    name: `${procfs.net('fib_trie')} and ${procfs.net('if_inet6')}`,
    dump() {
      const { processDirectory } = procfs;
      if (processDirectory !== undefined && !existsSync(processDirectory))
        throw new SourceFailure({
          code: 'conntrack-failed',
          path: processDirectory,
          reason: 'no such process',
        });
      const { own, groups, isTransparent, cut } = readTexts(procfs);
      const addresses = hostAddresses(own, groups, isTransparent);
      return cut === undefined ? addresses : { ...addresses, cut: { path: cut, isOwn: procfs.isOwn } };
    },
    follow(onChange) {
      // The files report no changes, so each look reads them again.
      // A long routing table takes its time, so it is read the less often the longer that is.
      let notBefore = 0;
      const read = (): string => {
        const before = performance.now();
        const texts = JSON.stringify(readTexts(procfs));
        notBefore = before + (performance.now() - before) / MOST_SHARE;
        return texts;
      };
      let known = read();
      const look = (): void => {
        if (performance.now() < notBefore) return;
        // Of a process that is gone nothing can be read.
        if (procfs.processDirectory !== undefined && !existsSync(procfs.processDirectory)) return;
        const now = read();
        if (now !== known) onChange();
        known = now;
      };
      return Promise.resolve({ look, close: () => Promise.resolve() });
    },
  };
}

/** The addresses of a host, as texts from which sets are made. */
interface AddressTexts {
  own: string[];
  groups: string[];
  isTransparent: boolean;
  /** The path of a table that was not read to its end. */
  cut: string | undefined;
}

function readTexts(procfs: ProcFs): AddressTexts {
  const own = new Set<string>(procfs.isOwn ? systemAddresses() : []);
  const groups = new Set<string>();
  let isTransparent = false;
  const read = (name: string): string => readLongFile(procfs.net(name), MOST_BYTES).text;
  for (const address of parseIfInet6(read('if_inet6'))) own.add(address);
  for (const group of [...parseIgmp(read('igmp')), ...parseIgmp6(read('igmp6'))]) groups.add(group);
  const cut = [
    readChanging(procfs.net('fib_trie'), (text) => {
      const { local, broadcasts } = parseFibTrie(text);
      isTransparent ||= local.some(isProxyRoute);
      for (const route of textsOf(local)) own.add(route);
      for (const broadcast of broadcasts) groups.add(broadcast);
      return own.size + groups.size;
    }),
    readChanging(procfs.net('ipv6_route'), (text) => {
      const local = parseIpv6Routes(text);
      isTransparent ||= local.some(isProxyRoute);
      for (const route of textsOf(local)) own.add(route);
      return own.size;
    }),
  ];
  return { own: [...own], groups: [...groups], isTransparent, cut: cut.find((path) => path !== undefined) };
}

/**
 * Reads a table until another reading adds nothing: while routes change, one reading may miss some of the others.
 * @param take takes the text of a reading, and returns how much is known
 * @returns the path, if the table is too long
 */
function readChanging(path: string, take: (text: string) => number): string | undefined {
  let known = -1;
  for (let readings = 0; readings < MOST_READINGS; readings++) {
    const { text, isWhole } = readLongFile(path, MOST_BYTES);
    const now = take(text);
    if (!isWhole) return path;
    if (text.length < PAGE_BYTES || now === known) return undefined;
    known = now;
  }
  return undefined;
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address.replace(/%.*$/, ''));
}
