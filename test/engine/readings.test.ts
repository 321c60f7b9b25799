import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection } from '../../src/engine/connection.js';
import { readEntry } from '../../src/sources/text/read-entry.js';
import { readRecord } from '../../src/sources/netlink/record-connection.js';
import { SocketTraffic } from '../../src/engine/evidence.js';
import { ConntrackRecord } from '../../src/kernel/netlink/conntrack/conntrack-record.js';
import { encodeEntry } from '../support/netlink/encode-entry.js';

/** `TCP_CONNTRACK_SYN_SENT` */
const SYN_SENT = 1;

/** The fields of a connection that later stages use. */
function seen(connection: Connection): Partial<Connection> {
  const { hasCounters, counters, wideCounters, ...rest } = connection;
  if (!hasCounters) return { hasCounters, ...rest };
  return { hasCounters, wideCounters: wideCounters ?? [...counters], ...rest };
}

test('an entry makes the same connection from a netlink message as from text', () => {
  const addresses = new AddressIds();
  const [fromText, fromNetlink] = [new Connection(), new Connection()];
  const record = new ConntrackRecord();
  fc.assert(
    fc.property(conntrackEntry(), fc.boolean(), (entry, opening) => {
      // Text names the state, netlink numbers it.
      if (entry.protocol === 'tcp') entry.state = opening ? 'SYN_SENT' : 'ESTABLISHED';
      const body = encodeEntry(entry, { state: opening ? SYN_SENT : 3 });
      record.read(new DataView(body.buffer, body.byteOffset, body.length), 0, body.length);
      readEntry(fromText, entry, addresses);
      readRecord(fromNetlink, record, addresses);
      assert.deepEqual(seen(fromNetlink), seen(fromText));
    }),
    { numRuns: 1000 },
  );
});

test('the bytes of sockets are kept by index in any size, and are unknown where none were reported', () => {
  const traffic = new SocketTraffic();
  const connection = new Connection();
  const some = { sentPackets: 1, sentBytes: 2, receivedPackets: 3, receivedBytes: 4 };
  const huge = { ...some, sentBytes: 2n ** 60n };
  traffic.set(1000, some);
  traffic.set(3, huge);
  traffic.readInto(connection, 1000, false);
  assert.deepEqual([connection.hasCounters, ...connection.counters], [true, 1, 2, 3, 4]);
  traffic.readInto(connection, 1000, true);
  assert.deepEqual([...connection.counters], [3, 4, 1, 2]);
  traffic.readInto(connection, 3, true);
  assert.deepEqual(connection.wideCounters, [3, 4, 1, 2n ** 60n]);
  for (const index of [2, 999, 5000]) {
    traffic.readInto(connection, index, false);
    assert.equal(connection.hasCounters, false);
  }
});
