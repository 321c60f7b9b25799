import { Worker } from 'node:worker_threads';

/** The thread's answer to an order. If `filled` is 0, the file has ended. */
interface ReadReply {
  buffer: Uint8Array<ArrayBuffer>;
  filled: number;
  /** The reason why no more could be read. */
  failure?: { message: string; code: string | undefined };
}

/** An order for the thread: to fill a buffer from an open file. */
interface ReadOrder {
  fd: number;
  buffer: Uint8Array<ArrayBuffer>;
}

const READY = 'ready';

/**
 * The code of the thread. It takes a {@link ReadOrder}, fills the buffer, and returns it in a {@link ReadReply}. It is text because a
 * bundler moves this module, and would not move a file with the thread's code.
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
    // An error loses its code on the way between threads.
    reply.failure = { message, code };
  }
  parentPort.postMessage(reply, [buffer.buffer]);
});
parentPort.postMessage('${READY}');
`;

/** The number of buffers on the way. Either side then has one in hand when the other is late for a moment. */
const BUFFERS = 4;
/** The memory of the thread. Without a limit it would take megabytes before it first collects garbage. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 16 };

/** Starts a thread. It does not get the flags of the program, as `--import` would load the program's modules again. */
function startThread(code: string): Worker {
  return new Worker(code, { eval: true, execArgv: [], resourceLimits: RESOURCE_LIMITS });
}

/**
 * A thread that reads ahead. The kernel makes the text of a table while it is read, and that takes longer than parsing it. The process
 * does not end before this is closed.
 */
export class ReadAhead {
  /** True once the thread answers. Stays false if no thread can be started. */
  isReady = false;
  private readonly worker: Worker | undefined;
  private readonly replies: ReadReply[] = [];
  /** The reason why no reply will come any more. */
  private failure: Error | undefined;
  /** Called when {@link replies} or {@link failure} changes. */
  private wake: () => void = () => undefined;

  constructor(start: (code: string) => Worker = startThread) {
    try {
      this.worker = start(THREAD_CODE);
    } catch {
      // Node.js may run without the permission to start threads.
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
   * Yields the rest of an open file. A chunk is valid until the next one is requested. Nobody else may read the file meanwhile.
   * @throws Error with the `code` of the system, or if the thread ends before the file does
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
