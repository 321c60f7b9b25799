/** The fields of one direction, as ulogd's PRINTFLOW writes them (`ulogd_filter_PRINTFLOW`, after NFCT). */
const DIRECTION = String.raw`SRC=(\S+) DST=(\S+) PROTO=(\w+) (?:SPT=(\d+) DPT=(\d+) |TYPE=(\d+) CODE=(\d+) )PKTS=(\d+) BYTES=(\d+) `;
/** A whole event, up to the blank at the end of its line. What a program puts in front of it has no bracket. */
const FLOW = new RegExp(
  `^[^\\[]*(?:\\[\\d+\\]: ?)?\\[(NEW|UPDATE|DESTROY)\\] ORIG: ${DIRECTION}, REPLY: ${DIRECTION}$`,
);
const FIELDS = 9;

/** Names of protocols with their numbers, as ulogd knows them. */
const PROTOCOLS: Readonly<Record<string, readonly [name: string, number: number]>> = {
  TCP: ['tcp', 6],
  UDP: ['udp', 17],
  ICMP: ['icmp', 1],
  ICMPV6: ['icmpv6', 58],
  SCTP: ['sctp', 132],
};

/**
 * The same event as `conntrack -E` prints it. Undefined for any other line, for a cut one, and for protocols that ulogd gives no ports
 * or names for.
 */
export function eventOfUlogd(line: string): string | undefined {
  const [, type, ...fields] = FLOW.exec(line.replace(/\r$/, '')) ?? [];
  if (type === undefined) return undefined;
  const [original, reply] = [fields.slice(0, FIELDS), fields.slice(FIELDS)];
  const protocol = PROTOCOLS[original[2]?.toUpperCase() ?? ''];
  if (protocol === undefined || original[2] !== reply[2]) return undefined;
  const [name, number] = protocol;
  return `[${type}] ${name.padEnd(8)} ${number} ${tuple(original)} ${tuple(reply)}`;
}

/** One direction in the order of conntrack. */
function tuple(fields: readonly (string | undefined)[]): string {
  const [source = '', destination = '', , sourcePort, destinationPort, type, code, packets = '', bytes = ''] =
    fields;
  // ulogd has the code of ICMP under TYPE and the type under CODE, and leaves out the identifier of an echo.
  const ends =
    sourcePort === undefined
      ? `type=${code ?? ''} code=${type ?? ''} id=0`
      : `sport=${sourcePort} dport=${destinationPort ?? ''}`;
  return `src=${source} dst=${destination} ${ends} packets=${packets} bytes=${bytes}`;
}
