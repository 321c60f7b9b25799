import type { ConntrackProtocol } from './entry.js';
import { TOKEN, type TokenKind } from './tokens.js';

/** The form in a line of a protocol that the kernel tracks by name. */
interface NamedProtocol {
  readonly number: number;
  /** The kind of fields after the addresses in a tuple. */
  readonly tuple: Exclude<TupleForm, 'none'>;
  readonly stateful: boolean;
}

/** The protocols that have an entry type of their own. */
export type ProtocolName = Exclude<ConntrackProtocol, 'unknown'>;

/** The protocols with a name of their own in the kernel or in libnetfilter_conntrack. */
export const NAMED_PROTOCOLS: Readonly<Record<ProtocolName, NamedProtocol>> = {
  tcp: { number: 6, tuple: 'ports', stateful: true },
  udp: { number: 17, tuple: 'ports', stateful: false },
  udplite: { number: 136, tuple: 'ports', stateful: false },
  sctp: { number: 132, tuple: 'ports', stateful: true },
  dccp: { number: 33, tuple: 'ports', stateful: true },
  icmp: { number: 1, tuple: 'icmp', stateful: false },
  icmpv6: { number: 58, tuple: 'icmp', stateful: false },
  gre: { number: 47, tuple: 'gre', stateful: false },
};

/** True if a name read from a line is one of {@link NAMED_PROTOCOLS}. */
export function isNamedProtocol(name: string): name is ProtocolName {
  return Object.hasOwn(NAMED_PROTOCOLS, name);
}

/** The name of a protocol number; `unknown` if it is none of {@link NAMED_PROTOCOLS}. */
export function protocolOfNumber(number: number): ConntrackProtocol {
  for (const [name, protocol] of Object.entries(NAMED_PROTOCOLS)) {
    if (protocol.number === number && isNamedProtocol(name)) return name;
  }
  return 'unknown';
}

/** The keys of a protocol's tuples besides `src` and `dst`. In other protocols they are unknown fields. */
export const TUPLE_KEYS: Readonly<Record<TupleForm, readonly TokenKind[]>> = {
  ports: [TOKEN.sport, TOKEN.dport],
  icmp: [TOKEN.type, TOKEN.code, TOKEN.id],
  gre: [TOKEN.srckey, TOKEN.dstkey, TOKEN.version, TOKEN.protocol],
  none: [],
};

/** The kind of fields after the addresses of a tuple. */
export type TupleForm = 'ports' | 'icmp' | 'gre' | 'none';
