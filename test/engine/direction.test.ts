import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection, exchangeEnds, TCP, UDP } from '../../src/engine/connection.js';
import { directConnection, hasAccepted, type HostFacts } from '../../src/engine/direction.js';
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
  if (tells || hasSocket) return true;
  return opening === 'missed';
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

interface Datagrams {
  initiator: [address: string, port: number];
  responder: [address: string, port: number];
  bound: [address: string, port: number][];
  connected?: boolean;
}

/** The direction and service port of an entry of UDP. */
function udp({ initiator, responder, bound, connected = false }: Datagrams): [string, number] {
  const addresses = new AddressIds();
  const evidence = new SocketEvidence(addresses);
  for (const [address, port] of bound) evidence.addListener(UDP, addresses.idOfText(address), port);
  const connection = new Connection();
  Object.assign(connection, { protocolNumber: UDP, hasPorts: true });
  connection.initiator = connection.answered = addresses.idOfText(initiator[0]);
  connection.initiatorPort = connection.answeredPort = initiator[1];
  connection.responder = connection.dialled = addresses.idOfText(responder[0]);
  connection.responderPort = connection.dialledPort = responder[1];
  if (connected) {
    const { initiator: remote, initiatorPort: remotePort } = connection;
    const { responder: local, responderPort: localPort } = connection;
    evidence.addLive({
      protocolNumber: UDP,
      local,
      localPort,
      remote,
      remotePort,
      openedHere: undefined,
      state: 1,
    });
  }
  const local = {
    own: new AddressSet(['192.0.2.1']),
    groups: new AddressSet(['239.1.1.1']),
    isTransparent: false,
    given: undefined,
  };
  const direction = directConnection(connection, { ...verdictsOn(addresses, local), evidence });
  return [direction, connection.responderPort];
}

test('UDP: a bound socket and both ports put a server right that spoke first', () => {
  const here = '192.0.2.1';
  const there = '198.51.100.1';
  const wildcard: [string, number][] = [['0.0.0.0', 5005]];
  assert.deepEqual(udp({ initiator: [here, 5005], responder: [there, 40000], bound: wildcard }), [
    'passive',
    5005,
  ]);
  // Not bound here: another program had the port, or this is a client with a port of its choice.
  assert.deepEqual(udp({ initiator: [here, 5005], responder: [there, 40000], bound: [] }), ['active', 40000]);
  // The peer's port may be a service, too.
  assert.deepEqual(udp({ initiator: [here, 5005], responder: [there, 53], bound: wildcard }), ['active', 53]);
  assert.deepEqual(udp({ initiator: [here, 5005], responder: [there, 5060], bound: wildcard }), [
    'active',
    5060,
  ]);
  // The unconnected socket of a client, to a service on a high port.
  const client: [string, number][] = [['0.0.0.0', 45000]];
  assert.deepEqual(udp({ initiator: [here, 45000], responder: [there, 60001], bound: client }), [
    'active',
    60001,
  ]);
  // The answer of a service came first after a flush.
  const answer = { initiator: [there, 443], responder: [here, 45000], bound: [] } as Datagrams;
  assert.deepEqual(udp({ ...answer, connected: true }), ['active', 443]);
  assert.deepEqual(udp(answer), ['passive', 45000]);
});

test('received multicast is passive, own multicast is active', () => {
  const group = '239.1.1.1';
  assert.deepEqual(udp({ initiator: ['198.51.100.1', 40000], responder: [group, 5000], bound: [] }), [
    'passive',
    5000,
  ]);
  assert.deepEqual(udp({ initiator: ['192.0.2.1', 40000], responder: [group, 5000], bound: [] }), [
    'active',
    5000,
  ]);
  assert.deepEqual(udp({ initiator: ['198.51.100.1', 1], responder: ['239.9.9.9', 5000], bound: [] }), [
    'forwarded',
    5000,
  ]);
});

test('a socket at an address that is not local makes its end local, unless addresses were given', () => {
  const addresses = new AddressIds();
  const evidence = new SocketEvidence(addresses);
  const connection = new Connection();
  const proxied = addresses.idOfText('198.51.100.200');
  const client = addresses.idOfText('10.9.1.2');
  const live = { protocolNumber: TCP, local: proxied, localPort: 80, remote: client, remotePort: 40000 };
  evidence.addLive({ ...live, openedHere: false, state: 1 });
  Object.assign(connection, { protocolNumber: TCP, hasPorts: true, opening: 'seen' });
  connection.initiator = connection.answered = client;
  connection.initiatorPort = connection.answeredPort = 40000;
  connection.responder = connection.dialled = proxied;
  connection.responderPort = connection.dialledPort = 80;
  const own = new AddressSet(['192.0.2.1']);
  const local = { own, groups: new AddressSet(), isTransparent: false, given: undefined };
  assert.equal(directConnection(connection, { ...verdictsOn(addresses, local), evidence }), 'passive');
  const given = { ...local, given: new AddressSet(['10.0.0.1']) };
  assert.equal(directConnection(connection, { ...verdictsOn(addresses, given), evidence }), 'forwarded');
});

test('a socket knows best if it opened; then listeners tell, then the ports', () => {
  const range = { first: 32768, last: 60999 };
  const ends = { localPort: 1000, remotePort: 2049 };
  assert.equal(hasAccepted({ openedHere: true, isListening: true, ...ends }, range), false);
  assert.equal(hasAccepted({ openedHere: false, isListening: false, ...ends }, range), true);
  assert.equal(hasAccepted({ openedHere: undefined, isListening: true, ...ends }, range), true);
  // A client of NFS has a low port, too.
  assert.equal(hasAccepted({ openedHere: undefined, isListening: false, ...ends }, range), false);
  const closed = { localPort: SERVICE_PORT, remotePort: CLIENT_PORT };
  assert.equal(hasAccepted({ openedHere: undefined, isListening: false, ...closed }, range), true);
});
