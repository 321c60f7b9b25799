import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, Network } from '../support/network.js';
import { atRest } from '../support/table.js';
import { converse, exchange } from '../support/topology.js';
import { save } from './save.js';

const WEB = '203.0.113.80';
const WEB6 = '2001:db8:80::80';
const GATEWAY = '203.0.113.1';
const GATEWAY6 = '2001:db8:80::1';
const DATABASE = '192.0.2.33';
const CACHE = '192.0.2.34';
const CACHE_SERVICE = '192.0.2.100';
const RESOLVER = '192.0.2.53';
const MIRROR = '198.51.100.200';
const CONTAINER = '192.0.2.210';
const CLIENTS = ['198.51.100.11', '198.51.100.12', '198.51.100.13', '198.51.100.14'];
const CLIENTS6 = ['2001:db8:c::11', '2001:db8:c::12'];
const MEBIBYTE = 1_048_576;

const RULES = `
table ip nat {
  chain out { type nat hook output priority -100; ip daddr ${CACHE_SERVICE} tcp dport 11211 dnat to ${CACHE}:11211; }
  chain post { type nat hook postrouting priority srcnat; ip saddr ${CONTAINER} oifname "eth0" masquerade; }
}
`;

/** The web server, the rest of the world behind its gateway, and a container that it runs. */
function build(network: Network): { web: Host; world: Host; container: Host } {
  const web = network.host('web');
  const world = network.host('world');
  const container = network.host('container');
  network.cable(
    { host: web, device: 'eth0', addresses: [`${WEB}/24`, `${WEB6}/64`] },
    { host: world, device: 'eth0', addresses: [`${GATEWAY}/24`, `${GATEWAY6}/64`] },
  );
  network.cable(
    { host: web, device: 'cni0', addresses: ['192.0.2.209/28'] },
    { host: container, device: 'eth0', addresses: [`${CONTAINER}/28`] },
  );
  for (const address of [DATABASE, CACHE, RESOLVER, MIRROR, ...CLIENTS]) {
    world.do('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  }
  for (const address of CLIENTS6) world.do('ip', ['address', 'add', `${address}/128`, 'dev', 'lo']);
  web.route(GATEWAY);
  web.route(GATEWAY6);
  container.route('192.0.2.209');
  web.forward();
  web.track();
  web.nft(RULES);
  return { web, world, container };
}

async function clients(web: Host, world: Host): Promise<void> {
  for (const port of [80, 443]) await web.agent.call({ op: 'tcpListen', address: '::', port });
  await web.agent.call({ op: 'tcpListen', address: '0.0.0.0', port: 22 });
  for (const [index, from] of [...CLIENTS, ...CLIENTS6].entries()) {
    const address = from.includes(':') ? WEB6 : WEB;
    const response = (index + 1) * 2 * MEBIBYTE;
    await converse(world, web, { address, port: 443, from, request: 4_000 + index, response });
    if (index % 2 === 0) {
      await converse(world, web, { address, port: 443, from, request: 900, response: 300_000 });
      await converse(world, web, { address, port: 80, from, request: 400, response: 700 });
    }
  }
  await converse(world, web, { address: WEB, port: 22, request: 5_000, response: 30_000 });
}

async function backends(web: Host, world: Host): Promise<void> {
  const database = { address: DATABASE, port: 3306, request: 40_000 };
  await exchange(web, world, { ...database, response: 6 * MEBIBYTE });
  for (const response of [20_000, 1_500_000]) await converse(web, world, { ...database, response });
  const behind = { address: CACHE, port: 11211 };
  const cache = { address: CACHE_SERVICE, port: 11211, request: 2 * MEBIBYTE, response: 900_000 };
  await exchange(web, world, { ...cache, listen: behind });
  await converse(web, world, cache);
  await world.agent.call({ op: 'udpEcho', address: RESOLVER, port: 53 });
  for (const count of [1, 2, 6]) {
    await web.agent.call({ op: 'udpExchange', address: RESOLVER, port: 53, bytes: 48, count });
  }
}

/** The files of /proc that hostflow reads, of a web server in the midst of its work. */
export async function captureWebServer(network: Network, directory: string): Promise<void> {
  const { web, world, container } = build(network);
  await clients(web, world);
  await backends(web, world);
  await exchange(container, world, { address: MIRROR, port: 443, request: 3_000, response: 12 * MEBIBYTE });
  world.do('ping', ['-n', '-q', '-c', '3', '-i', '0.2', '-I', GATEWAY, WEB]);
  const names = ['nf_conntrack', 'tcp', 'tcp6', 'udp', 'udp6', 'fib_trie', 'if_inet6'];
  for (let tries = 0; tries < 30; tries++) {
    await sleep(200);
    const files = Object.fromEntries(
      names.map((name) => [`net/${name}`, web.do('cat', [`/proc/net/${name}`])]),
    );
    files['sys/net/netfilter/nf_conntrack_acct'] = '1\n';
    if (atRest(web.table()) !== atRest(files['net/nf_conntrack'] ?? '')) continue;
    save(join(directory, 'proc-web-server'), files);
    return;
  }
  throw new Error('the table never came to rest');
}
