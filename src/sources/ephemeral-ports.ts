import type { NetworkNamespace } from '../kernel/netlink/socket/namespace.js';
import { readNamespaceFiles } from '../kernel/netlink/socket/namespace-files.js';
import { DEFAULT_EPHEMERAL_PORTS, type PortRange } from '../engine/ports.js';

/** The setting of the ports that the kernel gives to openers, below `/proc/sys/`. */
export const EPHEMERAL_PORTS_FILE = 'net/ipv4/ip_local_port_range';

/**
 * The range in the text of that setting (`32768\t60999`); the kernel's default if the text has none. A range that was widened
 * downwards, as on busy proxies, makes no openers of the services there.
 */
export function ephemeralPortsOf(text: string): PortRange {
  const [, first, last] = /^(\d{1,5})\s+(\d{1,5})$/.exec(text.trim()) ?? [];
  return first === undefined || last === undefined
    ? DEFAULT_EPHEMERAL_PORTS
    : { first: Math.max(Number(first), DEFAULT_EPHEMERAL_PORTS.first), last: Number(last) };
}

/** The range of a network namespace; this process's own if it is undefined. */
export async function ephemeralPortsIn(namespace: NetworkNamespace | undefined): Promise<PortRange> {
  const [text = ''] = await readNamespaceFiles(namespace, [`sys/${EPHEMERAL_PORTS_FILE}`]);
  return ephemeralPortsOf(text);
}
