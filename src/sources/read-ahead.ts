import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What the thread answers to a buffer; nothing filled is the end of the file. */
export interface ReadReply {
  buffer: Uint8Array<ArrayBuffer>;
  filled: number;
  /** Why no more could be read. */
  failure?: { message: string; code: string | undefined };
}

/** What the thread is asked: to fill a buffer from an open file. */
export interface ReadOrder {
  fd: number;
  buffer: Uint8Array<ArrayBuffer>;
}

/** How many buffers are on the way: enough for either side to have one in hand while the other has a hiccup. */
const BUFFERS = 4;
/** The thread runs a dozen lines: without a limit it would take megabytes before it first collects garbage. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 16 };

/**
 * A thread that reads ahead: the kernel writes the text of a table while it is read, which takes longer than parsing it.
 * Close it, or the process does not end.
 */
export class ReadAhead {
  /** Whether the thread is there: asked before that, it is waited for. */
  isReady = false;
  private readonly worker = new Worker(new URL('./read-ahead-worker.js', import.meta.url), {
    resourceLimits: RESOURCE_LIMITS,
  });
  private readonly replies: ReadReply[] = [];

  constructor() {
    this.worker.once('online', () => (this.isReady = true));
    this.worker.on('message', (reply: ReadReply) => this.replies.push(reply));
    // Where no thread can be had, it is never ready; one that fails later fails whoever waits for it.
    this.worker.on('error', () => (this.isReady = false));
  }

  /** The rest of an open file, in chunks that hold until the next one is asked for. Nobody else may read it meanwhile. */
  async *chunks(fd: number, chunkBytes: number): AsyncGenerator<Uint8Array> {
    const order = (buffer: Uint8Array<ArrayBuffer>): void => {
      this.worker.postMessage({ fd, buffer } satisfies ReadOrder, [buffer.buffer]);
    };
    for (let count = 0; count < BUFFERS; count++) order(new Uint8Array(chunkBytes));
    for (;;) {
      const { buffer, filled, failure } = await this.nextReply();
      if (failure !== undefined) throw Object.assign(new Error(failure.message), { code: failure.code });
      if (filled === 0) return;
      yield buffer.subarray(0, filled);
      order(buffer);
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private async nextReply(): Promise<ReadReply> {
    for (;;) {
      const reply = this.replies.shift();
      if (reply !== undefined) return reply;
      await once(this.worker, 'message');
    }
  }
}
