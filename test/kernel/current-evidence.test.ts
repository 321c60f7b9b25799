/** The facts that decide directions are kept current: addresses, listeners and sockets that are younger than the account. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { Running } from './support/over-time.js';
import { CLIENT, SERVER, converse, exchange, pair } from './support/topology.js';

/** Longer than a delayed acknowledgement, which would be the first packet after the flush. */
const LATE_ACKNOWLEDGEMENTS = 400;
const CONNECTIONS = 20;
const ANSWER = 50_000;

interface Row {
  direction: string;
  local: { addr: string; port: string };
  peer: { addr: string; port: string };
  stat: { total_inbound_bytes: number; total_outbound_bytes: number };
}

/** The flows that `measure` lists. */
async function measured(running: Running): Promise<Row[]> {
  const { stderr, status } = await running.end();
  assert.equal(status, 0, stderr);
  // The listing goes to standard error, behind the remarks.
  return JSON.parse(stderr.slice(stderr.indexOf('['))) as Row[];
}

/** Opens connections to a service, forgets them in the opener's table, and has the server send, so that its packet is the first. */
async function pickedUp(client: Host, server: Host, flushed: Host, port: number): Promise<void> {
  const what = { address: SERVER, port, request: 100, response: 100 };
  const connections = [await exchange(client, server, what)];
  while (connections.length < CONNECTIONS) connections.push(await converse(client, server, what));
  await sleep(LATE_ACKNOWLEDGEMENTS);
  flushed.do('conntrack', ['-F']);
  for (const connection of connections) {
    await server.agent.call({ op: 'tcpSend', connection, bytes: ANSWER });
    await client.agent.call({ op: 'tcpReceive', connection, bytes: ANSWER + 100 });
  }
}

kernelTest(
  'connections opened after the start and picked up in mid-stream are one active row',
  async (network) => {
    const { client, server } = pair(network);
    client.track();
    await exchange(client, server, { address: SERVER, port: 22, request: 1, response: 1 });
    const running = await Running.measure(client);
    await pickedUp(client, server, client, 8080);
    const rows = (await measured(running)).filter(
      ({ peer, local }) => peer.port !== '22' && local.port !== '22',
    );
    assert.deepEqual(
      rows.map(({ direction, local, peer }) => [direction, local, peer]),
      [['active', { addr: CLIENT, port: 'many' }, { addr: SERVER, port: '8080' }]],
    );
    assert.ok((rows[0]?.stat.total_inbound_bytes ?? 0) > CONNECTIONS * ANSWER);
  },
);

kernelTest(
  'connections that a listener younger than the start accepted are passive, picked up or not',
  async (network) => {
    const { client, server } = pair(network);
    server.track();
    await exchange(client, server, { address: SERVER, port: 22, request: 1, response: 1 });
    const running = await Running.measure(server);
    await pickedUp(client, server, server, 8080);
    const rows = (await measured(running)).filter(
      ({ local, peer }) => local.port !== '22' && peer.port !== '22',
    );
    assert.deepEqual(
      rows.map(({ direction, local, peer }) => [direction, local, peer]),
      [['passive', { addr: SERVER, port: '8080' }, { addr: CLIENT, port: 'many' }]],
    );
    assert.ok((rows[0]?.stat.total_outbound_bytes ?? 0) > CONNECTIONS * ANSWER);
  },
);

for (const [family, address, prefix] of [
  ['IPv4', '192.0.2.99', '192.0.2.99/32'],
  ['IPv6', '2001:db8:1::99', '2001:db8:1::99/128'],
] as const) {
  kernelTest(`connections to an ${family} address that came after the start are passive`, async (network) => {
    const { client, server } = pair(network);
    server.track();
    await exchange(client, server, { address: SERVER, port: 22, request: 1, response: 1 });
    const running = await Running.measure(server);
    server.do('ip', ['address', 'add', prefix, 'dev', 'eth0', ...(family === 'IPv6' ? ['nodad'] : [])]);
    const connection = await exchange(client, server, {
      address,
      port: 443,
      request: 1_000,
      response: 9_000,
    });
    await client.agent.call({ op: 'tcpClose', connection });
    const rows = (await measured(running)).filter(({ local }) => local.addr === address);
    assert.deepEqual(
      rows.map(({ direction, local, peer }) => [direction, local.port, peer.port]),
      [['passive', '443', 'many']],
    );
    assert.ok((rows[0]?.stat.total_outbound_bytes ?? 0) > 9_000);
  });
}
