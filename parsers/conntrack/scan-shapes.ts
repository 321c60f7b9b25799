import { type Spelling, spelling } from '../cursor.js';
import { NAMED_PROTOCOLS, type TupleForm } from './protocols.js';

/** A key and the largest number allowed as its value, or {@link ADDRESS} or {@link TEXT}. */
export interface ScannedField {
  readonly key: Spelling;
  readonly max: number;
}

/** Stands in place of the largest number: the value is an address. */
export const ADDRESS: number = -1;
/** Stands in place of the largest number: the value is any text without blanks. */
export const TEXT: number = -2;

const U8 = 255;
const U16 = 65535;
const U32 = 4294967295;

function field(key: string, max: number): ScannedField {
  return { key: spelling(` ${key}=`), max };
}

const ENDS: readonly ScannedField[] = [field('src', ADDRESS), field('dst', ADDRESS)];

/** The fields of tuples, in the order in which kernels print them. */
export const TUPLES: Readonly<Record<TupleForm, readonly ScannedField[]>> = {
  ports: [...ENDS, field('sport', U16), field('dport', U16)],
  icmp: [...ENDS, field('type', U8), field('code', U8), field('id', U16)],
  none: ENDS,
  gre: [],
};

/** The fields after a tuple if accounting is on. */
export const COUNTERS: readonly ScannedField[] = [field('packets', Infinity), field('bytes', Infinity)];

/** The zone of both directions. */
export const ZONE: ScannedField = field('zone', U16);

/** The fields after the reply, the most frequent first. Only {@link ZONE} has an effect on a connection. */
export const REST: readonly ScannedField[] = [
  field('mark', U32),
  field('use', U32),
  ZONE,
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

/** All but GRE, which is rare and has optional fields. */
const NAMES = ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'udplite', 'dccp'] as const;

/** A protocol's name and number, the most frequent first. */
export const HEADS: readonly ScannedHead[] = NAMES.map((name) => {
  const { number, tuple, stateful } = NAMED_PROTOCOLS[name];
  return { text: spelling(`${name.padEnd(8)} ${number}`), protocolNumber: number, form: tuple, stateful };
});

/** The optional family and its number (`AF_INET`, `AF_INET6`) before the protocol. */
export const IPV4_PREFIX: Spelling = spelling('ipv4     2 ');
export const IPV6_PREFIX: Spelling = spelling('ipv6     10 ');

export const UNREPLIED: Spelling = spelling(' [UNREPLIED]');
export const SYN_SENT: Spelling = spelling(' SYN_SENT');
export const OFFLOAD: Spelling = spelling('[OFFLOAD]');
export const HW_OFFLOAD: Spelling = spelling('[HW_OFFLOAD]');
