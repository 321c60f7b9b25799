import { encodeAddress } from './address-words.js';
import type { ByteOrder, SocketBase, SocketEnd, SocketEntry } from './socket.js';

/** The table whose layout a row gets. `udplite` and `udplite6` look like the UDP tables. */
export type SocketStyle = 'tcp' | 'tcp6' | 'udp' | 'udp6';

/** How to print the rows of a socket table. */
export interface SocketFormatOptions {
  /** Of the host to print for; `little` by default. */
  byteOrder?: ByteOrder;
}

/** `sl` is `%4d` for TCP and `%5d` for UDP; `seq_setwidth` pads the IPv4 tables (`TMPSZ - 1` in `tcp_ipv4.c`, 127 in `udp.c`). */
const LAYOUTS = {
  tcp: { family: 'ipv4', slotWidth: 4, lineWidth: 149 },
  tcp6: { family: 'ipv6', slotWidth: 4, lineWidth: 0 },
  udp: { family: 'ipv4', slotWidth: 5, lineWidth: 127 },
  udp6: { family: 'ipv6', slotWidth: 5, lineWidth: 0 },
} as const satisfies Record<
  SocketStyle,
  { family: SocketBase['family']; slotWidth: number; lineWidth: number }
>;

/**
 * The row, without its newline, as today's kernels print it in `/proc/net/{tcp,tcp6,udp,udp6}`
 * (`get_tcp4_sock`, `get_timewait4_sock`, `udp4_format_sock` and their IPv6 counterparts).
 *
 * @throws RangeError where an address does not fit the style's family
 */
export function formatSocketEntry(
  entry: SocketEntry,
  style: SocketStyle,
  options: SocketFormatOptions = {},
): string {
  const layout = LAYOUTS[style];
  const end = ({ address, port }: SocketEnd): string =>
    `${encodeAddress(address, layout.family, options.byteOrder ?? 'little')}:${hex(port, 4)}`;
  const row = [
    `${String(entry.slot).padStart(layout.slotWidth)}:`,
    end(entry.local),
    end(entry.remote),
    hex(entry.stateNumber, 2),
    `${hex(entry.txQueue, 8)}:${hex(entry.rxQueue, 8)}`,
    `${hex(entry.timer, 2)}:${hex(entry.timerExpires, 8)}`,
    hex(entry.retransmits, 8),
    String(entry.uid).padStart(5),
    String(entry.timeout).padStart(8),
    entry.inode,
    entry.references,
    entry.pointer,
    ...tail(entry),
    ...(entry.extra ?? []),
  ];
  return row.join(' ').padEnd(layout.lineWidth);
}

function tail(entry: SocketEntry): (number | bigint)[] {
  switch (entry.kind) {
    case 'tcp':
      return [entry.rto, entry.ato, entry.quickAck, entry.congestionWindow, entry.slowStartThreshold];
    case 'datagram':
      return [entry.drops];
    case 'bare':
      return [];
  }
}

function hex(value: number | bigint, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}
