/** IANA names of protocols that the kernel tracks without naming them (`unknown  50`), as in /etc/protocols. */
const IANA_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipip'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmpv6'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

/** The label of a protocol in listings: its name, or its number if it has no well-known name. */
export function protocolLabel(protocol: string, protocolNumber: number): string {
  return protocol === 'unknown' ? (IANA_NAMES.get(protocolNumber) ?? String(protocolNumber)) : protocol;
}

/** The label of a protocol that a user typed, as a name in any case or as a number. */
export function protocolLabelOf(nameOrNumber: string): string {
  const name = nameOrNumber.toLowerCase();
  if (name === 'ipv6-icmp' || name === 'icmp6') return 'icmpv6';
  return /^[0-9]+$/.test(name) ? protocolLabel('unknown', Number(name)) : name;
}

/** True if a listing can show a protocol under this label. */
export function isProtocolLabel(label: string): boolean {
  return (/^[0-9]{1,3}$/.test(label) && Number(label) < 256) || [...IANA_NAMES.values()].includes(label);
}
