/**
 * The tests' own reader of /proc/net/nf_conntrack: finds one connection's line by its original tuple and takes the counters
 * off it. It shares nothing with the parser under test, on purpose, and knows only the lines that these tests make.
 */

/** A connection as its first packet had it. Addresses in any notation; no ports for protocols without. */
export interface Connection {
  protocol: string;
  source: string;
  destination: string;
  sourcePort?: number;
  destinationPort?: number;
}

export interface Traffic {
  packets: number;
  bytes: number;
}

/** Both directions as the kernel counted them. */
export interface Counted {
  original: Traffic;
  reply: Traffic;
}

/** The kernel writes all 32 digits of an IPv6 address. */
function asTheKernelWrites(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(':');
}

export function lineOf(table: string, connection: Connection): string {
  const { protocol, source, destination, sourcePort, destinationPort } = connection;
  const ports = sourcePort === undefined ? '' : ` sport=${sourcePort} dport=${destinationPort ?? 0}`;
  const tuple = `src=${asTheKernelWrites(source)} dst=${asTheKernelWrites(destination)}${ports} `;
  const lines = table.split('\n').filter((line) => {
    return (
      new RegExp(`^ipv[46] +\\d+ ${protocol} `).test(line) && line.indexOf(tuple) === line.indexOf('src=')
    );
  });
  const [line] = lines;
  if (line === undefined || lines.length > 1) {
    throw new Error(`${lines.length} lines of ${protocol} ${tuple}in the table:\n${table}`);
  }
  return line;
}

export function countersOf(table: string, connection: Connection): Counted {
  const line = lineOf(table, connection);
  const [original, reply] = [...line.matchAll(/packets=(\d+) bytes=(\d+)/g)].map(([, packets, bytes]) => ({
    packets: Number(packets),
    bytes: Number(bytes),
  }));
  if (original === undefined || reply === undefined) throw new Error(`no counters in ${line}`);
  return { original, reply };
}

/** The table without what changes by itself: the order of the lines, timeouts, ages, references held. */
export function atRest(table: string): string {
  return table
    .split('\n')
    .map((line) => line.replace(/^(\S+ +\d+ \S+ +\d+) \d+ /, '$1 ').replace(/ delta-time=\d+| use=\d+$/g, ''))
    .sort()
    .join('\n');
}
