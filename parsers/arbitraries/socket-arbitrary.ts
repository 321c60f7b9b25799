import fc from 'fast-check';
import { SOCKET_STYLES, type SocketStyle } from '../socket/format-socket.js';
import {
  type SocketBase,
  type SocketEnd,
  type SocketEntry,
  type SocketState,
  TCP_STATE_NAMES,
} from '../socket/socket-entry.js';
import { ipAddress } from './ip-address.js';
import { counter, s32, u16, u32, u8 } from './numbers.js';

const PLAIN = { noNullPrototype: true } as const;

/**
 * Any row of a socket table of one style, or of any: sockets of every kind in the table, states with and without a
 * name, times and inodes to 2^64−1, IPv4-mapped addresses in IPv6 tables, unknown columns after the known ones.
 * `parse(format(entry, style))` is the same entry in either byte order.
 *
 * Only the columns at its end show a row's kind. So rows without `drops` and without TCP's columns have no unknown
 * columns or two to four. Shrinks towards an unbound socket.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(socketEntry('tcp6'), (entry) =>
 *     isDeepStrictEqual(parseSocketLine(formatSocketEntry(entry, 'tcp6')), entry),
 *   ),
 * );
 * ```
 */
export function socketEntry(style?: SocketStyle): fc.Arbitrary<SocketEntry> {
  if (style === undefined) return fc.oneof(...SOCKET_STYLES.map((each) => socketEntry(each)));
  const family = style.endsWith('6') ? 'ipv6' : 'ipv4';
  const kind = style.startsWith('tcp') ? tcpTail() : datagramTail();
  return fc.tuple(columns(family), fc.oneof(kind, bareTail())).map(([base, tail]) => ({ ...base, ...tail }));
}

function columns(family: SocketBase['family']): fc.Arbitrary<SocketBase> {
  const end: fc.Arbitrary<SocketEnd> = fc.record({ address: ipAddress(family), port: u16() }, PLAIN);
  const base = fc.record(
    {
      slot: u32(),
      family: fc.constant(family),
      local: end,
      remote: end,
      stateNumber: fc.oneof(fc.nat(13), u8()),
      txQueue: u32(),
      rxQueue: u32(),
      timer: fc.oneof(fc.nat(4), u32()),
      timerExpires: counter(),
      retransmits: u32(),
      uid: u32(),
      timeout: fc.oneof(s32(), u32()),
      inode: counter(),
      references: fc.oneof(s32(), u32()),
      pointer: fc.constantFrom(
        'eacf36c0',
        '00000000946961ce',
        'ffff8c7a0dee0000',
        '(____ptrval____)',
        '(ptrval)',
      ),
    },
    PLAIN,
  );
  return base.map((row): SocketBase => {
    const state: SocketState | undefined = TCP_STATE_NAMES[row.stateNumber];
    return state === undefined ? row : { ...row, state };
  });
}

type Tail = SocketEntry extends infer E
  ? E extends SocketEntry
    ? Omit<E, Exclude<keyof SocketBase, 'extra'>>
    : never
  : never;

function unknownColumns(minLength: number, maxLength: number): fc.Arbitrary<string[]> {
  const column = fc.oneof(fc.constantFrom('0', '-1', '[NEW]', 'key=5'), fc.stringMatching(/^[!-~]{1,8}$/));
  return fc.array(column, { minLength, maxLength });
}

function tcpTail(): fc.Arbitrary<Tail> {
  return fc.record(
    {
      kind: fc.constant('tcp' as const),
      rto: counter(),
      ato: counter(),
      quickAck: u32(),
      congestionWindow: u32(),
      slowStartThreshold: fc.oneof(s32(), u32()),
      extra: unknownColumns(1, 3),
    },
    { requiredKeys: ['kind', 'rto', 'ato', 'quickAck', 'congestionWindow', 'slowStartThreshold'], ...PLAIN },
  );
}

function datagramTail(): fc.Arbitrary<Tail> {
  return fc.record({ kind: fc.constant('datagram' as const), drops: fc.oneof(s32(), u32()) }, PLAIN);
}

function bareTail(): fc.Arbitrary<Tail> {
  return fc.record(
    { kind: fc.constant('bare' as const), extra: unknownColumns(2, 4) },
    { requiredKeys: ['kind'], ...PLAIN },
  );
}
