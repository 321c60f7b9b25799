import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection, TCP, UDP } from '../../src/engine/connection.js';
import { directConnection, hasAccepted } from '../../src/engine/direction.js';
import { SocketEvidence } from '../../src/engine/evidence.js';
import { verdictsOn } from '../../src/engine/local-verdicts.js';
import { AddressSet } from '../../src/model/address-set.js';

const SERVICE_PORT = 5063;
const CLIENT_PORT = 37218;

type End = readonly [address: string, port: number];

/** A connection without address translation. */
function connectionOf(
  protocolNumber: number,
  addresses: AddressIds,
  [initiator, responder]: readonly [initiator: End, responder: End],
): Connection {
  const connection = new Connection();
  Object.assign(connection, { protocolNumber, hasPorts: true });
  connection.initiator = connection.answered = addresses.idOfText(initiator[0]);
  connection.initiatorPort = connection.answeredPort = initiator[1];
  connection.responder = connection.dialled = addresses.idOfText(responder[0]);
  connection.responderPort = connection.dialledPort = responder[1];
  return connection;
}

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
  const connection = connectionOf(UDP, addresses, [initiator, responder]);
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
  const proxied = addresses.idOfText('198.51.100.200');
  const client = addresses.idOfText('10.9.1.2');
  const live = { protocolNumber: TCP, local: proxied, localPort: 80, remote: client, remotePort: 40000 };
  evidence.addLive({ ...live, openedHere: false, state: 1 });
  const connection = connectionOf(TCP, addresses, [
    ['10.9.1.2', 40000],
    ['198.51.100.200', 80],
  ]);
  connection.opening = 'seen';
  const own = new AddressSet(['192.0.2.1']);
  const local = { own, groups: new AddressSet(), isTransparent: false, given: undefined };
  assert.equal(directConnection(connection, { ...verdictsOn(addresses, local), evidence }), 'passive');
  const given = { ...local, given: new AddressSet(['10.0.0.1']) };
  assert.equal(directConnection(connection, { ...verdictsOn(addresses, given), evidence }), 'forwarded');
});

test('a socket knows best if it opened; then listeners tell, then the ports', () => {
  const range = { first: 32768, last: 60999 };
  const ends = { protocolNumber: TCP, localPort: 1000, remotePort: 2049 };
  assert.equal(hasAccepted({ openedHere: true, isListening: true, ...ends }, range), false);
  assert.equal(hasAccepted({ openedHere: false, isListening: false, ...ends }, range), true);
  assert.equal(hasAccepted({ openedHere: undefined, isListening: true, ...ends }, range), true);
  // A client of NFS has a low port, too.
  assert.equal(hasAccepted({ openedHere: undefined, isListening: false, ...ends }, range), false);
  const closed = { protocolNumber: TCP, localPort: SERVICE_PORT, remotePort: CLIENT_PORT };
  assert.equal(hasAccepted({ openedHere: undefined, isListening: false, ...closed }, range), true);
});

/** The direction of an entry of TCP that conntrack has the right way round, if nothing tells what it saw. */
function tcp(
  initiator: End,
  responder: End,
  { listens, isLive = true }: { listens?: number; isLive?: boolean },
): string {
  const addresses = new AddressIds();
  const evidence = new SocketEvidence(addresses);
  const connection = connectionOf(TCP, addresses, [initiator, responder]);
  const isInitiatorOwn = initiator[0] === '192.0.2.1';
  const [local, remote] = isInitiatorOwn ? [initiator, responder] : [responder, initiator];
  if (isLive) {
    const ends = { local: addresses.idOfText(local[0]), localPort: local[1] };
    const others = { remote: addresses.idOfText(remote[0]), remotePort: remote[1] };
    evidence.addLive({ protocolNumber: TCP, ...ends, ...others, openedHere: undefined, state: 1 });
  }
  if (listens !== undefined) evidence.addListener(TCP, addresses.idOfText('0.0.0.0'), listens);
  const known = {
    own: new AddressSet(['192.0.2.1']),
    groups: new AddressSet(),
    isTransparent: false,
    given: undefined,
  };
  return directConnection(connection, { ...verdictsOn(addresses, known), evidence });
}

