import type { Readable, Writable } from 'node:stream';

/** A stream for people or programs to read; a terminal says so and how wide it is. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/** How to stop the process, with all of its job, and how to end the listening to that. */
interface JobControl {
  stopProcess: () => void;
  stopListening: () => void;
}

/** The streams that a run reads and writes. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  /** What standard input reads from, where it is a file of the system's: then `stdin` is used only where it must be. */
  stdinFd?: number;
  stdout: OutputStream;
  stderr: OutputStream;
  /** Has a listener called where the user or the system wants the run to end, until the returned function is called. */
  onInterrupt?: (listener: (signal: NodeJS.Signals) => void) => () => void;
  /** Has a listener called when the process ends in whatever way, also by a crash, until the returned function is called. */
  onExit?: (listener: () => void) => () => void;
  /** Has `leave` called before the process stops (Ctrl-Z), and `enter` when it goes on. */
  onStop?: (leave: () => void, enter: () => void) => JobControl;
  /** Makes a test for whether the reader of standard output has gone: nothing is written while nothing changes. */
  openReaderProbe?: () => Promise<() => boolean>;
  /** The kind of terminal (`TERM`). */
  terminalType?: string | undefined;
}

/**
 * Writes chunks as fast as the reader takes them, and stops quietly where the reader has gone (`| head`).
 */
export async function writeAll(
  stream: OutputStream,
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  for await (const chunk of chunks) {
    if (stream.destroyed || stream.writableEnded) return;
    if (!stream.write(chunk)) await drained(stream);
  }
}

async function drained(stream: OutputStream): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    stream.on('error', done);
    if (stream.destroyed) done();
  });
}
