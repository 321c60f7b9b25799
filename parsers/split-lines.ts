import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import { LineBound } from './line-bound.js';
import { MAX_LINE_BYTES } from './lines.js';

/**
 * The lines of a stream; of those that are too long only as much as shows it. The stream is destroyed when the iteration
 * ends, however that comes about.
 * @throws what the stream fails with, or the signal's reason.
 */
export async function* splitLines(
  readable: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  const lines = pipeline(readable, new LineBound(MAX_LINE_BYTES), split2(), () => {
    // An error of any of them destroys the last one, and so reaches the loop below.
  });
  const stop = (): void => {
    lines.destroy(new Error('The reading was aborted'));
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted === true) stop();
    yield* lines as AsyncIterable<string>;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
