import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection } from '../../src/engine/connection.js';
import { FlowRefs } from '../../src/engine/flow-refs.js';
import type { Direction } from '../../src/model/flow-row.js';

interface Flow {
  peer: string;
  port: number;
  direction: Direction;
}

const flow: fc.Arbitrary<Flow> = fc.record({
  peer: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '2001:db8::2', '::ffff:10.0.0.1')),
  port: fc.constantFrom(53, 443),
  direction: fc.constantFrom('active', 'passive', 'forwarded'),
});

/** The connection of a flow, by the ids of a table. */
function connectionOf({ peer, port }: Flow, addresses: AddressIds): Connection {
  const connection = new Connection();
  connection.protocolNumber = 6;
  connection.hasPorts = true;
  connection.initiator = connection.answered = addresses.idOfText('192.0.2.1');
  connection.responder = connection.dialled = addresses.idOfText(peer);
  connection.responderPort = connection.dialledPort = port;
  return connection;
}

test('a flow is the same object until it is released, also in a new table of addresses', () => {
  fc.assert(
    fc.property(fc.array(flow, { minLength: 1 }), fc.array(fc.nat()), (flows, released) => {
      let addresses = new AddressIds();
      const refs = new FlowRefs(addresses);
      const of = (one: Flow) => refs.of(connectionOf(one, addresses), one.direction, 'conntrack');
      const before = flows.map(of);
      assert.deepEqual(flows.map(of), before);
      const gone = new Set(released.map((index) => before[index % before.length]));
      for (const ref of gone) if (ref !== undefined) refs.release(ref);
      addresses = new AddressIds();
      refs.moveTo(addresses);
      // Only the addresses of flows that are held have moved.
      const held = new Set(before.filter((ref) => !gone.has(ref)));
      assert.equal(
        addresses.count,
        new Set([...held].flatMap(({ key }) => [key.local.addr, key.peer.addr])).size,
      );
      for (const [index, one] of flows.entries()) {
        const ref = of(one);
        const old = before[index];
        assert.deepEqual(ref.key, old?.key);
        if (old !== undefined && held.has(old)) assert.equal(ref, old);
      }
    }),
  );
});

test('many released flows are a reason for a new table, and it holds the others only', () => {
  const addresses = new AddressIds();
  const refs = new FlowRefs(addresses);
  const peers = Array.from(
    { length: 40_000 },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  );
  const held = peers.map((peer) =>
    refs.of(connectionOf({ peer, port: 443, direction: 'active' }, addresses), 'active', 'conntrack'),
  );
  assert.equal(refs.hasManyReleased, false);
  for (const ref of held.slice(10)) refs.release(ref);
  assert.equal(refs.hasManyReleased, true);
  const fresh = new AddressIds();
  refs.moveTo(fresh);
  assert.equal(refs.hasManyReleased, false);
  assert.equal(fresh.count, 11);
});
