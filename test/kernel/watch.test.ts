/** The end of `hostflow watch` as a process. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { kernelTest } from './support/kernel-test.js';
import { Running } from './support/over-time.js';
import { CLIENT, SERVER, exchange, pair } from './support/topology.js';
import type { Host, Network } from './support/network.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

type Delta = { inbound_bytes: number } | null;

async function tracking(network: Network): Promise<{ client: Host; server: Host }> {
  const { client, server } = pair(network);
  client.track();
  await exchange(client, server, { address: SERVER, port: 80, request: 100, response: 100 });
  return { client, server };
}

for (const format of ['ndjson', 'csv']) {
  kernelTest(`watch: a reader that has seen enough ends it quietly (${format})`, async (network) => {
    const { client } = await tracking(network);
    const watch = `"${process.execPath}" "${MAIN}" watch -n --format ${format} --interval 200ms`;
    const { status, stdout, stderr } = client.try('bash', ['-c', `set -o pipefail; ${watch} | head -1`]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.equal(stdout.split('\n').length, 2);
  });
}

kernelTest('watch: output that cannot be written is reported and ends it', async (network) => {
  const { client } = await tracking(network);
  const watch = `"${process.execPath}" "${MAIN}" watch -n --interval 200ms > /dev/full`;
  const { status, stderr } = client.try('bash', ['-c', watch]);
  assert.equal(status, 1);
  assert.match(stderr, /^hostflow: cannot write: ENOSPC[^\n]*\n$/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  kernelTest(`watch: ${signal} ends it with the interval up to then`, async (network) => {
    const { client, server } = await tracking(network);
    const running = await Running.watch(client, ['--interval', '2s']);
    // In the interval that the signal cuts short.
    await exchange(client, server, { address: SERVER, port: 81, request: 300, response: 400 });
    running.signal(signal);
    const { status, stdout, stderr } = await running.end();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { local: { addr: string }; peer: { port: string }; delta: Delta });
    for (const { local } of records) assert.equal(local.addr, CLIENT);
    const last = records.filter(({ peer }) => peer.port === '81');
    // Headers come on top of the payload.
    const received = last.reduce((sum, { delta }) => sum + (delta?.inbound_bytes ?? 0), 0);
    assert.ok(received > 400, stdout);
  });
}
