import { encodeAddress } from './row.js';
import type { ByteOrder, SocketBase, SocketEnd, SocketEntry } from './socket-entry.js';

/** The table, by its name in `/proc/net`, whose layout a row gets. Linux 7.1 removed `udplite` and `udplite6`. */
export type SocketStyle = 'tcp' | 'tcp6' | 'udp' | 'udp6' | 'udplite' | 'udplite6' | 'raw' | 'raw6';

/** The widths of one row, as {@link socketLayoutOf} finds them. They differ between kernels and between copies. */
export interface SocketLayout {
  /** Width of the `sl` column in characters. Early 2.6 kernels gave UDP rows 4, like TCP rows. */
  slotWidth: number;
  /** Width of the row in characters, trailing blanks included. Copies often lack those blanks. */
  lineWidth: number;
}

/** Options for printing the rows of a socket table. */
export interface SocketFormatOptions {
  /** Byte order of the host to print for; `little` by default. */
  byteOrder?: ByteOrder;
  /** The widths to pad to; those of current kernels by default. */
  layout?: SocketLayout;
}

/**
 * `sl` is `%4d` in the tables of TCP and in `raw`, and `%5d` in the others (`ip6_dgram_sock_seq_show` prints `raw6`).
 * `seq_setwidth` pads the rows of TCP and UDP over IPv4 (`TMPSZ - 1` in `tcp_ipv4.c`, 127 in `udp.c`).
 */
const LAYOUTS = {
  tcp: { family: 'ipv4', slotWidth: 4, lineWidth: 149 },
  tcp6: { family: 'ipv6', slotWidth: 4, lineWidth: 0 },
  udp: { family: 'ipv4', slotWidth: 5, lineWidth: 127 },
  udp6: { family: 'ipv6', slotWidth: 5, lineWidth: 0 },
  udplite: { family: 'ipv4', slotWidth: 5, lineWidth: 127 },
  udplite6: { family: 'ipv6', slotWidth: 5, lineWidth: 0 },
  raw: { family: 'ipv4', slotWidth: 4, lineWidth: 0 },
  raw6: { family: 'ipv6', slotWidth: 5, lineWidth: 0 },
} as const satisfies Record<SocketStyle, SocketLayout & { family: SocketBase['family'] }>;

/** Every {@link SocketStyle}. */
export const SOCKET_STYLES: readonly SocketStyle[] = Object.keys(LAYOUTS) as SocketStyle[];

/**
 * The widths of a row. With them {@link formatSocketEntry} prints the row of any kernel again byte for byte.
 * If the line is no row, the widths mean nothing.
 */
export function socketLayoutOf(line: string): SocketLayout {
  const row = line.replace(/\r?\n?$/, '');
  return { slotWidth: Math.max(0, row.indexOf(':')), lineWidth: row.length };
}

/**
 * Prints the row, without its newline, as current kernels do in
 * `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}` (`get_tcp4_sock`, `get_timewait4_sock`, `udp4_format_sock`,
 * `raw_sock_seq_show` and their IPv6 counterparts).
 *
 * @throws RangeError if an address does not fit the style's family
 */
export function formatSocketEntry(
  entry: SocketEntry,
  style: SocketStyle,
  options: SocketFormatOptions = {},
): string {
  const { family } = LAYOUTS[style];
  const { slotWidth, lineWidth } = options.layout ?? LAYOUTS[style];
  const end = ({ address, port }: SocketEnd): string =>
    `${encodeAddress(address, family, options.byteOrder ?? 'little')}:${hex(port, 4)}`;
  const row = [
    `${String(entry.slot).padStart(slotWidth)}:`,
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
  return row.join(' ').padEnd(lineWidth);
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
