/** What files alone tell about a host: many routes, a procfs of processes only, addresses that come. */
import assert from 'node:assert/strict';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { MAIN, rowsOf } from './support/listing.js';
import { CLIENT, exchange, pair, SERVER } from './support/topology.js';
import { installed } from './support/unprivileged.js';

/** The file then is some 9 MB long, of which a part is read. */
const ROUTES = 100_000;

function ends(rows: readonly HostFlow[]): unknown[] {
  return rows.map(({ direction, local, peer }) => [direction, `${local.addr}:${local.port}`, peer.addr]);
}

kernelTest(
  'a routing table too long to be read hides no address of an interface, and is named',
  async (network) => {
    const { client, server } = pair(network);
    server.track();
    await exchange(client, server, { address: SERVER, port: 8080, request: 10, response: 10 });
    const routes = Array.from(
      { length: ROUTES },
      (_, index) => `route add 100.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32 dev eth0\n`,
    );
    server.do('ip', ['-batch', '-'], routes.join(''));
    await installed('without optional packages', (copy) => {
      const listed = copy.asRoot(server, ['-n', '--json']);
      assert.deepEqual(ends(rowsOf(listed)), [['passive', `${SERVER}:8080`, CLIENT]]);
      assert.match(
        listed.stderr,
        /fib_trie is too long to be read to its end, so any-IP prefixes may be missing/,
      );
      return Promise.resolve();
    });
    const byNetlink = server.try(process.execPath, [MAIN, '-n', '--json']);
    assert.deepEqual(ends(rowsOf(byNetlink)), [['passive', `${SERVER}:8080`, CLIENT]]);
    assert.equal(byNetlink.stderr, '');
  },
);

kernelTest(
  'a procfs that shows processes only leaves netlink, and the files of the own process',
  async (network) => {
    const { client, server } = pair(network);
    server.track();
    await exchange(client, server, { address: SERVER, port: 8080, request: 10, response: 10 });
    const mounted = 'mount -t proc -o subset=pid proc /proc && exec "$@"';
    await installed('without optional packages', (copy) => {
      const byFiles = copy.command(['-n', '--json']);
      for (const command of [[process.execPath, MAIN, '-n', '--json'], byFiles]) {
        const listed = server.try('unshare', ['--mount', 'sh', '-c', mounted, 'sh', ...command]);
        assert.equal(listed.status, 0, listed.stderr);
        assert.deepEqual(ends(rowsOf(listed)), [['passive', `${SERVER}:8080`, CLIENT]]);
      }
      return Promise.resolve();
    });
  },
);
