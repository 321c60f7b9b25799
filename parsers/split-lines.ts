import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import split2 from 'split2';
import { lineTooLong, LineSplitter, MAX_LINE_BYTES, type LineSink } from './lines.js';
import type { ParseError } from './parse-error.js';

/** Splits a stream into a stream of strings, one a line. A line that is too long is cut just beyond the bound. */
export function splitLines(readable: Readable): Readable {
  return pipeline(readable, new LineBound(), split2(), () => {
    // An error in any of them destroys the last one, so the reader of that one gets it.
  });
}

/** The error for a line that is too long; undefined for any other line. */
export function tooLong(line: string): ParseError | undefined {
  return Buffer.byteLength(line) > MAX_LINE_BYTES ? lineTooLong(line) : undefined;
}

const NEWLINE = Buffer.from('\n');
/** Lets the reader detect a line that was cut. */
const ONE_TOO_MANY = Buffer.from(' ');

/** Passes on at most one byte more than {@link MAX_LINE_BYTES} of each line, so memory stays flat. */
class LineBound extends Transform implements LineSink {
  private readonly splitter = new LineSplitter(this);
  private chunk: Buffer | undefined;
  /** The lines that follow each other in the chunk at hand go on together: from `start` to `end`, the last newline left out. */
  private pending: { bytes: Buffer; start: number; end: number } | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.chunk = chunk;
    this.splitter.push(chunk);
    this.passOn();
    callback();
  }

  override _flush(callback: TransformCallback): void {
    this.splitter.end();
    this.passOn();
    callback();
  }

  line(bytes: Buffer, start: number, end: number, terminated: boolean): void {
    if (!terminated || bytes.buffer !== this.chunk?.buffer) {
      // A last line, or one from the splitter's own buffer, which is used again at once.
      this.passOn();
      this.push(
        Buffer.concat(terminated ? [bytes.subarray(start, end), NEWLINE] : [bytes.subarray(start, end)]),
      );
    } else if (this.pending?.bytes === bytes && this.pending.end + 1 === start) {
      this.pending.end = end;
    } else {
      this.passOn();
      this.pending = { bytes, start, end };
    }
  }

  tooLong(bytes: Buffer, start: number, end: number): void {
    this.passOn();
    this.push(Buffer.concat([bytes.subarray(start, end), ONE_TOO_MANY, NEWLINE]));
  }

  private passOn(): void {
    if (this.pending === undefined) return;
    const { bytes, start, end } = this.pending;
    this.pending = undefined;
    // The newline is there: the line was terminated.
    this.push(bytes.subarray(start, end + 1));
  }
}
