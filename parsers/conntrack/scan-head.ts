import { BYTE } from '../bytes.js';
import { type Cursor, NO_NUMBER, type Spelling, spelling } from '../cursor.js';
import { NAMED_PROTOCOLS, type ProtocolName, type TupleForm } from './protocols.js';

/** How the lines of a protocol start, and what they hold. */
export interface ScannedProtocol {
  readonly spelling: Spelling;
  /** Undefined where any number may stand behind the name. */
  readonly number: number | undefined;
  readonly form: TupleForm;
  readonly stateful: boolean;
}

/** The most frequent first. GRE is rare and takes further fields: it goes the long way. */
const NAMES = ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'udplite', 'dccp'] as const satisfies ProtocolName[];
const PROTOCOLS: readonly ScannedProtocol[] = [
  ...NAMES.map((name) => ({
    spelling: spelling(`${name} `),
    number: NAMED_PROTOCOLS[name].number,
    form: NAMED_PROTOCOLS[name].tuple,
    stateful: NAMED_PROTOCOLS[name].stateful,
  })),
  { spelling: spelling('unknown '), number: undefined, form: 'none', stateful: false },
];

const MAX_PROTOCOL_NUMBER = 255;
const IPV4 = spelling('ipv4 ');
const IPV6 = spelling('ipv6 ');
/** Behind the names of the families, as the kernel numbers them (`AF_INET`, `AF_INET6`). */
const AF_INET = 2;
const AF_INET6 = 10;
const SYN_SENT = spelling('SYN_SENT');

/** The family that a line's prefix names. */
export const FAMILY = { unnamed: 0, ipv4: 4, ipv6: 6, unread: -1 } as const;

/** One of {@link FAMILY}'s numbers. */
export type ScannedFamily = (typeof FAMILY)[keyof typeof FAMILY];

/** Reads the prefix `ipv4     2 `, where there is one; `unread` where it is none of the common ones. */
export function scanFamily(cursor: Cursor): ScannedFamily {
  const family = cursor.take(IPV4) ? FAMILY.ipv4 : cursor.take(IPV6) ? FAMILY.ipv6 : FAMILY.unnamed;
  if (family === FAMILY.unnamed) return family;
  cursor.takeBlanks();
  const number = cursor.small(AF_INET6);
  const agrees = number === (family === FAMILY.ipv4 ? AF_INET : AF_INET6);
  return agrees && cursor.takeBlanks() ? family : FAMILY.unread;
}

/** Reads a protocol's name, up to its number; undefined where it is none of the common ones. */
export function scanProtocolName(cursor: Cursor): ScannedProtocol | undefined {
  for (const protocol of PROTOCOLS) {
    if (!cursor.take(protocol.spelling)) continue;
    cursor.takeBlanks();
    return protocol;
  }
  return undefined;
}

/** Reads the number behind a protocol's name, or {@link NO_NUMBER} where the two do not agree. */
export function scanProtocolNumber(cursor: Cursor, protocol: ScannedProtocol): number {
  const value = cursor.small(MAX_PROTOCOL_NUMBER);
  const agrees = protocol.number === undefined || protocol.number === value;
  return agrees && cursor.takeBlanks() ? value : NO_NUMBER;
}

/** Passes over the timeout, where there is one, up to what follows; false where what is there is none. */
export function skipTimeout(cursor: Cursor): boolean {
  if (cursor.byte < BYTE.zero || cursor.byte > BYTE.nine) return true;
  return cursor.exact() !== NO_NUMBER && cursor.takeBlanks();
}

/** What stands where the state would: none, a name, or that of a connection being opened. */
export const STATE = { none: 0, named: 1, synSent: 2, unread: -1 } as const;

/** One of {@link STATE}'s numbers. */
export type ScannedState = (typeof STATE)[keyof typeof STATE];

/** Reads a name such as `ESTABLISHED`, where there is one, up to what follows. */
export function scanState(cursor: Cursor): ScannedState {
  if (!isUpperCase(cursor.byte)) return STATE.none;
  if (cursor.take(SYN_SENT) && cursor.takeBlanks()) return STATE.synSent;
  const { bytes } = cursor;
  let { at } = cursor;
  while (isStateByte(bytes[at] ?? 0)) at++;
  cursor.at = at;
  return cursor.takeBlanks() ? STATE.named : STATE.unread;
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isStateByte(byte: number): boolean {
  return isUpperCase(byte) || byte === BYTE.underscore || (byte >= BYTE.zero && byte <= BYTE.nine);
}
