import { NetlinkError } from '../netlink-error.js';
import { readKernelError } from './kernel-error.js';
import { MESSAGE_FLAG, MESSAGE_TYPE, MessageHeader } from './message.js';

/**
 * Takes one message of a dump. `header` and the bytes of `view` are reused as soon as it returns.
 * @throws NetlinkError `malformed`, which ends the dump
 */
export type MessageVisitor = (view: DataView, header: MessageHeader) => void;

/** The progress of a dump. `interrupted`: it has ended, but the table changed meanwhile. */
export type DumpState = 'running' | 'complete' | 'interrupted';

/** Reads the datagrams of one answer: a dump up to `NLMSG_DONE`, any other up to its acknowledgement. It knows no sockets. */
export class DumpReader {
  state: DumpState = 'running';
  private readonly header = new MessageHeader();
  private readonly sequence: number;
  private readonly asked: string;
  private readonly visit: MessageVisitor;
  private isInterrupted = false;

  /**
   * @param sequence the request's number. Messages with another number are left over from an earlier request, and skipped.
   * @param asked the thing that was asked for, in words, for the error
   */
  constructor(sequence: number, asked: string, visit: MessageVisitor) {
    this.sequence = sequence;
    this.asked = asked;
    this.visit = visit;
  }

  /**
   * Takes the datagram from `start` to `end` of `view`.
   * @throws NetlinkError `malformed`; `refused` or `not-permitted` if the kernel answers with an error; `overrun`;
   *   and what the visitor throws
   */
  push(view: DataView, start: number, end: number): void {
    const { header } = this;
    for (let at = start; at < end && this.state === 'running';) {
      at = header.read(view, at, end);
      if (header.sequence === this.sequence) this.take(view, header);
    }
  }

  private take(view: DataView, header: MessageHeader): void {
    if ((header.flags & MESSAGE_FLAG.dumpInterrupted) !== 0) this.isInterrupted = true;
    switch (header.type) {
      case MESSAGE_TYPE.noop:
        return;
      case MESSAGE_TYPE.error: {
        const error = readKernelError(view, header, 'error', this.asked);
        if (error !== undefined) throw error;
        // An acknowledgement ends the answer to any other request than a dump.
        this.state = 'complete';
        return;
      }
      case MESSAGE_TYPE.done: {
        const error = readKernelError(view, header, 'done', this.asked);
        if (error !== undefined) throw error;
        this.state = this.isInterrupted ? 'interrupted' : 'complete';
        return;
      }
      case MESSAGE_TYPE.overrun:
        throw new NetlinkError('overrun', `${this.asked}: the kernel lost a part of the dump`);
      default:
        this.visit(view, header);
    }
  }
}
