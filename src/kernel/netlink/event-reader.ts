import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { NetlinkError } from './netlink-error.js';
import { MESSAGE_TYPE, MessageHeader } from './message/message.js';
import type { MessageVisitor } from './message/dump-reader.js';
import type { ReceiveBatch } from './socket/receive-batch.js';
import type { NetlinkSocket } from './socket/netlink-socket.js';

/** The batches that are read in a row before other work gets its turn. */
const BATCHES_A_TURN = 4;

/** Events gather for this long. If each were read alone, the hop to another thread and back would cost more than all else. */
const GATHERING_MILLISECONDS = 10;

/** Takes the messages of a socket's multicast groups. */
export interface EventVisitor {
  /** A message of the subsystem; view and header are reused as soon as this returns. */
  message: MessageVisitor;
  /** Messages were lost (`ENOBUFS`): a caller that keeps books has to dump again. */
  overrun(): void;
}

/** Reads the events of a socket opened with `groups`. */
export class EventReader {
  private readonly socket: NetlinkSocket;
  private readonly visitor: EventVisitor;
  private readonly batch: ReceiveBatch;
  private readonly header = new MessageHeader();

  /** @param datagrams the most that are read at once */
  constructor(socket: NetlinkSocket, visitor: EventVisitor, datagrams?: number) {
    this.socket = socket;
    this.visitor = visitor;
    this.batch = socket.newBatch(datagrams);
  }

  /** Hands out the events that wait, up to a number of batches. @returns whether more may wait */
  drain(batches: number): boolean {
    for (let turn = 0; turn < batches; turn++) {
      const outcome = this.socket.receive(this.batch, this.take);
      if (outcome === 'overrun') this.visitor.overrun();
      if (outcome === 'empty') return false;
    }
    return true;
  }

  /**
   * Hands out the events until the socket is closed. The event loop is free while nothing comes, and between batches.
   * @throws NetlinkError `malformed`, `call-failed`; and what the visitor throws
   */
  async follow(): Promise<void> {
    try {
      for (;;) {
        await this.socket.wait();
        await sleep(GATHERING_MILLISECONDS);
        while (this.drain(BATCHES_A_TURN)) await nextTurn();
      }
    } catch (error) {
      if (error instanceof NetlinkError && error.code === 'closed') return;
      throw error;
    }
  }

  private readonly take = (view: DataView, start: number, end: number): void => {
    const { header, visitor } = this;
    for (let at = start; at < end;) {
      at = header.read(view, at, end);
      if (header.type === MESSAGE_TYPE.overrun) visitor.overrun();
      else if (header.type > MESSAGE_TYPE.overrun) visitor.message(view, header);
    }
  };
}
