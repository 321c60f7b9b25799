import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  attributeLength,
  attributeType,
  findAttribute,
  payloadText,
} from '../../src/kernel/netlink/message/attribute.js';
import { readU16, readU32, readU64, readU64Network } from '../../src/kernel/netlink/message/byte-order.js';
import { DumpReader } from '../../src/kernel/netlink/message/dump-reader.js';
import { errnoName, errnoText, NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import {
  align,
  encodeMessage,
  MESSAGE_FLAG,
  MESSAGE_TYPE,
  MessageHeader,
  type Message,
} from '../../src/kernel/netlink/message/message.js';
import { encodeAttributes, type Attribute } from '../support/netlink/encode-attributes.js';

const FIRST_OWN_TYPE = 16;
const EPERM = 1;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const message: fc.Arbitrary<Message> = fc.record({
  type: u16,
  flags: u16,
  sequence: u32,
  portId: u32,
  body: fc.uint8Array({ maxLength: 40 }),
});

test('numbers are exact, in host order and in network order', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
      const host = Buffer.from(new BigUint64Array([value]).buffer);
      assert.equal(BigInt(readU64(viewOf(host), 0)), value);
      const network = Buffer.alloc(8);
      network.writeBigUInt64BE(value);
      const read = readU64Network(viewOf(network), 0);
      assert.equal(BigInt(read), value);
      assert.equal(typeof read, value <= BigInt(Number.MAX_SAFE_INTEGER) ? 'number' : 'bigint');
    }),
  );
  assert.equal(readU16(viewOf(Buffer.from(new Uint16Array([0xabcd]).buffer)), 0), 0xabcd);
  assert.equal(readU32(viewOf(Buffer.from(new Uint32Array([0xfedcba98]).buffer)), 0), 0xfedcba98);
});

test('messages are read as they were written, one after the other', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
      const bytes = Buffer.concat(messages.map(encodeMessage));
      const view = viewOf(bytes);
      const header = new MessageHeader();
      let at = 0;
      for (const { type, flags, sequence, portId, body } of messages) {
        const next = header.read(view, at, bytes.length);
        const { type: readType, flags: readFlags, sequence: readSequence, portId: readPortId } = header;
        assert.deepEqual([readType, readFlags, readSequence, readPortId], [type, flags, sequence, portId]);
        assert.deepEqual(new Uint8Array(bytes.subarray(header.bodyAt, header.end)), body);
        assert.equal(next, at + align(16 + body.length));
        at = next;
      }
      assert.equal(at, bytes.length);
    }),
  );
});

type Tree = readonly { type: number; payload: Uint8Array | Tree }[];
const { tree } = fc.letrec<{ tree: Tree; payload: Uint8Array | Tree }>((tie) => ({
  tree: fc.array(fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), payload: tie('payload') }), {
    maxLength: 4,
  }),
  payload: fc.oneof({ maxDepth: 3 }, fc.uint8Array({ maxLength: 9 }), tie('tree')),
}));

/** Compares the attributes from `at` to `end` with those that were written. */
function compare(view: DataView, at: number, end: number, expected: readonly Attribute[]): void {
  for (const { type, payload } of expected) {
    const length = attributeLength(view, at, end);
    assert.equal(attributeType(view, at), type);
    if (payload instanceof Uint8Array) {
      assert.deepEqual(new Uint8Array(view.buffer, view.byteOffset + at + 4, length - 4), payload);
    } else compare(view, at + 4, at + length, payload);
    at += align(length);
  }
  assert.equal(at, end);
}

test('attributes, nested and padded, are read as they were written', () => {
  fc.assert(
    fc.property(tree, (attributes) => {
      const bytes = encodeAttributes(attributes);
      compare(viewOf(bytes), 0, bytes.length, attributes);
    }),
  );
});

test('an attribute that overruns what holds it is malformed', () => {
  fc.assert(
    fc.property(u16, fc.integer({ min: 0, max: 40 }), (length, room) => {
      const bytes = Buffer.alloc(64);
      bytes.set(new Uint8Array(new Uint16Array([length]).buffer));
      const read = (): number => attributeLength(viewOf(bytes), 0, room);
      if (room >= 4 && length >= 4 && length <= room) assert.equal(read(), length);
      else assert.throws(read, { name: 'NetlinkError', code: 'malformed' });
    }),
  );
});

test('a text ends at its NUL, if it has one', () => {
  const bytes = Buffer.from('ftp\0junk');
  assert.equal(payloadText(viewOf(bytes), 0, bytes.length), 'ftp');
  assert.equal(payloadText(viewOf(bytes), 0, 2), 'ft');
  assert.equal(payloadText(viewOf(bytes), 3, 1), '');
});

