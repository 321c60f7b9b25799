import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import type { ParseError } from './parse-error.js';
import { LineBound } from './line-bound.js';
import { lineTooLong, MAX_LINE_BYTES } from './lines.js';

/** The lines of a stream, as a stream of strings; of those that are too long only as much as shows it. */
export function splitLines(readable: Readable): Readable {
  return pipeline(readable, new LineBound(MAX_LINE_BYTES), split2(), () => {
    // An error of any of them destroys the last one, and so reaches whoever reads that.
  });
}

/** The error for a line that is too long. */
export function tooLong(line: string): ParseError | undefined {
  return Buffer.byteLength(line) > MAX_LINE_BYTES ? lineTooLong(line) : undefined;
}
