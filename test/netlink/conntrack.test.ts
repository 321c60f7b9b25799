import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { conntrackEntryOf } from '../support/netlink/entry-of-record.js';
import { parseLabelNames, readLabelNames } from '../support/netlink/connlabel-names.js';
import { ConntrackRecord } from '../../src/kernel/netlink/conntrack/conntrack-record.js';
import { SeenEntries } from '../../src/kernel/netlink/conntrack/seen-entries.js';
import { stateName } from '../../src/model/states.js';
import { encodeEntry, type Extras } from '../support/netlink/encode-entry.js';

const NAMED = new Set([1, 6, 17, 33, 47, 58, 132, 136]);

function place(record: ConntrackRecord, body: Uint8Array): ConntrackRecord {
  record.read(new DataView(body.buffer, body.byteOffset, body.length), 0, body.length);
  return record;
}

function decode(entry: ConntrackEntry, extras?: Extras, record = new ConntrackRecord()): ConntrackEntry {
  return conntrackEntryOf(place(record, encodeEntry(entry, extras)), { nowMilliseconds: 0 });
}

/** An entry of the parsers' tests, reduced to what netlink carries. */
const arbitraryNetlinkEntry = fc
  .tuple(conntrackEntry(), fc.integer({ min: 0, max: 9 }))
  .map(([entry, state]) => {
    const copy = structuredClone(entry);
    const inText = [
      'protocolName',
      'securityMark',
      'deltaTimeSeconds',
      'startTime',
      'stopTime',
      'labels',
      'extra',
      'greTimeouts',
      'state',
    ];
    for (const key of inText) Reflect.deleteProperty(copy, key);
    // Text has them signed, or wrapped around; netlink has 32 bits.
    if (copy.timeoutSeconds !== undefined) {
      copy.timeoutSeconds = Number(BigInt.asUintN(32, BigInt(copy.timeoutSeconds)));
    }
    if (copy.mark !== undefined) copy.mark >>>= 0;
    if (copy.protocol === 'gre') {
      // `CTA_PROTO_SRC_PORT` has the 16 bits that netfilter tracks.
      for (const tuple of [copy.original, copy.reply]) {
        tuple.sourceKey &= 0xffff;
        tuple.destinationKey &= 0xffff;
        delete tuple.version;
        delete tuple.greProtocol;
      }
    }
    const { status } = copy;
    status.unconfirmed = false;
    // The text shows only this of several marks.
    if (status.hardwareOffload) status.offload = false;
    if (status.hardwareOffload || status.offload) status.assured = false;
    if (copy.protocol === 'tcp' || copy.protocol === 'sctp' || copy.protocol === 'dccp') {
      const name = stateName(copy.protocol, state);
      if (name !== undefined) copy.state = name;
    }
    return { entry: copy, state };
  });

test('an entry that is sent comes out the same, from a record that had others before', () => {
  const used = new ConntrackRecord();
  fc.assert(
    fc.property(arbitraryNetlinkEntry, ({ entry, state }) => {
      assert.deepEqual(decode(entry, { state }, used), entry);
    }),
    { numRuns: 1000 },
  );
});

const PLAIN: ConntrackEntry = {
  protocol: 'udp',
  family: 'ipv4',
  protocolNumber: 17,
  original: { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 1, destinationPort: 2 },
  reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 2, destinationPort: 1 },
  status: { unreplied: false, assured: true, offload: false, hardwareOffload: false, unconfirmed: false },
};

test('a protocol without its ports is unknown, whatever its number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), (protocolNumber) => {
      const { source, destination } = PLAIN.original;
      const bare: ConntrackEntry = {
        ...PLAIN,
        protocol: 'unknown',
        protocolNumber,
        original: { source, destination },
        reply: { source: destination, destination: source },
      };
      assert.equal(decode(bare).protocol, 'unknown');
      if (!NAMED.has(protocolNumber)) {
        assert.equal(decode({ ...PLAIN, protocolNumber }).protocol, 'unknown');
      }
    }),
  );
});

test('the flags of TCP come from TCP entries alone', () => {
  const record = new ConntrackRecord();
  const flagsOf = (entry: ConntrackEntry, extras: Extras): number =>
    place(record, encodeEntry(entry, extras)).tcpFlagsOriginal;
  const tcp: ConntrackEntry = { ...PLAIN, protocol: 'tcp', protocolNumber: 6 };
  for (const tcpFlags of [0, 0x23, 0x2a, 0xff]) assert.equal(flagsOf(tcp, { state: 3, tcpFlags }), tcpFlags);
  assert.equal(flagsOf(tcp, { state: 3 }), -1, 'as in the event of an end');
  assert.equal(flagsOf(tcp, {}), -1);
  const sctp: ConntrackEntry = { ...PLAIN, protocol: 'sctp', protocolNumber: 132 };
  assert.equal(flagsOf(sctp, { state: 3, tcpFlags: 0x23 }), -1);
});

test('the age is counted from the start to the reading, and never negative', () => {
  const start = Date.UTC(2026, 0, 1);
  const body = encodeEntry(PLAIN, { startNanoseconds: BigInt(start) * 1_000_000n });
  const record = place(new ConntrackRecord(), body);
  const age = (nowMilliseconds: number): unknown =>
    conntrackEntryOf(record, { nowMilliseconds }).deltaTimeSeconds;
  assert.equal(age(start + 999), 0);
  assert.equal(age(start + 61_500), 61);
  assert.equal(age(start - 5_000), 0);
  assert.equal(record.startMilliseconds, start);
});

test('labels go by the names of connlabel.conf; bits without one are left out', () => {
  const bits = new Uint8Array(16);
  // Words in host order: on either, the last bit is in the last word.
  new Uint32Array(bits.buffer).set([1 << 3, 0, 0, 0x80000000]);
  const record = place(new ConntrackRecord(), encodeEntry(PLAIN, { labels: bits }));
  const labelNames = parseLabelNames('# comment\n3 bulk traffic \n3\tsecond name\n x\n127 last\n');
  assert.deepEqual(record.labelBits, [3, 127]);
  const named = conntrackEntryOf(record, { nowMilliseconds: 0, labelNames });
  assert.deepEqual(named.labels, ['bulk traffic', 'last']);
  assert.deepEqual(conntrackEntryOf(record, { nowMilliseconds: 0 }).labels, []);
  assert.equal(readLabelNames('/nonexistent/connlabel.conf').size, 0);
});

test('entries are seen again by id and tuple together', () => {
  const seen = new SeenEntries();
  const record = new ConntrackRecord();
  const see = (id: number, sourcePort: number): boolean => {
    const original = { ...PLAIN.original, sourcePort };
    return seen.seeAgain(place(record, encodeEntry({ ...PLAIN, id, original })));
  };
  assert.equal(see(7, 1), false);
  assert.equal(see(7, 1), true);
  assert.equal(see(7, 2), false, 'another tuple');
  assert.equal(see(8, 1), false, 'another id');
  for (let port = 10; port < 4000; port++) assert.equal(see(9, port), false);
  assert.equal(see(7, 2), true, 'a few thousand entries later');
  for (let port = 10; port < 4000; port++) assert.equal(see(9, port), true);
});
