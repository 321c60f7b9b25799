import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeAttributes, type Attribute } from '../support/netlink/encode-attributes.js';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { encodeMessage, MessageHeader } from '../../src/kernel/netlink/message/message.js';
import { HOST_IS_LITTLE_ENDIAN } from '../../src/kernel/netlink/message/byte-order.js';
import { readIpv6Address, readRoute } from '../../src/kernel/netlink/route/dump-addresses.js';
import { LOCAL_CHANGES } from '../../src/kernel/netlink/route/follow-addresses.js';
import type { LocalRoute } from '../../src/kernel/procfs/fib-trie.js';

function read<T>(
  reader: (view: DataView, header: MessageHeader) => T,
  head: readonly number[],
  attributes: readonly Attribute[],
): T {
  const body = Buffer.concat([Uint8Array.from(head), encodeAttributes(attributes)]);
  const bytes = encodeMessage({ type: 24, flags: 0, sequence: 1, body });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = new MessageHeader();
  header.read(view, 0, bytes.length);
  return reader(view, header);
}

/** `struct rtmsg` */
const route = (family: number, prefixLength: number, type: number): number[] => [
  ...[family, prefixLength, 0, 0, 255, 2, 254, type],
  ...[0, 0, 0, 0],
];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const ipv4Route = (view: DataView, header: MessageHeader): LocalRoute | undefined =>
  readRoute(view, header, 'ipv4');
const ipv6Route = (view: DataView, header: MessageHeader): LocalRoute | undefined =>
  readRoute(view, header, 'ipv6');
const table = { type: 15, payload: bytes(255, 0, 0, 0) };

test('local routes of IPv4: interfaces, ranges, and no destination; other routes are left out', () => {
  const destination = { type: 1, payload: bytes(192, 0, 2, 0) };
  assert.deepEqual(read(ipv4Route, route(2, 24, 2), [table, destination]), {
    address: '192.0.2.0',
    prefixLength: 24,
  });
  assert.deepEqual(read(ipv4Route, route(2, 0, 2), [table]), { address: '0.0.0.0', prefixLength: 0 });
  assert.equal(read(ipv4Route, route(2, 24, 1), [destination]), undefined, 'unicast');
  assert.equal(read(ipv4Route, route(10, 24, 2), [destination]), undefined, 'IPv6');
});

test('local routes of IPv6: the same', () => {
  const destination = { type: 1, payload: bytes(0x20, 1, 0xd, 0xb8, 0, 1, ...Array<number>(10).fill(0)) };
  assert.deepEqual(read(ipv6Route, route(10, 48, 2), [table, destination]), {
    address: '2001:db8:1::',
    prefixLength: 48,
  });
  assert.deepEqual(read(ipv6Route, route(10, 0, 2), [table]), { address: '::', prefixLength: 0 });
  assert.equal(read(ipv6Route, route(10, 48, 4), [destination]), undefined, 'anycast');
  assert.equal(read(ipv6Route, route(2, 48, 2), [destination]), undefined, 'IPv4');
});

test('IPv6 addresses: the own end of a point-to-point link, and anycast addresses', () => {
  const head = [10, 64, 0x80, 0, 2, 0, 0, 0];
  const [peer, own] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const other = { type: 1, payload: peer };
  const first = { address: '101:101:101:101:101:101:101:101', prefixLength: 128 };
  const second = { address: '202:202:202:202:202:202:202:202', prefixLength: 128 };
  assert.deepEqual(read(readIpv6Address, head, [other]), first);
  assert.deepEqual(read(readIpv6Address, head, [other, { type: 2, payload: own }]), second);
  assert.deepEqual(read(readIpv6Address, head, [{ type: 5, payload: own }]), second, 'anycast');
  assert.equal(read(readIpv6Address, [2, ...head.slice(1)], [other]), undefined, 'IPv4');
  assert.equal(read(readIpv6Address, head, []), undefined, 'nothing to tell it by');
});

test('a truncated message is an error', () => {
  const isMalformed = (error: unknown): boolean =>
    error instanceof NetlinkError && error.code === 'malformed';
  assert.throws(() => read(ipv4Route, [2, 24], []), isMalformed);
  for (const [reader, family] of [
    [ipv4Route, 2],
    [ipv6Route, 10],
  ] as const) {
    assert.throws(() => read(reader, route(family, 24, 2), [{ type: 1, payload: bytes(1, 2) }]), isMalformed);
  }
  assert.throws(() => read(readIpv6Address, [10], []), isMalformed);
  assert.throws(
    () => read(readIpv6Address, [10, 64, 0, 0, 2, 0, 0, 0], [{ type: 1, payload: bytes(1) }]),
    isMalformed,
  );
});

/** Runs a program as the kernel does (`___bpf_prog_run`). @returns how many bytes are queued */
function runFilter(program: Uint8Array, message: Uint8Array): number {
  const code = new DataView(program.buffer);
  const packet = new DataView(message.buffer, message.byteOffset, message.length);
  let loaded = 0;
  for (let at = 0; ; at += 8) {
    const operand = code.getUint32(at + 4, HOST_IS_LITTLE_ENDIAN);
    switch (code.getUint16(at, HOST_IS_LITTLE_ENDIAN)) {
      case 0x30:
        loaded = packet.getUint8(operand);
        break;
      case 0x28:
        loaded = packet.getUint16(operand);
        break;
      case 0x15:
        at += 8 * code.getUint8(at + (loaded === operand ? 2 : 3));
        break;
      case 0x06:
        return operand;
      default:
        assert.fail('an instruction that this machine does not have');
    }
  }
}

test('the filter lets through what may change the local addresses, and nothing else', () => {
  const queued = (type: number, body: readonly number[]): boolean =>
    runFilter(LOCAL_CHANGES, encodeMessage({ type, flags: 0, sequence: 0, body: Uint8Array.from(body) })) !==
    0;
  for (const type of [24, 25]) {
    for (const family of [2, 10]) {
      assert.ok(queued(type, route(family, 24, 2)), 'a local route');
      // Unicast, broadcast, anycast, multicast, blackhole.
      for (const other of [1, 3, 4, 5, 6]) assert.ok(!queued(type, route(family, 24, other)));
    }
  }
  // A link's index may look like a route's type.
  const link = [0, 0, 1, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
  assert.ok(!queued(16, link), 'a link');
  assert.ok(queued(17, link), 'the end of a link');
  for (const type of [20, 21]) assert.ok(queued(type, [2, 24, 0, 0, 2, 0, 0, 0]), 'an address');
});
