import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Host, Network } from '../support/network.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, converse, exchange, pair } from '../support/topology.js';
import { events } from './events.js';
import { save } from './save.js';

const NOBODY_THERE = '192.0.2.99';
const SERVICE = '203.0.113.10';
const CLOSED_PORT = 9;

const RULES = `
table ip nat {
  chain out { type nat hook output priority -100; ip daddr ${SERVICE} tcp dport 3306 dnat to ${SERVER}:13306; }
}
table ip ftp {
  ct helper passive-ftp { type "ftp" protocol tcp; }
  chain out { type filter hook output priority filter; tcp dport 21 ct helper set "passive-ftp"; }
}
table inet marks {
  chain out { type route hook output priority mangle; tcp dport 443 ct mark set 0xffffffff; }
}
`;

/** Entries that this traffic does not make, as arguments of `conntrack -I` after the addresses. */
const INSERTED: readonly (readonly string[])[] = [
  ['-p', 'gre', '--srckey', '0x1f', '--dstkey', '0xb00f'],
  [
    '-p',
    'sctp',
    '--sport',
    '36412',
    '--dport',
    '38412',
    '--state',
    'ESTABLISHED',
    '--orig-vtag',
    '1',
    '--reply-vtag',
    '9',
  ],
  [
    '-p',
    'sctp',
    '--sport',
    '36413',
    '--dport',
    '38412',
    '--state',
    'COOKIE_WAIT',
    '--orig-vtag',
    '2',
    '--reply-vtag',
    '9',
  ],
  ['-p', 'udplite', '--sport', '5004', '--dport', '5005'],
  ['-p', 'dccp', '--sport', '5006', '--dport', '5007', '--state', 'OPEN', '--role', 'client'],
  ['-p', '50', '-m', '42'],
  ['-p', '112'],
  ['-p', 'tcp', '--sport', '40001', '--dport', '80', '--state', 'SYN_RECV', '-w', '5'],
  ['-p', 'tcp', '--sport', '40002', '--dport', '80', '--state', 'LAST_ACK', '--orig-zone', '5'],
  ['-p', 'tcp', '--sport', '40003', '--dport', '80', '--state', 'CLOSE_WAIT', '--reply-zone', '65535'],
  ['-p', 'tcp', '--sport', '40004', '--dport', '80', '--state', 'SYN_SENT2', '-m', '4294967295'],
  ['-p', 'tcp', '--sport', '40005', '--dport', '80', '--state', 'ESTABLISHED', '-u', 'SEEN_REPLY,ASSURED'],
  ['-p', 'tcp', '--sport', '40006', '--dport', '80', '--state', 'ESTABLISHED', '--src-nat', '198.51.100.1'],
  ['-p', 'udp', '--sport', '40007', '--dport', '53', '--dst-nat', '198.51.100.53:5353'],
];
const INSERTED6: readonly (readonly string[])[] = [
  ['-p', 'udplite', '--sport', '5004', '--dport', '5005'],
  [
    '-p',
    'sctp',
    '--sport',
    '36412',
    '--dport',
    '38412',
    '--state',
    'SHUTDOWN_SENT',
    '--orig-vtag',
    '3',
    '--reply-vtag',
    '9',
  ],
  ['-p', '50', '-w', '7'],
  ['-p', 'tcp', '--sport', '40001', '--dport', '80', '--state', 'NONE'],
];

function insert(host: Host): void {
  for (const [entries, source, destination] of [
    [INSERTED, CLIENT, SERVER],
    [INSERTED6, CLIENT6, SERVER6],
  ] as const) {
    for (const entry of entries) {
      host.do('conntrack', ['-I', '-s', source, '-d', destination, '-t', '900', ...entry]);
    }
  }
}

