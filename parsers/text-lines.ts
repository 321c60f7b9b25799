import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import { LineBound } from './line-bound.js';
import { MAX_LINE_BYTES } from './lines.js';

/** The lines of a stream; of those that are too long only as much as shows it. */
export async function* textLines(
  readable: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  signal?.throwIfAborted();
  const lines = pipeline(readable, new LineBound(MAX_LINE_BYTES), split2(), () => {
    // An error of any of them destroys the last one, and so reaches the loop below.
  });
  const stop = (): void => {
    lines.destroy(signal?.reason instanceof Error ? signal.reason : new Error('The reading was aborted'));
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    yield* lines as AsyncIterable<string>;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
