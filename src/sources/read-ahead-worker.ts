import { parentPort } from 'node:worker_threads';
import { systemCode } from '../model/errors.js';
import { fill } from './fill.js';
import type { ReadOrder, ReadReply } from './read-ahead.js';

// Each buffer that comes in goes back filled; the other half is read-ahead.ts.
parentPort?.on('message', ({ fd, buffer }: ReadOrder) => {
  parentPort?.postMessage(reply(fd, buffer), [buffer.buffer]);
});

function reply(fd: number, buffer: Uint8Array<ArrayBuffer>): ReadReply {
  try {
    return { buffer, filled: fill(fd, buffer) };
  } catch (error) {
    // Between threads an error loses its code.
    const message = error instanceof Error ? error.message : String(error);
    return { buffer, filled: 0, failure: { message, code: systemCode(error) } };
  }
}
