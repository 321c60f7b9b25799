import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelTest } from './support/kernel-test.js';
import { hostflow, rowsOf, settledRows } from './support/listing.js';
import { CLIENT, SERVER, exchange, pair } from './support/topology.js';

const ENTRIES = 20_000;
const FIRST_PORT = 20_000;
const PER_SECOND = 1_000;
const READINGS = 5;

kernelTest('a large table under churn: ends, repeats nothing, and a quiet flow is exact', async (network) => {
  const { client, server } = pair(network);
  // The server answers none of them, and no entry ends by itself while the test runs.
  server.nft(`table inet quiet { chain in { type filter hook input priority filter;
    udp dport ${FIRST_PORT}-${FIRST_PORT + ENTRIES - 1} drop; }
  }`);
  client.track();
  client.sysctl('net/netfilter/nf_conntrack_udp_timeout', '600');
  client.sysctl('net/netfilter/nf_conntrack_tcp_timeout_close', '1');
  await exchange(client, server, { address: SERVER, port: 3306, request: 54_321, response: 1_234_567 });
  await sleep(400);
  const quiet = (await settledRows(client)).rows;
  assert.equal(quiet.length, 1);

  await client.agent.call({ op: 'udpSpread', address: SERVER, port: FIRST_PORT, count: ENTRIES });
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: 80 });
  const churner = network.another(client);
  await churner.agent.call({ op: 'tcpChurn', address: SERVER, port: 80, perSecond: PER_SECOND });
  await sleep(500);

  for (let reading = 0; reading < READINGS; reading++) {
    const { status, stderr, ...listing } = hostflow(client, ['-n', '--json', '--source', 'netlink']);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const rows = rowsOf({ status, stderr, ...listing });
    assert.deepEqual(
      rows.filter(({ peer }) => peer.port === '3306'),
      quiet,
    );
    assert.ok((rows.find(({ peer }) => peer.port === '80')?.connections ?? 0) > 0, 'there is churn');
    const spread = rows.filter(({ protocol }) => protocol === 'udp');
    assert.equal(spread.length, ENTRIES);
    for (const { local, connections, stat } of spread) {
      assert.deepEqual([local.addr, connections, stat?.total_outbound_packets], [CLIENT, 1, 1]);
    }
  }
});
