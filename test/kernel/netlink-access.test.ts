import assert from 'node:assert/strict';
import { loadLibC } from '../../src/kernel/netlink/socket/libc.js';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { NOBODY } from '../support/installed-copy.js';
import { entriesOf, socketsOf } from '../support/netlink/namespace-tables.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { CLIENT, CLIENT6, pair } from './support/topology.js';

function named(host: Host): { name: string } {
  return { name: host.namespace };
}

/** Does something as a user without privileges. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

kernelTest('without privileges: sockets yes, conntrack and other namespaces no', async (network) => {
  const { client } = pair(network);
  const own = { pid: process.pid };
  // It stays loaded. Another user may not be able to read its files.
  await loadLibC();
  await asNobody(async () => {
    const sockets = await socketsOf(own, { family: 'ipv4', protocol: 'tcp' });
    assert.ok(Array.isArray(sockets));
    await assert.rejects(entriesOf(own), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'not-permitted');
      assert.match(error.message, /^conntrack table: operation not permitted \(EPERM\)/);
      return true;
    });
    await assert.rejects(entriesOf(named(client)), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'namespace-denied');
      assert.match(error.message, /needs root or CAP_SYS_ADMIN/);
      return true;
    });
  });
});

kernelTest('namespaces: by name and by process, and this one is left as it was', async (network) => {
  const { client } = pair(network);
  await client.agent.call({ op: 'tcpListen', address: CLIENT, port: 8080 });
  await client.agent.call({ op: 'tcpListen', address: CLIENT6, port: 8081 });
  const own = await socketsOf({ pid: process.pid }, { family: 'ipv4', protocol: 'tcp' });
  for (const namespace of [named(client), { pid: client.agent.pid }]) {
    const sockets = await socketsOf(namespace, { family: 'ipv4', protocol: 'tcp' });
    assert.deepEqual(
      sockets.map(({ local, state }) => [local.address, local.port, state]),
      [[CLIENT, 8080, 'LISTEN']],
    );
  }
  assert.ok(!own.some(({ local }) => local.address === CLIENT));
  for (const [namespace, message] of [
    [
      { name: 'no-such-name' },
      /^network namespace "no-such-name": no such file: \/var\/run\/netns\/no-such-name$/,
    ],
    [{ name: '../mnt' }, /no namespace can have this name/],
    [{ pid: 999_999_999 }, /^network namespace of process 999999999: no such process$/],
  ] as const) {
    await assert.rejects(entriesOf(namespace), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'no-such-namespace');
      assert.match(error.message, message);
      return true;
    });
  }
});
