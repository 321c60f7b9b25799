import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeAttributes, type Attribute } from '../../src/kernel/netlink/attribute.js';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { encodeMessage, MessageHeader } from '../../src/kernel/netlink/message.js';
import { readIpv6Address, readLocalRoute } from '../../src/kernel/netlink/route/dump-addresses.js';

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

test('local routes: of interfaces, of ranges, and without a destination; others are none', () => {
  const destination = { type: 1, payload: bytes(192, 0, 2, 0) };
  const table = { type: 15, payload: bytes(255, 0, 0, 0) };
  assert.deepEqual(read(readLocalRoute, route(2, 24, 2), [table, destination]), {
    address: '192.0.2.0',
    prefixLength: 24,
  });
  assert.deepEqual(read(readLocalRoute, route(2, 0, 2), [table]), { address: '0.0.0.0', prefixLength: 0 });
  assert.equal(read(readLocalRoute, route(2, 24, 1), [destination]), undefined, 'unicast');
  assert.equal(read(readLocalRoute, route(10, 24, 2), [destination]), undefined, 'IPv6');
});

test('IPv6 addresses: of a point-to-point link the own end', () => {
  const head = [10, 64, 0x80, 0, 2, 0, 0, 0];
  const [peer, own] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const other = { type: 1, payload: peer };
  assert.match(read(readIpv6Address, head, [other]) ?? '', /^101:/);
  assert.match(read(readIpv6Address, head, [other, { type: 2, payload: own }]) ?? '', /^202:/);
  assert.equal(read(readIpv6Address, [2, ...head.slice(1)], [other]), undefined, 'IPv4');
});

test('what is cut is an error', () => {
  const isMalformed = (error: unknown): boolean =>
    error instanceof NetlinkError && error.code === 'malformed';
  assert.throws(() => read(readLocalRoute, [2, 24], []), isMalformed);
  assert.throws(
    () => read(readLocalRoute, route(2, 24, 2), [{ type: 1, payload: bytes(1, 2) }]),
    isMalformed,
  );
  assert.throws(() => read(readIpv6Address, [10], []), isMalformed);
  assert.throws(
    () => read(readIpv6Address, [10, 64, 0, 0, 2, 0, 0, 0], [{ type: 1, payload: bytes(1) }]),
    isMalformed,
  );
});
