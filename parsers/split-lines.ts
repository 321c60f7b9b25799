import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import type { ParseError } from './parse-error.js';
import { LineBound } from './line-bound.js';
import { lineTooLong, MAX_LINE_BYTES } from './lines.js';

/** Splits a stream into a stream of strings, one a line. A line that is too long is cut just beyond the bound. */
export function splitLines(readable: Readable): Readable {
  return pipeline(readable, new LineBound(MAX_LINE_BYTES), split2(), () => {
    // An error in any of them destroys the last one, so the reader of that one gets it.
  });
}

/** The error for a line that is too long; undefined for any other line. */
export function tooLong(line: string): ParseError | undefined {
  return Buffer.byteLength(line) > MAX_LINE_BYTES ? lineTooLong(line) : undefined;
}
