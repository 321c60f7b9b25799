import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection, exchangeEnds, TCP } from '../../src/engine/connection.js';
import { directConnection, type HostFacts } from '../../src/engine/direction.js';
import { SocketEvidence } from '../../src/engine/evidence.js';
import { verdictsOn } from '../../src/engine/local-verdicts.js';
import { AddressSet } from '../../src/model/address-set.js';

const OWN = { client: '192.0.2.1', server: '192.0.2.2' };
const FOREIGN = { client: '198.51.100.1', server: '198.51.100.2' };
const SERVICE_PORT = 5063;
const CLIENT_PORT = 37218;

/** What is true about a connection, and what of it can be known. */
interface Truth {
  direction: 'active' | 'passive' | 'loopback' | 'forwarded';
  isIpv6: boolean;
  /** `seen`: conntrack has it the right way round. Else it may have the ends exchanged. */
  opening: 'seen' | 'missed' | 'unknown';
  isExchanged: boolean;
  /** The listener is still there. */
  isListening: boolean;
  /** A listener on the client's port, which has nothing to do with the connection. */
  clientPortListens: boolean;
  /** The sockets are still there. */
  isLive: boolean;
  /** The sockets tell who opened. */
  doSocketsTell: boolean;
}

const truth: fc.Arbitrary<Truth> = fc
  .record({
    direction: fc.constantFrom(
      'active' as const,
      'passive' as const,
      'loopback' as const,
      'forwarded' as const,
    ),
    isIpv6: fc.boolean(),
    opening: fc.constantFrom('seen' as const, 'missed' as const, 'unknown' as const),
    isExchanged: fc.boolean(),
    isListening: fc.boolean(),
    clientPortListens: fc.boolean(),
    isLive: fc.boolean(),
    doSocketsTell: fc.boolean(),
  })
  .map((drawn) => ({ ...drawn, isExchanged: drawn.isExchanged && drawn.opening !== 'seen' }));

function textOf(address: string, isIpv6: boolean): string {
  return isIpv6 ? `2001:db8::${address.replaceAll('.', ':')}` : address;
}

/** The connection as conntrack has it, and the facts about the host. */
function setUp(what: Truth): { connection: Connection; host: HostFacts } {
  const addresses = new AddressIds();
  const evidence = new SocketEvidence(addresses);
  const isClientOwn = what.direction === 'active' || what.direction === 'loopback';
  const isServerOwn = what.direction === 'passive' || what.direction === 'loopback';
  const client = addresses.idOfText(textOf((isClientOwn ? OWN : FOREIGN).client, what.isIpv6));
  const server = addresses.idOfText(textOf((isServerOwn ? OWN : FOREIGN).server, what.isIpv6));
  const any = addresses.idOfText('::');
  if (isServerOwn && what.isListening) evidence.addListener(TCP, server, SERVICE_PORT);
  if (what.clientPortListens) evidence.addListener(TCP, any, CLIENT_PORT);
  const live = { protocolNumber: TCP, ...(what.doSocketsTell ? {} : { openedHere: undefined, state: 1 }) };
  if (what.isLive && isClientOwn) {
    const ends = { local: client, localPort: CLIENT_PORT, remote: server, remotePort: SERVICE_PORT };
    evidence.addLive({ openedHere: true, state: 1, ...live, ...ends });
  }
  if (what.isLive && isServerOwn) {
    const ends = { local: server, localPort: SERVICE_PORT, remote: client, remotePort: CLIENT_PORT };
    evidence.addLive({ openedHere: false, state: 1, ...live, ...ends });
  }
  const connection = new Connection();
  Object.assign(connection, { protocolNumber: TCP, hasPorts: true, opening: what.opening });
  connection.initiator = connection.answered = client;
  connection.initiatorPort = connection.answeredPort = CLIENT_PORT;
  connection.responder = connection.dialled = server;
  connection.responderPort = connection.dialledPort = SERVICE_PORT;
  if (what.isExchanged) exchangeEnds(connection);
  connection.exchanged = false;
  const own = new AddressSet(Object.values(OWN).map((address) => textOf(address, what.isIpv6)));
  const local = { own, groups: new AddressSet(), isTransparent: false, given: undefined };
  return { connection, host: { ...verdictsOn(addresses, local), evidence } };
}

/** True if something tells who opened, and nothing that is as good speaks against it. */
function isKnown({ direction, opening, isLive, doSocketsTell, ...what }: Truth): boolean {
  if (opening === 'seen') return true;
  const hasSocket = isLive && direction !== 'forwarded';
  if (hasSocket && doSocketsTell) return true;
  const isClientOwn = direction === 'active' || direction === 'loopback';
  const isServerOwn = direction === 'passive' || direction === 'loopback';
  const misleads = isClientOwn && what.clientPortListens;
  const tells = isServerOwn && what.isListening;
  // Both are listeners.
  if (misleads) return false;
  // Its own port is that of an opener, and the other one that of a service.
  if (tells || (hasSocket && isClientOwn)) return true;
  return opening === 'missed' || !what.isExchanged;
}

test('whichever end conntrack has first, the best evidence gives the direction', () => {
  fc.assert(
    fc.property(truth, (what) => {
      const { connection, host } = setUp(what);
      const direction = directConnection(connection, host);
      if (!isKnown(what)) return;
      assert.equal(direction, what.direction);
      assert.equal(connection.responderPort, SERVICE_PORT);
      assert.equal(connection.exchanged, what.isExchanged);
    }),
    { numRuns: 2000 },
  );
});

test('what conntrack or the sockets saw is not overruled by listeners, ports or addresses', () => {
  fc.assert(
    fc.property(truth, fc.nat(65535), fc.nat(65535), (what, initiatorPort, responderPort) => {
      const { connection, host } = setUp({ ...what, opening: 'seen', isExchanged: false });
      Object.assign(connection, { initiatorPort, responderPort });
      directConnection(connection, host);
      assert.equal(connection.exchanged, false);
    }),
  );
});

test('without any evidence, conntrack is believed, unless it met the connection in mid-stream', () => {
  for (const [opening, exchanged] of [
    ['unknown', false],
    ['missed', true],
    ['seen', false],
  ] as const) {
    const quiet = { isListening: false, clientPortListens: false, isLive: false, doSocketsTell: false };
    const { connection, host } = setUp({
      direction: 'forwarded',
      isIpv6: false,
      opening: opening === 'seen' ? 'missed' : opening,
      isExchanged: true,
      ...quiet,
    });
    connection.opening = opening;
    assert.equal(directConnection(connection, { ...host, evidence: undefined }), 'forwarded');
    assert.deepEqual([connection.exchanged, connection.turnedByPorts], [exchanged, exchanged]);
  }
});
