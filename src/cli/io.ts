import type { Readable, Writable } from 'node:stream';

/** A stream for people or programs to read. A terminal has `isTTY` and its width in `columns`. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/** Stops the process with its whole job, and removes the listeners for that. */
interface JobControl {
  stopProcess: () => void;
  stopListening: () => void;
}

/** The streams that a run reads and writes. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  /** The file descriptor of standard input, if there is one. Then `stdin` is used only if the descriptor cannot be read directly. */
  stdinFd?: number;
  stdout: OutputStream;
  stderr: OutputStream;
  /** Calls the listener when the user or the system ends the run. The returned function removes the listener. */
  onInterrupt?: (listener: (signal: NodeJS.Signals) => void) => () => void;
  /** Calls the listener when the process ends, by a crash too. The returned function removes the listener. */
  onExit?: (listener: () => void) => () => void;
  /** Calls `leave` before the process stops (Ctrl-Z), and `enter` when it goes on. */
  onStop?: (leave: () => void, enter: () => void) => JobControl;
  /** Makes a test for whether the reader of standard output has gone: nothing is written while nothing changes. */
  openReaderProbe?: () => Promise<() => boolean>;
  /** The kind of terminal (`TERM`). */
  terminalType?: string | undefined;
}

/** Writes chunks as fast as the reader takes them. Stops quietly if the reader has gone (`| head`). */
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
