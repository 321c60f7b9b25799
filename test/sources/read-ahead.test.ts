import assert from 'node:assert/strict';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ReadAhead } from '../../src/sources/text/read-ahead.js';
import { readTableChunks } from '../../src/sources/text/read-chunks.js';

const directory = mkdtempSync(join(tmpdir(), 'hostflow-read-ahead-'));
after(() => {
  rmSync(directory, { recursive: true });
});

/** As long as several rounds of all buffers, and no multiple of any. */
const BYTES = 5_000_011;
const bytes = Buffer.from(Array.from({ length: BYTES }, (_, index) => (index * 31) % 251));

function fileOf(bytes: Uint8Array): number {
  const path = join(directory, 'table');
  writeFileSync(path, bytes);
  return openSync(path, 'r');
}

/** All bytes, copied as they come: chunks hold only until the next one. */
async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

async function ready(): Promise<ReadAhead> {
  const ahead = new ReadAhead();
  while (!ahead.isReady) await new Promise((resolve) => setTimeout(resolve, 1));
  return ahead;
}

test('reading a long table on a thread of its own: gives the bytes of the file in their order, and closes it', async () => {
  const fd = fileOf(bytes);
  const ahead = await ready();
  assert.ok(bytes.equals(await all(readTableChunks(fd, ahead))));
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});

test('reading a long table on a thread of its own: begins without the thread, which takes over in the middle', async () => {
  const ahead = await ready();
  ahead.isReady = false;
  const copies: Buffer[] = [];
  for await (const chunk of readTableChunks(fileOf(bytes), ahead)) {
    copies.push(Buffer.from(chunk));
    ahead.isReady = copies.length >= 3;
  }
  assert.ok(bytes.equals(Buffer.concat(copies)));
});

test('reading a long table on a thread of its own: goes without, where none can be had', async () => {
  const ahead = new ReadAhead();
  await ahead.close();
  assert.ok(bytes.equals(await all(readTableChunks(fileOf(bytes), ahead))));
});

test('reading a long table on a thread of its own: an empty file is the end at once', async () => {
  assert.equal((await all(readTableChunks(fileOf(Buffer.alloc(0)), await ready()))).length, 0);
});

test('reading a long table on a thread of its own: what fails on the thread fails here, with the code of the system', async () => {
  const ahead = await ready();
  const fd = openSync(directory, 'r');
  await assert.rejects(all(ahead.chunks(fd, 4096)), { code: 'EISDIR' });
  closeSync(fd);
  await ahead.close();
});

test('reading a long table on a thread of its own: whoever stops early ends the thread too', async () => {
  const fd = fileOf(bytes);
  for await (const chunk of readTableChunks(fd, await ready())) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});

test('reading a long table on a thread of its own: a thread that must not be started is done without', async () => {
  const ahead = new ReadAhead(() => {
    throw new Error('no permission for threads');
  });
  assert.ok(bytes.equals(await all(readTableChunks(fileOf(bytes), ahead))));
});

for (const [what, code] of [
  ['fails at its start', 'throw new Error("no such thread")'],
  ['cannot be compiled', 'this is no code'],
  ['ends at its start', 'process.exit()'],
  ['says nothing', 'setTimeout(() => {}, 60_000)'],
] as const) {
  test(`a thread that ${what} is done without`, async () => {
    const ahead = new ReadAhead(() => new Worker(code, { eval: true }));
    await sleep(100);
    assert.equal(ahead.isReady, false);
    assert.ok(bytes.equals(await all(readTableChunks(fileOf(bytes), ahead))));
  });
}

for (const [how, code, message] of [
  ['fails', 'throw new Error("out of luck")', 'out of luck'],
  ['ends', 'process.exit()', 'the reading thread has ended'],
] as const) {
  test(`a thread that ${how} in the middle fails the reading: what it had read is lost`, async () => {
    // Before the thread's own listener.
    const failing = `require('node:worker_threads').parentPort.on('message', (order) => { if (order === 'fail') { ${code} } });`;
    let worker: Worker | undefined;
    const ahead = new ReadAhead((text) => (worker = new Worker(failing + text, { eval: true })));
    while (!ahead.isReady) await sleep(1);
    const fd = fileOf(bytes);
    const chunks = ahead.chunks(fd, 4096);
    assert.equal((await chunks.next()).done, false);
    worker?.postMessage('fail');
    await assert.rejects(all(chunks), { message });
    closeSync(fd);
    await ahead.close();
  });
}
