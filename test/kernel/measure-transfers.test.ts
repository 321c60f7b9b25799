/**
 * Bytes over time against the firewall's counters of each host flow: short connections and datagrams that come and go,
 * beside transfers that began before and end after.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowStat, HostFlow } from '../../src/render/host-flow.js';
import { Counting, passedSince, type Passed, type Service } from './support/counting.js';
import { kernelTest } from './support/kernel-test.js';
import { Running, type Ended } from './support/over-time.js';
import type { Host, Network } from './support/network.js';
import { SERVER, pair } from './support/topology.js';

const SHORT: Service = { protocol: 'tcp', port: 8080 };
const DATAGRAMS: Service = { protocol: 'udp', port: 9000 };
const UPLOAD: Service = { protocol: 'tcp', port: 5001 };
const DOWNLOAD: Service = { protocol: 'tcp', port: 5002 };
const SERVICES = [SHORT, DATAGRAMS, UPLOAD, DOWNLOAD];
const CONNECTIONS = 2000;
const MEGABYTE = 1 << 20;
const STOPPED_MILLISECONDS = 2000;

/** Two hosts, and the transfers between them. */
interface Scene {
  client: Host;
  counting: Counting;
  /** Goes on with both transfers: so many bytes more. */
  transfer: (bytes: number) => Promise<void>;
  /** Short connections and datagrams, while the transfers go on. */
  load: () => Promise<void>;
}

