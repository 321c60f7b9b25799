import { DEFAULT_EPHEMERAL_PORTS, type PortRange } from '../engine/ports.js';

/** The setting of the ports that the kernel gives to openers, below `/proc/sys/`. */
export const EPHEMERAL_PORTS_FILE = 'net/ipv4/ip_local_port_range';

/** The range in the text of that setting (`32768\t60999`). The kernel's default if the text has none. */
export function ephemeralPortsOf(text: string): PortRange {
  const [, first, last] = /^(\d{1,5})\s+(\d{1,5})$/.exec(text.trim()) ?? [];
  return first === undefined || last === undefined
    ? DEFAULT_EPHEMERAL_PORTS
    : { first: Number(first), last: Number(last) };
}