function errno(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** The types that a dump of these messages brought, and how it stands. */
function dumped(...messages: Partial<Message>[]): { state: string; types: number[] } {
  const types: number[] = [];
  const reader = new DumpReader(7, 'thing', (_, { type }) => types.push(type));
  for (const one of messages) {
    const bytes = encodeMessage({
      type: FIRST_OWN_TYPE,
      flags: 2,
      sequence: 7,
      body: new Uint8Array(),
      ...one,
    });
    reader.push(viewOf(bytes), 0, bytes.length);
  }
  return { state: reader.state, types };
}

const DONE = { type: MESSAGE_TYPE.done, body: errno(0) };

test('a dump goes on until NLMSG_DONE; messages of another request and empty ones are skipped', () => {
  assert.deepEqual(dumped({}, { type: 20 }), { state: 'running', types: [16, 20] });
  const others = [{ type: 30, sequence: 6 }, { ...DONE, sequence: 6 }, { type: MESSAGE_TYPE.noop }];
  assert.deepEqual(dumped({}, ...others, DONE, { type: 40 }), { state: 'complete', types: [16] });
  assert.deepEqual(dumped({ ...DONE, body: new Uint8Array() }).state, 'complete');
});

test('an answer that is no dump goes on until it is acknowledged', () => {
  const acknowledged = {
    type: MESSAGE_TYPE.error,
    body: Buffer.concat([errno(0), new Uint8Array([16]), new Uint8Array(15)]),
  };
  assert.deepEqual(dumped({}, acknowledged, { type: 40 }), { state: 'complete', types: [16] });
  assert.deepEqual(dumped({}, { ...acknowledged, sequence: 6 }), { state: 'running', types: [16] });
});

test('an attribute is found behind others, is too short, or is not there', () => {
  const other = fc.record({ type: fc.integer({ min: 2, max: 9 }), payload: fc.uint8Array({ maxLength: 9 }) });
  fc.assert(
    fc.property(fc.array(other), fc.uint8Array({ minLength: 4, maxLength: 6 }), (others, payload) => {
      const bytes = encodeAttributes([...others, { type: 1, payload }]);
      const view = viewOf(bytes);
      const at = findAttribute(view, 0, bytes.length, 1, 4);
      assert.deepEqual([...bytes.subarray(at, at + payload.length)], [...payload]);
      assert.throws(() => findAttribute(view, 0, bytes.length, 1, 7), { code: 'malformed' });
      assert.equal(findAttribute(view, 0, bytes.length, 10, 0), -1);
    }),
  );
});

test('NLM_F_DUMP_INTR on any message makes the dump one that was interrupted', () => {
  const flags = MESSAGE_FLAG.multi | MESSAGE_FLAG.dumpInterrupted;
  assert.equal(dumped({ flags }, {}, DONE).state, 'interrupted');
  assert.equal(dumped({}, { ...DONE, flags }).state, 'interrupted');
});

test('errors have the kernel’s number and words, with the request repeated or capped', () => {
  const words = encodeAttributes([{ type: 1, payload: Buffer.from('no such thing\0') }]);
  const request = encodeMessage({ type: 16, flags: 1, sequence: 7, body: new Uint8Array(6) });
  const header = request.subarray(0, 16);
  const { capped, ackTlvs } = MESSAGE_FLAG;
  for (const [body, flags, expected] of [
    [
      Buffer.concat([errno(-22), header, words]),
      capped | ackTlvs,
      'thing: invalid argument (EINVAL): no such thing',
    ],
    [Buffer.concat([errno(-22), request, words]), ackTlvs, 'thing: invalid argument (EINVAL): no such thing'],
    [Buffer.concat([errno(-22), header, words]), capped, 'thing: invalid argument (EINVAL)'],
    [Buffer.concat([errno(-100_000), header]), capped, 'thing: errno 100000'],
  ] as const) {
    assert.throws(() => dumped({ type: MESSAGE_TYPE.error, flags, body }), {
      code: 'refused',
      message: expected,
    });
  }
  assert.throws(
    () => dumped({ type: MESSAGE_TYPE.done, flags: ackTlvs, body: Buffer.concat([errno(-1), words]) }),
    {
      code: 'not-permitted',
      errno: 'EPERM',
      message: 'thing: operation not permitted (EPERM): no such thing',
    },
  );
  assert.throws(() => dumped({ type: MESSAGE_TYPE.overrun }), { code: 'overrun' });
  for (const body of [errno(-1), Buffer.concat([errno(-1), new Uint8Array(16)])]) {
    assert.throws(() => dumped({ type: MESSAGE_TYPE.error, body }), { code: 'malformed' });
  }
});

test('numbers of errors have names, whatever the number', () => {
  assert.equal(errnoName(EPERM), 'EPERM');
  for (const odd of [0, -1, 0.5, 2 ** 40, 99_999]) {
    assert.equal(errnoName(odd), `errno ${odd}`);
    assert.equal(errnoText(odd), `errno ${odd}`);
  }
  assert.equal(new NetlinkError('refused', 'x', { errno: EPERM }).errno, 'EPERM');
});
