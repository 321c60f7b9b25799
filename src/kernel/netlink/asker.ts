import { DumpReader, type DumpState, type MessageVisitor } from './message/dump-reader.js';
import type { DumpRequest } from './dump-messages.js';
import { malformed, NetlinkError } from './netlink-error.js';
import { readKernelError } from './message/kernel-error.js';
import { encodeMessage, MESSAGE_FLAG, MESSAGE_TYPE, MessageHeader } from './message/message.js';
import type { DatagramVisitor, ReceiveBatch } from './socket/receive-batch.js';
import type { NetlinkSocket } from './socket/netlink-socket.js';

/** Room for a small table. */
const DATAGRAMS = 4;

/** Asks for small things while nothing else runs. The kernel answers as it takes the request, or as the answer is read. */
export class Asker {
  private readonly socket: NetlinkSocket;
  private readonly batch: ReceiveBatch;
  private readonly header = new MessageHeader();

  constructor(socket: NetlinkSocket) {
    this.socket = socket;
    this.batch = socket.newBatch(DATAGRAMS);
  }

  /**
   * Dumps a small table. A table that changes meanwhile is not dumped again.
   * @returns `interrupted` if it has changed
   * @throws NetlinkError as `dump` does, but for `interrupted`
   */
  dump(request: DumpRequest, visit: MessageVisitor): DumpState {
    const sequence = this.send(request, MESSAGE_FLAG.request | MESSAGE_FLAG.dump);
    const reader = new DumpReader(sequence, request.asked, visit);
    const push = reader.push.bind(reader);
    do this.receive(request, push);
    while (reader.state === 'running');
    return reader.state;
  }

  /**
   * Asks for one thing.
   * @param visit called with the answer, unless there is no such thing (`ENOENT`)
   * @throws NetlinkError as {@link Asker.dump} does
   */
  one(request: DumpRequest, visit: MessageVisitor): void {
    const { header } = this;
    const sequence = this.send(request, MESSAGE_FLAG.request);
    this.receive(request, (view, start, end) => {
      header.read(view, start, end);
      if (header.sequence !== sequence) throw malformed('an answer to another request', start);
      if (header.type !== MESSAGE_TYPE.error) {
        visit(view, header);
        return;
      }
      const error = readKernelError(view, header, 'error', request.asked);
      if (error !== undefined && error.errno !== 'ENOENT') throw error;
    });
  }

  private send({ type, body }: DumpRequest, flags: number): number {
    const sequence = this.socket.nextSequence();
    this.socket.sendNow(encodeMessage({ type, flags, sequence, body }));
    return sequence;
  }

  private receive({ asked }: DumpRequest, visit: DatagramVisitor): void {
    const outcome = this.socket.receive(this.batch, visit);
    if (outcome === 'overrun') throw new NetlinkError('overrun', `${asked}: a part of the answer was lost`);
    if (outcome === 'empty') throw new NetlinkError('timeout', `${asked}: no answer`);
  }
}
