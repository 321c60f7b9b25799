import fc from 'fast-check';
import { formatIpAddress } from '../../parsers/address.js';
import { type Counter, counterFromBigint } from '../../parsers/counter.js';
import type { SocketStyle } from '../../parsers/socket/format.js';
import {
  type SocketBase,
  type SocketEnd,
  type SocketEntry,
  TCP_STATE_NAMES,
} from '../../parsers/socket/socket.js';

const u32 = fc.nat(0xffffffff);
const s32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const u64: fc.Arbitrary<Counter> = fc.oneof(
  fc.nat(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(counterFromBigint),
);
const pointer = fc.constantFrom('eacf36c0', '00000000946961ce', 'ffff8c7a0dee0000', '(____ptrval____)');

function end(family: SocketBase['family']): fc.Arbitrary<SocketEnd> {
  const size = family === 'ipv4' ? 4 : 16;
  const bytes = fc.oneof(
    fc.constant(new Uint8Array(size)),
    fc.uint8Array({ minLength: size, maxLength: size }),
  );
  return fc.record(
    { address: bytes.map((value) => formatIpAddress(value)), port: fc.nat(0xffff) },
    { noNullPrototype: true },
  );
}

function base(family: SocketBase['family']): fc.Arbitrary<SocketBase> {
  const columns = fc.record({
    slot: u32,
    family: fc.constant(family),
    local: end(family),
    remote: end(family),
    stateNumber: fc.oneof(fc.nat(13), fc.nat(255)),
    txQueue: u32,
    rxQueue: u32,
    timer: fc.nat(4),
    timerExpires: u64,
    retransmits: u32,
    uid: u32,
    timeout: s32,
    inode: u64,
    references: s32,
    pointer,
  });
  return columns.map((row) => {
    const state = TCP_STATE_NAMES[row.stateNumber];
    return state ? { ...row, state } : row;
  });
}

const word = fc.stringMatching(/^[!-~]{1,8}$/);
const tail = fc.oneof(
  fc.record({ kind: fc.constant('bare' as const) }),
  fc.record({ kind: fc.constant('bare' as const), extra: fc.array(word, { minLength: 2, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('datagram' as const), drops: s32 }),
  fc.record(
    {
      kind: fc.constant('tcp' as const),
      rto: u64,
      ato: u64,
      quickAck: u32,
      congestionWindow: u32,
      slowStartThreshold: s32,
      extra: fc.array(word, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['kind', 'rto', 'ato', 'quickAck', 'congestionWindow', 'slowStartThreshold'] },
  ),
);

/** Any row that a parser can meet, and a table that has room for it. */
export const socketRow: fc.Arbitrary<{ entry: SocketEntry; style: SocketStyle }> = fc
  .constantFrom<SocketStyle>('tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6')
  .chain((style) =>
    fc.record({
      entry: fc
        .tuple(base(style.endsWith('6') ? 'ipv6' : 'ipv4'), tail)
        .map(([row, end]) => ({ ...row, ...end })),
      style: fc.constant(style),
    }),
  );
