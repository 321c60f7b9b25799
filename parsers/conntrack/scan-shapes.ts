import { type Spelling, spelling } from '../cursor.js';
import { NAMED_PROTOCOLS, type TupleForm } from './protocols.js';

/** A key, and the largest number that may stand behind it; {@link ADDRESS} where that is an address. */
export interface ScannedField {
  readonly key: Spelling;
  readonly max: number;
}

/** In place of the largest number: an address. */
export const ADDRESS: number = -1;
/** In place of the largest number: any text without blanks. */
export const TEXT: number = -2;

const U8 = 255;
const U16 = 65535;
const U32 = 4294967295;

function field(key: string, max: number): ScannedField {
  return { key: spelling(` ${key}=`), max };
}

const ENDS: readonly ScannedField[] = [field('src', ADDRESS), field('dst', ADDRESS)];

/** What tuples hold, in the order in which kernels print it. */
export const TUPLES: Readonly<Record<TupleForm, readonly ScannedField[]>> = {
  ports: [...ENDS, field('sport', U16), field('dport', U16)],
  icmp: [...ENDS, field('type', U8), field('code', U8), field('id', U16)],
  none: ENDS,
  gre: [],
};

/** What stands behind a tuple where accounting is on. */
export const COUNTERS: readonly ScannedField[] = [field('packets', Infinity), field('bytes', Infinity)];

/** What may stand behind the reply and changes nothing about a connection, the most frequent first. */
export const REST: readonly ScannedField[] = [
  field('mark', U32),
  field('use', U32),
  field('zone', U32),
  field('id', U32),
  field('delta-time', Infinity),
  field('secctx', TEXT),
  field('helper', TEXT),
];

/** The beginning of a line, as kernels and libnetfilter_conntrack print it (`%-8s %u`). */
export interface ScannedHead {
  readonly text: Spelling;
  readonly protocolNumber: number;
  readonly form: TupleForm;
  readonly stateful: boolean;
}

/** GRE aside, which is rare and takes optional fields. */
const NAMES = ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'udplite', 'dccp'] as const;

/** A protocol's name and number, the most frequent first. */
export const HEADS: readonly ScannedHead[] = NAMES.map((name) => {
  const { number, tuple, stateful } = NAMED_PROTOCOLS[name];
  return { text: spelling(`${name.padEnd(8)} ${number}`), protocolNumber: number, form: tuple, stateful };
});

/** What may stand before it: the family and its number (`AF_INET`, `AF_INET6`). */
export const IPV4_PREFIX: Spelling = spelling('ipv4     2 ');
export const IPV6_PREFIX: Spelling = spelling('ipv6     10 ');

export const UNREPLIED: Spelling = spelling(' [UNREPLIED]');
export const SYN_SENT: Spelling = spelling(' SYN_SENT');
