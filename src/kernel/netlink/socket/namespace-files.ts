import { readFileSync } from 'node:fs';
import { loadLibC } from './libc.js';
import { insideNamespace, type NetworkNamespace } from './namespace.js';

/** The files of procfs that belong to the network namespace of the thread that opens them. */
const OWN_FILES = { net: '/proc/thread-self/net', sys: '/proc/sys' } as const;

/**
 * Reads small files of procfs, such as `net/igmp` or `sys/net/ipv4/ip_local_port_range`, as a network namespace has them. A file that
 * does not exist is empty.
 * @throws NetlinkError as `insideNamespace` does
 */
export async function readNamespaceFiles(
  namespace: NetworkNamespace | undefined,
  names: readonly string[],
): Promise<string[]> {
  const read = (): string[] => names.map((name) => readIfThere(pathOf(name)));
  return namespace === undefined ? read() : insideNamespace(await loadLibC(), namespace, read);
}

function pathOf(name: string): string {
  const [top, ...rest] = name.split('/');
  return [top === 'sys' ? OWN_FILES.sys : OWN_FILES.net, ...rest].join('/');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A kernel without IPv6 has no `igmp6`, and a container may hide `sys`. What depends on the file has a default.
    return '';
  }
}
