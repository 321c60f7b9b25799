import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { resolveSnapshotOptions } from '../../src/library/options.js';
import { FlowResolver } from '../../src/sources/flow-resolver.js';
import { KnownHost } from '../../src/sources/known-host.js';
import { EventTextAccount } from '../../src/sources/text/event-text-account.js';
import { MalformedLines } from '../../src/sources/text/malformed-lines.js';
import { fixedAddresses } from '../support/fixed-addresses.js';
import { listeningSockets } from '../support/listening-sockets.js';

/** The end of a connection that conntrack picked up when the server here answered. */
function event(port: number): string {
  return (
    `[DESTROY] tcp      6 src=10.0.1.9 dst=10.0.2.13 sport=${port} dport=45000 packets=1 bytes=900 ` +
    `src=10.0.2.13 dst=10.0.1.9 sport=45000 dport=${port} packets=1 bytes=40\n`
  );
}

test('events are directed by the listeners of now, not by those of the start', async () => {
  const listening = new Set<number>();
  const host = await KnownHost.open(resolveSnapshotOptions({}), {
    given: undefined,
    addresses: [fixedAddresses('10.0.1.9')],
    sockets: [listeningSockets(listening)],
  });
  const stream = new PassThrough();
  const malformed = new MalformedLines('the events', false);
  const account = new EventTextAccount(stream, await FlowResolver.open(host), malformed, false);
  const rowsAfter = async (text: string): Promise<unknown[]> => {
    stream.write(text);
    for (;;) {
      const { rows } = await account.interval();
      const seen = rows.map(({ key }) => [key.direction, key.local.port, key.peer.port]);
      if (seen.length > 0) return seen;
      await setImmediate();
    }
  };
  // Nothing listens yet, so conntrack is believed.
  assert.deepEqual(await rowsAfter(event(8080)), [['active', 'many', '45000']]);
  listening.add(8081);
  assert.deepEqual(await rowsAfter(event(8082)), [['active', 'many', '45000']]);
  assert.deepEqual(await rowsAfter(event(8081)), [['passive', '8081', 'many']]);
  stream.end();
  await account.close();
  await host.close();
});
