import type { ReceiveBatch } from './receive-batch.js';
import type { NetlinkSocket } from './netlink-socket.js';

/** One batch is read while the next is filled. The third helps while this thread does other work. */
const MOST_BATCHES = 3;

/** The part of a socket that is needed to receive. */
export type Receiver = Pick<NetlinkSocket, 'send' | 'newBatch' | 'receiveInBackground'>;

/** A batch, and the number of datagrams received into it. */
export interface Filled {
  batch: ReceiveBatch;
  received: number | 'empty' | 'overrun';
}

/**
 * Receives the answer to a request on another thread, as far ahead of its reader as there is room. The kernel makes each part of a
 * dump while the part before it is received, and receiving takes longer than reading.
 */
export class Reception {
  private readonly socket: Receiver;
  private readonly free: ReceiveBatch[] = [];
  private readonly filled: Filled[] = [];
  private batches = 0;
  private receiving: Promise<void> | undefined;
  /** True if nothing more is received until the reader asks. */
  private isPaused = false;

  /** Sends the request and starts to receive. Failures come out of {@link Reception.next}. */
  constructor(socket: Receiver, request: Uint8Array) {
    this.socket = socket;
    this.continueWith(this.begin(request));
  }

  /**
   * Waits for the next batch; the reader gives it back.
   * @throws NetlinkError as `send` and `receiveInBackground` do
   */
  async next(): Promise<Filled> {
    for (;;) {
      const filled = this.filled.shift();
      if (filled !== undefined) return filled;
      this.isPaused = false;
      this.advance();
      await this.receiving;
    }
  }

  /** Takes back a batch that was read. */
  giveBack(batch: ReceiveBatch): void {
    this.free.push(batch);
    this.advance();
  }

  /** Waits until the other thread writes into no batch any more. */
  async end(): Promise<void> {
    this.isPaused = true;
    await this.receiving?.catch(() => undefined);
  }

  private async begin(request: Uint8Array): Promise<void> {
    await this.socket.send(request);
    await this.receive(this.newBatch());
  }

  private async receive(batch: ReceiveBatch): Promise<void> {
    const received = await this.socket.receiveInBackground(batch);
    this.filled.push({ batch, received });
    this.receiving = undefined;
    // A batch that is not full is the last, except for a rare pause. Only its reader can tell.
    if (received === batch.capacity) this.advance();
    else this.isPaused = true;
  }

  /** Starts to receive into a free batch, unless that is under way already. */
  private advance(): void {
    if (this.isPaused || this.receiving !== undefined) return;
    const batch = this.free.pop() ?? (this.batches < MOST_BATCHES ? this.newBatch() : undefined);
    if (batch !== undefined) this.continueWith(this.receive(batch));
  }

  private continueWith(receiving: Promise<void>): void {
    this.receiving = receiving;
    // The reader gets the failure when it waits for the next batch.
    receiving.catch(() => undefined);
  }

  private newBatch(): ReceiveBatch {
    this.batches++;
    return this.socket.newBatch();
  }
}
