import { DumpReader, type DumpState, type MessageVisitor } from './dump-reader.js';
import { NetlinkError } from './errors.js';
import { encodeMessage, MESSAGE_FLAG } from './message.js';
import type { ReceiveBatch } from './receive-batch.js';
import type { NetlinkSocket } from './socket.js';

/** How often a dump is asked for when the table changes under it each time. */
const MAX_ATTEMPTS = 5;
/** The kernel answers a dump at once; this is for one that never does. */
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

/** A table to be dumped. */
export interface DumpRequest {
  /** What is asked for, in words: `conntrack dump`. */
  asked: string;
  type: number;
  body: Uint8Array;
}

/** Takes what a dump brings. */
export interface DumpVisitor {
  /** Before each attempt: what an earlier one brought does not count. */
  restart(): void;
  message: MessageVisitor;
}

/**
 * Dumps a table. The kernel makes each part while it is read: that happens on another thread, while this one walks the part
 * before.
 *
 * A socket whose dump failed has the rest of it waiting: close it.
 * @returns how many attempts it took
 * @throws NetlinkError `not-permitted`, `refused`, `malformed`, `interrupted`, `overrun`, `timeout`, `call-failed`, `closed`
 */
export async function dump(
  socket: NetlinkSocket,
  request: DumpRequest,
  visitor: DumpVisitor,
): Promise<number> {
  const batches: [ReceiveBatch, ReceiveBatch] = [socket.newBatch(), socket.newBatch()];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    visitor.restart();
    const state = await dumpOnce(socket, request, visitor.message.bind(visitor), batches);
    if (state === 'complete') return attempt;
  }
  throw new NetlinkError(
    'interrupted',
    `${request.asked}: the table changed during each of ${MAX_ATTEMPTS} dumps`,
  );
}

async function dumpOnce(
  socket: NetlinkSocket,
  { asked, type, body }: DumpRequest,
  visit: MessageVisitor,
  [first, second]: readonly [ReceiveBatch, ReceiveBatch],
): Promise<DumpState> {
  const sequence = socket.nextSequence();
  const reader = new DumpReader(sequence, asked, visit);
  const flags = MESSAGE_FLAG.request | MESSAGE_FLAG.dump;
  socket.send(encodeMessage({ type, flags, sequence, body }));
  let [current, next] = [first, second];
  let receiving = socket.receiveInBackground(current);
  try {
    while (reader.state === 'running') {
      const received = await receiving;
      if (received === 'overrun')
        throw new NetlinkError('overrun', `${asked}: a part of the answer was lost`);
      if (received === 'empty' && !(await socket.wait(ANSWER_TIMEOUT_MILLISECONDS))) {
        throw new NetlinkError(
          'timeout',
          `${asked}: no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1000} s`,
        );
      }
      const filled = current;
      [current, next] = [next, current];
      // A batch that is not full is the last, but for a rare pause: then it is asked for after the walk.
      const isFull = received === filled.capacity;
      if (isFull) receiving = socket.receiveInBackground(current);
      if (received !== 'empty') filled.forEach(received, reader.push.bind(reader));
      if (!isFull && isRunning(reader)) receiving = socket.receiveInBackground(current);
    }
    return reader.state;
  } finally {
    // The other thread may still write into a batch.
    await receiving.catch(() => undefined);
  }
}

/** The compiler does not see that {@link DumpReader.push} changes the state. */
function isRunning(reader: DumpReader): boolean {
  return reader.state === 'running';
}
