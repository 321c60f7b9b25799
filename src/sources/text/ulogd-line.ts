/** An event as ulogd's PRINTFLOW writes it (`ulogd_filter_PRINTFLOW`, after NFCT), wherever in a line it begins. */
const FLOW = /\[(NEW|UPDATE|DESTROY)\] ORIG: (SRC=.*?) , REPLY: (SRC=.*)$/;

/** The fields, by their names in lines of conntrack. ICMP has its code under TYPE and its type under CODE. */
const FIELDS: Readonly<Record<string, string>> = {
  SRC: 'src',
  DST: 'dst',
  SPT: 'sport',
  DPT: 'dport',
  TYPE: 'code',
  CODE: 'type',
  PKTS: 'packets',
  BYTES: 'bytes',
};

/** Names of protocols with their numbers, as ulogd knows them. */
const PROTOCOLS: Readonly<Record<string, readonly [name: string, number: number]>> = {
  TCP: ['tcp', 6],
  UDP: ['udp', 17],
  ICMP: ['icmp', 1],
  ICMPV6: ['icmpv6', 58],
  SCTP: ['sctp', 132],
};

/**
 * The same event as `conntrack -E` prints it. Undefined for a line of another kind, and for protocols that ulogd gives no ports or
 * names for.
 */
export function eventOfUlogd(line: string): string | undefined {
  const [, type = '', original = '', reply = ''] = FLOW.exec(line) ?? [];
  const protocol = PROTOCOLS[/ PROTO=(\w+)/.exec(original)?.[1]?.toUpperCase() ?? ''];
  if (protocol === undefined) return undefined;
  const [name, number] = protocol;
  const isIcmp = name.startsWith('icmp');
  return `[${type}] ${name.padEnd(8)} ${number} ${tuple(original, isIcmp)} ${tuple(reply, isIcmp)}`;
}

function tuple(text: string, isIcmp: boolean): string {
  const fields = new Map(
    [...text.matchAll(/(\w+)=(\S+)/g)].flatMap(([, key = '', value = '']) => {
      const name = FIELDS[key];
      return name === undefined ? [] : [[name, value] as const];
    }),
  );
  // The order of conntrack's lines. ulogd leaves out the identifier of an echo.
  if (isIcmp) fields.set('id', '0');
  const names = ['src', 'dst', ...(isIcmp ? ['type', 'code', 'id'] : ['sport', 'dport']), 'packets', 'bytes'];
  return names
    .flatMap((key) => {
      const value = fields.get(key);
      return value === undefined ? [] : [`${key}=${value}`];
    })
    .join(' ');
}
