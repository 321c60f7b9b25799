import { DumpReader, type DumpState, type MessageVisitor } from './dump-reader.js';
import { NetlinkError } from './errors.js';
import { encodeMessage, MESSAGE_FLAG } from './message.js';
import { Reception } from './reception.js';
import type { NetlinkSocket } from './socket.js';

/** How often a dump is asked for when the table changes under it each time. */
const MAX_ATTEMPTS = 5;
/** The kernel answers a dump at once; this is for one that never does. */
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

/** What is asked for: a table to be dumped, or a single thing. */
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

/** A dump that the kernel was asked for: it makes the first parts on another thread, whenever they are read. */
export class Dump {
  private readonly socket: NetlinkSocket;
  private readonly request: DumpRequest;
  private begun: Answer | undefined;

  constructor(socket: NetlinkSocket, request: DumpRequest) {
    this.socket = socket;
    this.request = request;
    this.begun = new Answer(socket, request, MESSAGE_FLAG.dump);
  }

  /**
   * Reads it, walking each part while the kernel makes the next one; once only.
   *
   * A socket whose dump failed has the rest of it waiting: close it.
   * @returns how many attempts it took
   * @throws NetlinkError `not-permitted`, `refused`, `malformed`, `interrupted`, `overrun`, `timeout`, `call-failed`, `closed`
   */
  async read(visitor: DumpVisitor): Promise<number> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      visitor.restart();
      const answer = this.begun ?? new Answer(this.socket, this.request, MESSAGE_FLAG.dump);
      this.begun = undefined;
      if ((await answer.read(visitor.message.bind(visitor))) === 'complete') return attempt;
    }
    throw new NetlinkError(
      'interrupted',
      `${this.request.asked}: the table changed during each of ${MAX_ATTEMPTS} dumps`,
    );
  }
}

/** Dumps a table, as {@link Dump} does. */
export async function dump(
  socket: NetlinkSocket,
  request: DumpRequest,
  visitor: DumpVisitor,
): Promise<number> {
  return await new Dump(socket, request).read(visitor);
}

/**
 * Asks for what is no dump.
 * @throws NetlinkError `not-permitted`, `refused`, `malformed`, `overrun`, `timeout`, `call-failed`, `closed`
 */
export async function ask(socket: NetlinkSocket, request: DumpRequest, visit: MessageVisitor): Promise<void> {
  await new Answer(socket, request, MESSAGE_FLAG.acknowledge).read(visit);
}

/** The answer to one request, which was sent. */
class Answer {
  private readonly socket: NetlinkSocket;
  private readonly asked: string;
  private readonly sequence: number;
  private readonly reception: Reception;

  constructor(socket: NetlinkSocket, { asked, type, body }: DumpRequest, kind: number) {
    this.socket = socket;
    this.asked = asked;
    this.sequence = socket.nextSequence();
    const flags = MESSAGE_FLAG.request | kind;
    this.reception = new Reception(socket, encodeMessage({ type, flags, sequence: this.sequence, body }));
  }

  async read(visit: MessageVisitor): Promise<DumpState> {
    const { socket, asked, reception } = this;
    const reader = new DumpReader(this.sequence, asked, visit);
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
}

/** Waits for something to read. */
async function waitForMore(socket: NetlinkSocket, asked: string): Promise<void> {
  if (await socket.wait(ANSWER_TIMEOUT_MILLISECONDS)) return;
  const seconds = ANSWER_TIMEOUT_MILLISECONDS / 1000;
  throw new NetlinkError('timeout', `${asked}: no answer within ${seconds} s`);
}
