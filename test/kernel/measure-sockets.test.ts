/** Bytes over time without privileges and without conntrack: the payload of short connections, exact on both ends. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { carried, CONNECT, measured, SERVE, watched } from './support/short-connections.js';
import { pair } from './support/topology.js';
import { installed } from './support/unprivileged.js';

const INSTEAD =
  /conntrack cannot be read, so sockets are shown; .*payload of TCP.*UDP.*operation not permitted/;

kernelTest(
  'measure and watch without privileges: payload exact on both ends, whoever closes',
  async (network) => {
    const { client, server } = pair(network);
    await installed('with optional packages', async (copy) => {
      await server.start('node', ['-e', SERVE]).says('stdout', /listening/);
      const ends = [
        { host: client, direction: 'active' },
        { host: server, direction: 'passive' },
      ] as const;
      const lookers = ends.flatMap(({ host, direction }) => [
        { direction, sumsOf: measured, running: copy.startAsNobody(host, ['measure', '-n', '--json']) },
        {
          direction,
          sumsOf: watched,
          running: copy.startAsNobody(host, ['watch', '-n', '--interval', '500ms']),
        },
      ]);
      for (const { running } of lookers) await running.says('stderr', INSTEAD);
      const traffic = await client.start('node', ['-e', CONNECT]).end();
      assert.equal(traffic.status, 0, traffic.stderr);
      for (const { direction, sumsOf, running } of lookers) {
        const { status, stdout, stderr } = await running.end('SIGINT');
        assert.equal(status, 0, stderr);
        // The only line reports that sockets are counted. Nothing was lost.
        assert.match(stderr, /^hostflow: [^\n]+\n$/);
        assert.deepEqual(sumsOf(direction, stdout), carried());
      }
    });
  },
);

kernelTest(
  'measure without privileges, stopped under load: exact, or less and reported as less',
  async (network) => {
    const { server } = pair(network);
    await installed('with optional packages', async (copy) => {
      await server.start('node', ['-e', SERVE]).says('stdout', /listening/);
      const running = copy.startAsNobody(server, ['measure', '-n', '--json', '--loopback']);
      await running.says('stderr', INSTEAD);
      // It listens to signals soon after that message.
      await sleep(300);
      running.signal('SIGSTOP');
      // Within one host, both ends of each connection are reported. These are more than the queue holds without privileges,
      // if its limit is 4 MiB or less.
      const traffic = await server.start('node', ['-e', CONNECT]).end();
      assert.equal(traffic.status, 0, traffic.stderr);
      running.signal('SIGCONT');
      const { status, stdout, stderr } = await running.end('SIGINT');
      assert.equal(status, 0, stderr);
      const rows = JSON.parse(stdout) as HostFlow[];
      const counted = rows.reduce((sum, { stat }) => sum + Number(stat?.total_outbound_bytes), 0);
      const sent = Object.values(carried()).reduce((sum, [requests]) => sum + requests, 0);
      const isSaid = /events were lost/.test(stderr);
      assert.ok(isSaid ? counted < sent : counted === sent, `${counted} of ${sent} bytes: ${stderr}`);
    });
  },
);
