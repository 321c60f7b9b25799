import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { NETLINK_PROTOCOL, withNetlink } from '../../src/kernel/netlink/socket/netlink-socket.js';
import { Asker } from '../../src/kernel/netlink/asker.js';
import { dumpLocalAddresses } from '../../src/kernel/netlink/route/dump-addresses.js';
import { followAddresses } from '../../src/kernel/netlink/route/follow-addresses.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { CLIENT, CLIENT6, pair } from './support/topology.js';

const PREFIX = '198.51.100.0/24';
const PREFIX6 = '2001:db8:a::/48';

/** The local addresses of a host (`192.0.2.1/32`), but for link-local ones, which are the kernel's choice. */
async function addressesOf(host: Host, filteredDumps = true): Promise<string[]> {
  const options = {
    protocol: NETLINK_PROTOCOL.route,
    namespace: { name: host.namespace },
    filteredDumps,
  };
  const routes = await withNetlink(options, (socket) =>
    Promise.resolve(dumpLocalAddresses(new Asker(socket))),
  );
  return routes
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
    .filter((route) => !route.startsWith('fe80:'))
    .sort();
}

const BEFORE = ['127.0.0.0/8', '127.0.0.1/32', `${CLIENT}/32`, `${CLIENT6}/128`, '::1/128'].sort();

/** Those of {@link BEFORE}, and more. */
function and(...more: string[]): string[] {
  return [...BEFORE, ...more].sort();
}

kernelTest(
  'rtnetlink: the addresses and any-IP prefixes of both families, in all tables',
  async (network) => {
    const { client } = pair(network);
    assert.deepEqual(await addressesOf(client), BEFORE);
    client.do('ip', ['route', 'add', 'local', PREFIX, 'dev', 'lo']);
    client.do('ip', ['route', 'add', 'local', PREFIX6, 'dev', 'lo', 'table', '100']);
    client.do('ip', ['route', 'add', 'local', '::/0', 'dev', 'lo', 'table', '101']);
    client.do('ip', ['route', 'add', '203.0.113.0/24', 'dev', 'eth0']);
    client.do('ip', ['route', 'add', 'blackhole', '2001:db8:b::/48']);
    for (const filtered of [true, false]) {
      assert.deepEqual(await addressesOf(client, filtered), and(PREFIX, PREFIX6, '::/0'));
    }
  },
);

kernelTest('rtnetlink: IPv6 addresses in every state, anycast ones too', async (network) => {
  const { client } = pair(network);
  client.do('ip', ['address', 'add', '2001:db8:2::1/64', 'dev', 'eth0', 'nodad', 'preferred_lft', '0']);
  assert.deepEqual(await addressesOf(client), and('2001:db8:2::1/128'), 'deprecated');
  client.sysctl('net/ipv6/conf/eth0/forwarding', '1');
  const subnets = ['2001:db8:1::/128', '2001:db8:2::/128'];
  assert.deepEqual(await addressesOf(client), and('2001:db8:2::1/128', ...subnets), 'anycast');
  client.do('ip', ['link', 'set', 'eth0', 'down']);
  client.sysctl('net/ipv6/conf/eth0/accept_dad', '1');
  client.do('ip', ['address', 'add', '2001:db8:3::1/64', 'dev', 'eth0']);
  const routes = client.do('ip', ['-6', 'route', 'show', 'table', 'all', 'type', 'local']);
  assert.doesNotMatch(routes, /2001:db8:3::1/);
  const noOther = BEFORE.filter((route) => route !== `${CLIENT6}/128`);
  assert.deepEqual(await addressesOf(client), [...noOther, '2001:db8:3::1/128'].sort(), 'tentative');
});

/** Changes of the local addresses as arguments of `ip`, each with the addresses after it. */
const CHANGES: readonly (readonly [command: string, after: readonly string[]])[] = [
  ['address add 192.0.2.7/24 dev eth0', and('192.0.2.7/32')],
  ['address del 192.0.2.7/24 dev eth0', BEFORE],
  ['address add 2001:db8:1::7/64 dev eth0 nodad', and('2001:db8:1::7/128')],
  ['address del 2001:db8:1::7/64 dev eth0', BEFORE],
  [`route add local ${PREFIX} dev lo`, and(PREFIX)],
  [`route del local ${PREFIX} dev lo`, BEFORE],
  [`route add local ${PREFIX6} dev lo table 100`, and(PREFIX6)],
  [`route del local ${PREFIX6} dev lo table 100`, BEFORE],
  [`route add local ${PREFIX} dev eth1`, and(PREFIX)],
  ['link del eth1', BEFORE],
];

kernelTest('rtnetlink: each change of the local addresses is reported, and no other', async (network) => {
  const { client } = pair(network);
  client.do('ip', ['link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth2']);
  client.do('ip', ['link', 'set', 'eth1', 'up']);
  let changes = 0;
  const follower = await followAddresses({ name: client.namespace }, () => changes++);
  try {
    // The link gets its own address meanwhile.
    await sleep(300);
    for (const [command, after] of CHANGES) {
      changes = 0;
      client.do('ip', command.split(' '));
      for (let tries = 0; tries < 50 && changes === 0; tries++) await sleep(20);
      assert.ok(changes > 0, command);
      assert.deepEqual(await addressesOf(client), after, command);
      await sleep(150);
    }
    changes = 0;
    const others = Array.from({ length: 2000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    for (const action of ['add', 'del']) {
      const lines = others.map((prefix) => `route ${action} ${prefix} dev eth0`);
      client.do('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
    }
    client.do('ip', ['link', 'set', 'eth0', 'mtu', '1400']);
    await sleep(300);
    assert.equal(changes, 0, 'other routes and links');
  } finally {
    await follower.close();
  }
  client.do('ip', ['address', 'add', '192.0.2.8/24', 'dev', 'eth0']);
  await sleep(300);
  assert.equal(changes, 0, 'closed');
  assert.throws(() => {
    follower.look();
  }, /closed/);
});

kernelTest(
  'rtnetlink: changes that come together are reported once, even more than the socket holds',
  async (network) => {
    const { client } = pair(network);
    let changes = 0;
    const follower = await followAddresses({ name: client.namespace }, () => changes++);
    try {
      follower.look();
      assert.equal(changes, 0);
      const many = Array.from({ length: 3000 }, (_, index) => `10.0.${index >> 8}.${index & 255}/32`);
      client.do('ip', ['-batch', '-'], many.map((address) => `address add ${address} dev eth0\n`).join(''));
      // Nothing was read while the command ran.
      follower.look();
      assert.equal(changes, 1);
      follower.look();
      assert.equal(changes, 1);
    } finally {
      await follower.close();
    }
  },
);
