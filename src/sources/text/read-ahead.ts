import { Worker } from 'node:worker_threads';

/** What the thread answers to a buffer; nothing filled is the end of the file. */
interface ReadReply {
  buffer: Uint8Array<ArrayBuffer>;
  filled: number;
  /** Why no more could be read. */
  failure?: { message: string; code: string | undefined };
}

/** What the thread is asked: to fill a buffer from an open file. */
interface ReadOrder {
  fd: number;
  buffer: Uint8Array<ArrayBuffer>;
}

const READY = 'ready';

/**
 * The code of the thread: takes a {@link ReadOrder}, fills the buffer, and sends it back in a {@link ReadReply}. It is text because a
 * bundler moves this module and would leave a file of the thread's behind.
 */
const THREAD_CODE = `
const { readSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ fd, buffer }) => {
  const reply = { buffer, filled: 0 };
  try {
    let got;
    do {
      got = readSync(fd, buffer, reply.filled, buffer.length - reply.filled, null);
      reply.filled += got;
    } while (got > 0);
  } catch ({ message, code }) {
    // Between threads an error loses its code.
    reply.failure = { message, code };
  }
  parentPort.postMessage(reply, [buffer.buffer]);
});
parentPort.postMessage('${READY}');
`;

/** How many buffers are on the way: enough for either side to have one in hand while the other has a hiccup. */
const BUFFERS = 4;
/** The thread runs a dozen lines: without a limit it would take megabytes before it first collects garbage. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 16 };

/** Starts a thread. The flags of the program are not for it: `--import` would load the program's modules again. */
function startThread(code: string): Worker {
  return new Worker(code, { eval: true, execArgv: [], resourceLimits: RESOURCE_LIMITS });
}

/**
 * A thread that reads ahead: the kernel writes the text of a table while it is read, which takes longer than parsing it.
 * Close it, or the process does not end.
 */
export class ReadAhead {
  /** Whether the thread answers. Where none can be started, it never does. */
  isReady = false;
  private readonly worker: Worker | undefined;
  private readonly replies: ReadReply[] = [];
  /** Why no reply will come any more. */
  private failure: Error | undefined;
  /** Called when {@link replies} or {@link failure} changes. */
  private wake: () => void = () => undefined;

  constructor(start: (code: string) => Worker = startThread) {
    try {
      this.worker = start(THREAD_CODE);
    } catch {
      // Node.js may be run without the permission to start threads.
      return;
    }
    this.worker.on('message', (message: ReadReply | typeof READY) => {
      if (message === READY) this.isReady = true;
      else this.replies.push(message);
      this.wake();
    });
    this.worker.on('error', (error) => {
      this.fail(error);
    });
    this.worker.on('exit', () => {
      this.fail(new Error('the reading thread has ended'));
    });
  }

  /**
   * The rest of an open file, in chunks that hold until the next one is asked for. Nobody else may read it meanwhile.
   * @throws Error with the `code` of the system, or where the thread ends before the file does
   */
  async *chunks(fd: number, chunkBytes: number): AsyncGenerator<Uint8Array> {
    const order = (buffer: Uint8Array<ArrayBuffer>): void => {
      this.worker?.postMessage({ fd, buffer } satisfies ReadOrder, [buffer.buffer]);
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
    await this.worker?.terminate();
  }

  private fail(error: Error): void {
    this.isReady = false;
    this.failure ??= error;
    this.wake();
  }

  private async nextReply(): Promise<ReadReply> {
    for (;;) {
      const reply = this.replies.shift();
      if (reply !== undefined) return reply;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
