import { TOKEN, type TokenKind } from './tokens.js';

/** How a protocol that the kernel tracks by name looks in a line. */
interface NamedProtocol {
  readonly number: number;
  /** What follows the addresses in a tuple. */
  readonly tuple: 'ports' | 'icmp' | 'gre';
  readonly stateful: boolean;
}

/** The protocols with a name of their own in the kernel or in libnetfilter_conntrack. */
export const NAMED_PROTOCOLS = {
  tcp: { number: 6, tuple: 'ports', stateful: true },
  udp: { number: 17, tuple: 'ports', stateful: false },
  udplite: { number: 136, tuple: 'ports', stateful: false },
  sctp: { number: 132, tuple: 'ports', stateful: true },
  dccp: { number: 33, tuple: 'ports', stateful: true },
  icmp: { number: 1, tuple: 'icmp', stateful: false },
  icmpv6: { number: 58, tuple: 'icmp', stateful: false },
  gre: { number: 47, tuple: 'gre', stateful: false },
} as const satisfies Record<string, NamedProtocol>;

/** A key of {@link NAMED_PROTOCOLS}. */
export type ProtocolName = keyof typeof NAMED_PROTOCOLS;

/** Whether a name read from a line is one of {@link NAMED_PROTOCOLS}. */
export function isNamedProtocol(name: string): name is ProtocolName {
  return Object.hasOwn(NAMED_PROTOCOLS, name);
}

/** The keys that belong to a protocol's tuples, besides `src` and `dst`; elsewhere they are unknown fields. */
export const TUPLE_KEYS = {
  ports: [TOKEN.sport, TOKEN.dport],
  icmp: [TOKEN.type, TOKEN.code, TOKEN.id],
  gre: [TOKEN.srckey, TOKEN.dstkey, TOKEN.version, TOKEN.protocol],
  none: [],
} as const satisfies Record<string, readonly TokenKind[]>;

/** A key of {@link TUPLE_KEYS}. */
export type TupleForm = keyof typeof TUPLE_KEYS;
