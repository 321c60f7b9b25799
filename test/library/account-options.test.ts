/** What the options of `account()` make of its flows, and their shapes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { snapshot, type AccountedFlow } from 'hostflow';
import { accountTest, oneInterval, otherPort, OWN, port } from './own-traffic.js';

accountTest('account(): by and names tell who the peer is', async () => {
  const { flows } = await oneInterval({ by: 'peer', names: true });
  const [flow] = flows;
  assert.ok(flow !== undefined && flows.length === 1);
  assert.deepEqual([flow.peer.addr, flow.peer.port], ['127.0.0.1', 'many']);
  assert.match(String(flow.peer.name), /^[\w.-]+$/);
  assert.equal(flow.delta?.outbound.bytes, 590);
});

for (const [options, ports] of [
  [{}, [port, otherPort]],
  [{ sort: 'out', reverse: true }, [otherPort, port]],
  [{ sort: 'out', limit: 1 }, [port]],
  [{ reverse: true, limit: 1 }, [otherPort]],
] as const) {
  accountTest(`account(): the order of flows with ${JSON.stringify(options)}`, async () => {
    const { flows } = await oneInterval(options);
    assert.deepEqual(
      flows.map(({ peer }) => peer),
      ports.map((each) => ({ addr: '127.0.0.1', port: String(each) })),
    );
  });
}

/** The keys that every flow has, with `via` and `peer.name` only where they exist. */
const HOST_FLOW_KEYS = ['direction', 'protocol', 'local', 'peer', 'connections', 'total', 'stat', 'source'];

accountTest(
  'the shapes: an interval is a snapshot whose flows have live, delta and rate besides',
  async () => {
    const held = connect({ host: '127.0.0.1', port }).resume();
    await once(held, 'connect');
    const listing = await snapshot(OWN);
    const interval = await oneInterval({});
    held.destroy();
    const { choice, ...common } = listing;
    assert.equal(typeof choice, 'string');
    const { losses, ...ofInterval } = interval;
    assert.equal(losses.eventLosses, 0);
    assert.deepEqual(Object.keys(common).sort(), Object.keys(ofInterval).sort());
    assert.equal(listing.seconds, 0);
    assert.ok(interval.seconds > 0);
    const [listed] = listing.flows;
    const [accounted] = interval.flows;
    assert.ok(listed !== undefined && accounted !== undefined);
    assert.deepEqual(Object.keys(listed), HOST_FLOW_KEYS);
    assert.deepEqual(Object.keys(accounted), [...HOST_FLOW_KEYS, 'live', 'delta', 'rate']);
    const { live, delta, rate, ...flow }: AccountedFlow = accounted;
    assert.equal(live, 1);
    assert.deepEqual(Object.keys(flow).sort(), Object.keys(listed).sort());
    for (const traffic of [delta, rate, accounted.total]) {
      assert.deepEqual(Object.keys(traffic ?? {}), ['inbound', 'outbound']);
      assert.deepEqual(Object.keys(traffic?.inbound ?? {}), ['packets', 'bytes']);
    }
  },
);
