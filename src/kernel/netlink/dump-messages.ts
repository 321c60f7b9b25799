import { DumpReader, type DumpState, type MessageVisitor } from './message/dump-reader.js';
import { NetlinkError } from './netlink-error.js';
import { encodeMessage, MESSAGE_FLAG } from './message/message.js';
import { Reception } from './socket/reception.js';
import type { NetlinkSocket } from './socket/netlink-socket.js';

/** The most attempts at a dump while the table changes during each. */
const MAX_ATTEMPTS = 5;
/** The kernel answers a dump at once. The limit is for a kernel that never does. */
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

/** A request for a table, or for a single thing. */
export interface DumpRequest {
  /** The thing that is asked for, in words: `conntrack table`. */
  asked: string;
  type: number;
  body: Uint8Array;
}

/** Takes the messages of a dump. */
export interface DumpVisitor {
  /** Called before each attempt: forget what an earlier attempt brought. */
  restart(): void;
  message: MessageVisitor;
}

/**
 * Dumps a table. Each part is walked while the kernel makes the next one on another thread.
 *
 * After a failure the rest of the dump still waits on the socket: close it.
 * @returns the number of attempts
 * @throws NetlinkError `not-permitted`, `refused`, `malformed`, `interrupted`, `overrun`, `timeout`, `call-failed`, `closed`
 */
export async function dump(
  socket: NetlinkSocket,
  request: DumpRequest,
  visitor: DumpVisitor,
): Promise<number> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    visitor.restart();
    const state = await readAnswer(socket, request, MESSAGE_FLAG.dump, visitor.message.bind(visitor));
    if (state === 'complete') return attempt;
  }
  throw new NetlinkError(
    'interrupted',
    `${request.asked}: the table changed during each of ${MAX_ATTEMPTS} dumps`,
  );
}

/**
 * Asks for a single thing.
 * @throws NetlinkError `not-permitted`, `refused`, `malformed`, `overrun`, `timeout`, `call-failed`, `closed`
 */
export async function ask(socket: NetlinkSocket, request: DumpRequest, visit: MessageVisitor): Promise<void> {
  await readAnswer(socket, request, MESSAGE_FLAG.acknowledge, visit);
}

async function readAnswer(
  socket: NetlinkSocket,
  { asked, type, body }: DumpRequest,
  kind: number,
  visit: MessageVisitor,
): Promise<DumpState> {
  const sequence = socket.nextSequence();
  const reader = new DumpReader(sequence, asked, visit);
  const flags = MESSAGE_FLAG.request | kind;
  const reception = new Reception(socket, encodeMessage({ type, flags, sequence, body }));
  const push = reader.push.bind(reader);
  try {
    while (reader.state === 'running') {
      const { batch, received } = await reception.next();
      if (received === 'overrun')
        throw new NetlinkError('overrun', `${asked}: a part of the answer was lost`);
      if (received === 'empty') await waitForMore(socket, asked);
      else batch.forEach(received, push);
      reception.giveBack(batch);
    }
    return reader.state;
  } finally {
    await reception.end();
  }
}

/** Waits for something to read. */
async function waitForMore(socket: NetlinkSocket, asked: string): Promise<void> {
  if (await socket.wait(ANSWER_TIMEOUT_MILLISECONDS)) return;
  const seconds = ANSWER_TIMEOUT_MILLISECONDS / 1000;
  throw new NetlinkError('timeout', `${asked}: no answer within ${seconds} s`);
}