/** TCP connections in the states that traffic can bring about and hold. */
async function tcpStates(client: Host, server: Host): Promise<void> {
  const sizes = { request: 1_500, response: 64_000 };
  for (const address of [SERVER, SERVER6]) {
    const listening = { address, port: 443, ...sizes };
    await exchange(client, server, listening);
    const halfClosed = await converse(client, server, listening);
    await client.agent.call({ op: 'tcpClose', connection: halfClosed });
    const closed = await converse(client, server, listening);
    await client.agent.call({ op: 'tcpClose', connection: closed });
    await sleep(100);
    await server.agent.call({ op: 'tcpClose', connection: closed });
    await client.agent.call({ op: 'tcpConnect', address, port: CLOSED_PORT }).catch(() => undefined);
  }
  void client.agent.call({ op: 'tcpConnect', address: NOBODY_THERE, port: 80 }).catch(() => undefined);
}

async function ftp(client: Host, server: Host): Promise<void> {
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: 21 });
  const connection = await client.agent.call({ op: 'tcpConnect', address: SERVER, port: 21 });
  for (const text of ['220 ready\r\n', '227 Entering Passive Mode (192,0,2,2,200,10)\r\n']) {
    await server.agent.call({ op: 'tcpSay', connection, text });
    await sleep(100);
  }
}

async function everything(client: Host, server: Host): Promise<void> {
  await exchange(client, server, { address: SERVER, port: 8080, request: 100, response: 100 });
  client.sysctl('net/netfilter/nf_conntrack_acct', '1');
  await exchange(client, server, { address: SERVER, port: 8081, request: 100, response: 100 });
  client.sysctl('net/netfilter/nf_conntrack_timestamp', '1');
  await tcpStates(client, server);
  const behind = { address: SERVER, port: 13306 };
  await exchange(client, server, { address: SERVICE, port: 3306, listen: behind, request: 10, response: 10 });
  for (const address of [SERVER, SERVER6]) {
    await server.agent.call({ op: 'udpEcho', address, port: 53 });
    await client.agent.call({ op: 'udpExchange', address, port: 53, bytes: 60, count: 1 });
    await client.agent.call({ op: 'udpExchange', address, port: 53, bytes: 400, count: 5 });
    client.do('ping', ['-n', '-q', '-c', '2', '-i', '0.2', address]);
  }
  client.try('ping', ['-n', '-q', '-c', '1', '-W', '1', NOBODY_THERE]);
  await client.agent.call({ op: 'tcpListen', address: '0.0.0.0', port: 22 });
  await client.agent.call({ op: 'tcpListen', address: '::', port: 80 });
  await client.agent.call({ op: 'udpEcho', address: '::', port: 5353 });
  await converse(server, client, { address: CLIENT, port: 80, request: 700, response: 7_000 });
  await ftp(client, server);
  insert(client);
}

/** Every kind of line that this kernel and this conntrack print, from one namespace. */
export async function captureLinux(network: Network, directory: string): Promise<void> {
  const { client, server } = pair(network);
  client.track('without counters');
  client.route(SERVER);
  client.nft(RULES);
  const plain = await events(client);
  const stamped = await events(client, ['-o', 'timestamp,id']);
  await everything(client, server);
  // So that delta-time is not 0.
  await sleep(3_000);
  const procfs = (name: string): string => client.do('cat', [`/proc/net/${name}`]);
  const list = (...form: string[]): string => {
    return ['ipv4', 'ipv6'].map((family) => client.do('conntrack', ['-L', '-f', family, ...form])).join('');
  };
  const files = Object.fromEntries(
    ['nf_conntrack', 'nf_conntrack_expect', 'tcp', 'tcp6', 'udp', 'udp6'].map((name) => [name, procfs(name)]),
  );
  files['conntrack-L.txt'] = list();
  files['conntrack-L-extended-id-ktimestamp-labels.txt'] = list('-o', 'extended,id,ktimestamp,labels');
  client.do('conntrack', ['-F']);
  await sleep(300);
  files['conntrack-E.txt'] = await plain();
  files['conntrack-E-timestamp-id.txt'] = await stamped();
  save(join(directory, 'linux-6.18'), files);
}
