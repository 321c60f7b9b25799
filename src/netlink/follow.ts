import { NetlinkError } from './errors.js';
import { MESSAGE_TYPE, MessageHeader } from './message.js';
import type { MessageVisitor } from './dump-reader.js';
import type { NetlinkSocket } from './socket.js';

/** How many batches are read in a row before other work gets its turn. */
const BATCHES_A_TURN = 4;

/** Takes what the multicast groups of a socket say. */
export interface EventVisitor {
  /** A message of the subsystem; view and header are reused as soon as this returns. */
  message: MessageVisitor;
  /** Messages were lost (`ENOBUFS`): whoever keeps books has to dump again. */
  overrun(): void;
}

/**
 * Hands out the events of a socket opened with `groups`, until it is closed. The event loop is free while nothing comes, and
 * between batches.
 * @throws NetlinkError `malformed`, `call-failed`; and what the visitor throws
 */
export async function followEvents(socket: NetlinkSocket, visitor: EventVisitor): Promise<void> {
  const batch = socket.newBatch();
  const header = new MessageHeader();
  const take = (view: DataView, start: number, end: number): void => {
    for (let at = start; at < end;) {
      at = header.read(view, at, end);
      if (header.type === MESSAGE_TYPE.overrun) visitor.overrun();
      else if (header.type > MESSAGE_TYPE.overrun) visitor.message(view, header);
    }
  };
  try {
    for (;;) {
      await socket.wait();
      for (let turn = 0; turn < BATCHES_A_TURN; turn++) {
        const outcome = socket.receive(batch, take);
        if (outcome === 'overrun') visitor.overrun();
        if (outcome === 'empty') break;
      }
    }
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'closed') return;
    throw error;
  }
}
