import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openSystemResolver } from '../../src/names/system-resolver.js';

let directory = '';
let silent: Socket;
let servers: string[] = [];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hostflow-names-'));
  await writeFile(join(directory, 'hosts'), '127.0.0.1 localhost\n10.0.0.5 db01\n2001:db8:0::5 db02\n');
  // A DNS server that never answers.
  silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  servers = [`127.0.0.1:${silent.address().port}`];
});
after(async () => {
  silent.close();
  await rm(directory, { recursive: true });
});

test('the system resolver knows the names of the hosts file without asking DNS, those of a line with a single name too', async () => {
  const resolver = openSystemResolver({
    timeoutMilliseconds: 60_000,
    hostsFile: join(directory, 'hosts'),
    servers,
  });
  assert.deepEqual(
    await resolver.hosts,
    new Map([
      ['127.0.0.1', 'localhost'],
      ['10.0.0.5', 'db01'],
      ['2001:db8::5', 'db02'],
    ]),
  );
  resolver.close();
});

test('the system resolver does without a hosts file, and close ends a question that nobody answers', async () => {
  const resolver = openSystemResolver({
    timeoutMilliseconds: 60_000,
    hostsFile: join(directory, 'missing'),
    servers,
  });
  assert.deepEqual(await resolver.hosts, new Map());
  const asked = once(silent, 'message');
  const answer = assert.rejects(resolver.reverse('192.0.2.1'), { code: 'ECANCELLED' });
  await asked;
  resolver.close();
  await answer;
});
