/** The result of `snapshot()`: its keys, and counters of any size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { snapshot, type HostFlow } from 'hostflow';
import { counterFromBigint } from '../../parsers/counter.js';
import { entry, lines } from '../support/fake-host.js';

const LOCAL = '192.0.2.1';
const KEYS = ['direction', 'protocol', 'local', 'peer', 'connections', 'total', 'stat', 'source'];

async function flowsOf(...entries: readonly string[]): Promise<HostFlow[]> {
  return (await snapshot({ input: [Buffer.from(lines(...entries))], local: [LOCAL] })).flows;
}

test('a snapshot is an interval without duration', async () => {
  const listing = await snapshot({ input: [], local: [LOCAL] });
  assert.deepEqual(Object.keys(listing), ['time', 'seconds', 'flows', 'source', 'choice', 'warnings']);
  assert.equal(listing.seconds, 0);
  assert.ok(Math.abs(Date.now() - listing.time.getTime()) < 60_000);
});

test('total and stat are the same counters of any size, or null together', async () => {
  const counter = fc.bigInt(0n, (1n << 64n) - 1n);
  const traffic = fc.tuple(counter, counter);
  await fc.assert(
    fc.asyncProperty(traffic, traffic, async (sent, received) => {
      const [flow] = await flowsOf(entry({ from: `${LOCAL}:40000`, to: '198.51.100.1:443', sent, received }));
      assert.ok(flow !== undefined);
      const [outPackets, outBytes] = sent.map(counterFromBigint);
      const [inPackets, inBytes] = received.map(counterFromBigint);
      assert.deepEqual(Object.keys(flow), KEYS);
      assert.deepEqual(flow.total, {
        inbound: { packets: inPackets, bytes: inBytes },
        outbound: { packets: outPackets, bytes: outBytes },
      });
      assert.deepEqual(flow.stat, {
        total_inbound_packets: inPackets,
        total_inbound_bytes: inBytes,
        total_outbound_packets: outPackets,
        total_outbound_bytes: outBytes,
      });
    }),
    { numRuns: 30 },
  );
  const [unknown] = await flowsOf(entry({ from: `${LOCAL}:40000`, to: '198.51.100.1:443' }));
  assert.deepEqual([unknown?.total, unknown?.stat], [null, null]);
});

test('via and the name of a peer are there only if they exist', async () => {
  const [dialled] = await flowsOf(
    entry({ from: `${LOCAL}:40000`, to: '198.51.100.1:443', replyFrom: '198.51.100.2:8443' }),
  );
  assert.ok(dialled !== undefined);
  assert.deepEqual(dialled.via, { addr: '198.51.100.1', port: '443' });
  assert.deepEqual(Object.keys(dialled).sort(), [...KEYS, 'via'].sort());
  assert.deepEqual(Object.keys(dialled.peer), ['addr', 'port']);
});