test('without a word of the sockets, conntrack is believed about transfers of FTP and peers', () => {
  const here = '192.0.2.1';
  const there = '198.51.100.1';
  // Passive: the server has closed the listener of the transfer.
  assert.equal(tcp([there, 39888], [here, 45000], {}), 'passive');
  assert.equal(tcp([here, 39888], [there, 45000], {}), 'active');
  // Active: the server dials from port 20.
  assert.equal(tcp([here, 20], [there, 45000], {}), 'active');
  assert.equal(tcp([there, 20], [here, 45000], {}), 'passive');
  // A peer dials from the port that it listens on.
  assert.equal(tcp([here, 7000], [there, 9000], { listens: 7000 }), 'active');
  assert.equal(tcp([here, 7000], [there, 9000], { listens: 7000, isLive: false }), 'active');
  // A server, picked up when it spoke.
  assert.equal(tcp([here, 3306], [there, 45000], { listens: 3306 }), 'passive');
  assert.equal(tcp([here, 80], [there, 1234], { listens: 80 }), 'passive');
  assert.equal(tcp([here, 50051], [there, 45000], { listens: 50051 }), 'passive');
  // A client, picked up when the server spoke.
  assert.equal(tcp([there, 3306], [here, 45000], {}), 'active');
});

test('what a host sends before it has an address is active', () => {
  const client: [string, number][] = [['0.0.0.0', 68]];
  const discover = { initiator: ['0.0.0.0', 68], responder: ['255.255.255.255', 67] } as const;
  const datagram = { initiator: [...discover.initiator], responder: [...discover.responder] } as Datagrams;
  assert.equal(udp({ ...datagram, bound: client })[0], 'active');
  // A server of DHCP gets it from a client.
  assert.notEqual(udp({ ...datagram, bound: [['0.0.0.0', 67]] })[0], 'active');
});

test('what a transparent proxy has a socket for, it accepts from everybody', () => {
  const addresses = new AddressIds();
  const evidence = new SocketEvidence(addresses);
  const proxied = addresses.idOfText('198.51.100.200');
  const live = { protocolNumber: TCP, local: proxied, localPort: 80, remotePort: 40000, state: 1 };
  evidence.addLive({ ...live, remote: addresses.idOfText('10.9.1.2'), openedHere: false });
  const ended = connectionOf(TCP, addresses, [
    ['10.9.1.3', 40001],
    ['198.51.100.200', 80],
  ]);
  ended.opening = 'seen';
  const local = { own: new AddressSet(['192.0.2.1']), groups: new AddressSet(), given: undefined };
  for (const [isTransparent, direction] of [
    [true, 'passive'],
    [false, 'forwarded'],
  ] as const) {
    assert.equal(
      directConnection(ended, { ...verdictsOn(addresses, { ...local, isTransparent }), evidence }),
      direction,
    );
  }
});

test('the ends of a transparent proxy are remembered with the ids of another table', () => {
  const before = new SocketEvidence();
  const [local, remote] = ['198.51.100.200', '10.9.1.2'].map((text) => before.addresses.idOfText(text));
  const ports = { localPort: 80, remotePort: 40000 };
  before.addLive({
    protocolNumber: TCP,
    local: local ?? 0,
    remote: remote ?? 0,
    ...ports,
    openedHere: false,
    state: 1,
  });
  const now = new SocketEvidence();
  now.addresses.idOfText('203.0.113.1');
  now.rememberEnds(before);
  assert.ok(now.hasLocalEnd(TCP, now.addresses.idOfText('198.51.100.200'), 80));
  assert.ok(!now.hasLocalEnd(TCP, now.addresses.idOfText('10.9.1.2'), 80));
});

test('given addresses keep the groups of the host, if they hold one of its own', () => {
  const addresses = new AddressIds();
  const own = new AddressSet(['192.0.2.1', '127.0.0.1']);
  const known = { own, groups: new AddressSet(['239.1.1.1']), isTransparent: false };
  const group = addresses.idOfText('239.1.1.1');
  for (const [given, receives] of [
    ['192.0.2.0/24', true],
    ['10.0.0.0/8', false],
    ['127.0.0.0/8', false],
  ] as const) {
    const { local } = verdictsOn(addresses, { ...known, given: new AddressSet([given]) });
    assert.equal(local.receives(group), receives, given);
  }
});

test('of very many ends of a transparent proxy the newest are remembered', () => {
  const addresses = new AddressIds();
  const local = addresses.idOfText('198.51.100.200');
  const accepting = (count: number, first: number): SocketEvidence => {
    const evidence = new SocketEvidence(addresses);
    const live = {
      protocolNumber: TCP,
      local,
      remote: local,
      remotePort: 40000,
      openedHere: false,
      state: 1,
    };
    for (let each = 0; each < count; each++) evidence.addLive({ ...live, localPort: first + each });
    return evidence;
  };
  const earliest = accepting(20_000, 1);
  const earlier = accepting(1, 50_000);
  earlier.rememberEnds(earliest);
  const now = accepting(1, 50_001);
  now.rememberEnds(earlier);
  assert.equal(now.hasLocalEnd(TCP, local, 50_001), true);
  assert.equal(now.hasLocalEnd(TCP, local, 50_000), true);
  assert.equal(now.hasLocalEnd(TCP, local, 20_000), false);
});
