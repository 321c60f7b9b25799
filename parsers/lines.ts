import { BYTE } from './bytes.js';
import { ParseError } from './parse-error.js';

/** The longest line that is read whole, in bytes; of a longer one only the fact is kept. */
export const MAX_LINE_BYTES = 65536;

/** The error for a longer line; `beginning` is as much of it as is at hand. */
export function lineTooLong(beginning: string): ParseError {
  const expected = `a line of at most ${MAX_LINE_BYTES} bytes`;
  const text = beginning.slice(0, 200);
  return new ParseError({ code: 'line-too-long', field: 'line', column: 1, text, expected });
}

/** Where {@link LineSplitter} hands lines to. Offsets hold until the call returns. */
export interface LineSink {
  /**
   * Offers a line of unknown length that starts at `start` and has its newline in `bytes`, before that is searched for.
   * @returns where the newline is, if the line was taken; else a negative number, and {@link line} gets it
   */
  quick?(bytes: Buffer, start: number): number;
  /** A line at `[start, end)`, without its newline; `terminated` is false for a last line that has none. */
  line(bytes: Buffer, start: number, end: number, terminated: boolean): void;
  /** A line of more than {@link MAX_LINE_BYTES}; `[start, end)` is its beginning. */
  tooLong(bytes: Buffer, start: number, end: number): void;
}

/**
 * Splits chunks of bytes into lines, wherever the chunks are cut, in memory that does not grow with them.
 * Lines that lie within one chunk are handed on without a copy.
 */
export class LineSplitter {
  /** The number of the line handed on last, from 1. */
  lineNumber = 0;
  private readonly sink: LineSink;
  private carry = Buffer.alloc(0);
  private carried = 0;
  private overflowed = false;

  constructor(sink: LineSink) {
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const last = bytes.lastIndexOf(BYTE.newline);
    let start = 0;
    while (start <= last) {
      const taken = this.carried === 0 && !this.overflowed ? this.offer(bytes, start) : -1;
      if (taken >= 0) {
        start = taken + 1;
        continue;
      }
      const end = bytes.indexOf(BYTE.newline, start);
      if (this.carried === 0 && !this.overflowed) this.emit(bytes, start, end, true);
      else {
        this.keep(bytes, start, end);
        this.emitCarried(true);
      }
      start = end + 1;
    }
    if (start < bytes.length) this.keep(bytes, start, bytes.length);
  }

  /** Hands on a last line that has no newline. */
  end(): void {
    if (this.carried > 0 || this.overflowed) this.emitCarried(false);
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    if (this.carry.length === 0) this.carry = Buffer.alloc(MAX_LINE_BYTES + 1);
    const room = MAX_LINE_BYTES - this.carried;
    this.carried += bytes.copy(this.carry, this.carried, start, Math.min(end, start + room));
    if (end - start > room) this.overflowed = true;
  }

  private emitCarried(terminated: boolean): void {
    const length = this.carried;
    const overflowed = this.overflowed;
    this.carried = 0;
    this.overflowed = false;
    if (overflowed) {
      this.lineNumber++;
      this.sink.tooLong(this.carry, 0, length);
      return;
    }
    if (terminated) {
      this.carry[length] = BYTE.newline;
      if (this.offer(this.carry, 0) >= 0) return;
    }
    this.emit(this.carry, 0, length, terminated);
  }

  /** Where the newline of a line is that the sink took without being told; else a negative number. */
  private offer(bytes: Buffer, start: number): number {
    const taken = this.sink.quick?.(bytes, start) ?? -1;
    if (taken >= 0) this.lineNumber++;
    return taken;
  }

  private emit(bytes: Buffer, start: number, end: number, terminated: boolean): void {
    this.lineNumber++;
    if (end - start > MAX_LINE_BYTES) this.sink.tooLong(bytes, start, start + MAX_LINE_BYTES);
    else this.sink.line(bytes, start, end, terminated);
  }
}