async function scene(network: Network): Promise<Scene> {
  const { client, server } = pair(network);
  client.track();
  for (const name of ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_close'])
    client.sysctl(`net/netfilter/nf_conntrack_${name}`, '1');
  const counting = new Counting(client, SERVICES);
  // On agents of their own: short connections come from ports that the transfers have.
  const others = { client: network.another(client), server: network.another(server) };
  for (const { port } of [UPLOAD, DOWNLOAD])
    await server.agent.call({ op: 'tcpListen', address: SERVER, port });
  await others.server.agent.call({ op: 'tcpListen', address: SERVER, port: SHORT.port });
  await others.server.agent.call({ op: 'udpEcho', address: SERVER, port: DATAGRAMS.port });
  const upload = await client.agent.call({ op: 'tcpConnect', address: SERVER, port: UPLOAD.port });
  const download = await client.agent.call({ op: 'tcpConnect', address: SERVER, port: DOWNLOAD.port });
  let sent = 0;
  const transfer = async (bytes: number): Promise<void> => {
    sent += bytes;
    await Promise.all([
      client.agent.call({ op: 'tcpSend', connection: upload, bytes }),
      server.agent.call({ op: 'tcpSend', connection: download, bytes }),
    ]);
    await Promise.all([
      server.agent.call({ op: 'tcpReceive', connection: upload, bytes: sent }),
      client.agent.call({ op: 'tcpReceive', connection: download, bytes: sent }),
    ]);
  };
  const load = async (): Promise<void> => {
    const { port } = SHORT;
    await Promise.all([
      others.client.agent.call({ op: 'tcpBurst', address: SERVER, port, count: CONNECTIONS }),
      others.client.agent.call({ op: 'udpBurst', address: SERVER, port: DATAGRAMS.port, count: CONNECTIONS }),
      transfer(3 * MEGABYTE),
    ]);
  };
  return { client, counting, transfer, load };
}

/** The traffic of each service, in the order of {@link SERVICES}. */
async function atRest(counting: Counting): Promise<Passed[]> {
  const all: Passed[] = [];
  for (const service of SERVICES) all.push(await counting.atRest(service));
  return all;
}

/**
 * Runs `during` while hostflow does, both beginning and ending when nothing flows.
 * @returns what it left behind, and what the firewall counted of each service meanwhile
 */
async function meanwhile(
  { client, counting, transfer }: Scene,
  start: (client: Host) => Promise<Running>,
  during: (running: Running) => Promise<void>,
): Promise<{ ended: Ended; passed: Passed[] }> {
  await transfer(MEGABYTE);
  const before = await atRest(counting);
  const running = await start(client);
  try {
    await during(running);
    const after = await atRest(counting);
    const ended = await running.end();
    await transfer(MEGABYTE);
    assert.equal(ended.status, 0, ended.stderr);
    return { ended, passed: after.map((now, index) => passedSince(before[index] ?? now, now)) };
  } finally {
    running.kill();
  }
}

function passedOf(stat: FlowStat | null): Passed {
  assert.ok(stat);
  return {
    sent: { packets: Number(stat.total_outbound_packets), bytes: Number(stat.total_outbound_bytes) },
    received: { packets: Number(stat.total_inbound_packets), bytes: Number(stat.total_inbound_bytes) },
  };
}

/** The traffic of each service in a listing, and the messages before it. */
function listed({ stderr }: Ended): { remarks: string; flows: Passed[] } {
  const start = stderr.indexOf('[');
  const rows = JSON.parse(stderr.slice(start)) as HostFlow[];
  assert.equal(rows.length, SERVICES.length);
  const flows = SERVICES.map(({ protocol, port }) => {
    const row = rows.find((flow) => flow.protocol === protocol && flow.peer.port === String(port));
    return passedOf(row?.stat ?? null);
  });
  return { remarks: stderr.slice(0, start), flows };
}

const NOTHING: Passed = { sent: { packets: 0, bytes: 0 }, received: { packets: 0, bytes: 0 } };

interface RecordedTraffic {
  inbound_packets: number;
  inbound_bytes: number;
  outbound_packets: number;
  outbound_bytes: number;
}

function plus({ sent, received }: Passed, more: RecordedTraffic): Passed {
  return {
    sent: { packets: sent.packets + more.outbound_packets, bytes: sent.bytes + more.outbound_bytes },
    received: {
      packets: received.packets + more.inbound_packets,
      bytes: received.bytes + more.inbound_bytes,
    },
  };
}

/** The traffic of each service in the records: the sum of the deltas, and the last total. */
function recorded({ stdout }: Ended): { deltas: Passed[]; totals: Passed[] } {
  type FlowRecord = Pick<HostFlow, 'protocol' | 'peer'> & { delta: RecordedTraffic; total: RecordedTraffic };
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FlowRecord);
  const ofServices = SERVICES.map(({ protocol, port }) =>
    records.filter((flow) => flow.protocol === protocol && flow.peer.port === String(port)),
  );
  return {
    deltas: ofServices.map((own) => own.reduce((sum, { delta }) => plus(sum, delta), NOTHING)),
    totals: ofServices.map((own) => own.slice(-1).reduce((sum, { total }) => plus(sum, total), NOTHING)),
  };
}

const measure = (client: Host): Promise<Running> => Running.measure(client);

kernelTest('measure: connections that come and go, beside transfers that go on', async (network) => {
  const all = await scene(network);
  const { ended, passed } = await meanwhile(all, measure, all.load);
  assert.deepEqual(listed(ended), { remarks: '', flows: passed });
  assert.ok(passed.every(({ sent }) => sent.packets > 0));
});

kernelTest('watch: the deltas of its records add up to its totals, and to what passed', async (network) => {
  const all = await scene(network);
  const start = (client: Host): Promise<Running> => Running.watch(client, ['--interval', '300ms']);
  const { ended, passed } = await meanwhile(all, start, all.load);
  assert.equal(ended.stderr, '');
  assert.deepEqual(recorded(ended), { deltas: passed, totals: passed });
});

kernelTest(
  'measure: stopped for two seconds under load, it is exact, or tells of the loss',
  async (network) => {
    const all = await scene(network);
    const { ended, passed } = await meanwhile(all, measure, async (running) => {
      running.signal('SIGSTOP');
      await Promise.all([all.load(), sleep(STOPPED_MILLISECONDS)]);
      running.signal('SIGCONT');
    });
    const { remarks, flows } = listed(ended);
    if (remarks === '') assert.deepEqual(flows, passed);
    else assert.match(remarks, /^hostflow: .*events were lost/);
  },
);
