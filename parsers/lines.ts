import { BYTE } from './bytes.js';
import { ParseError } from './parse-error.js';

/** The longest line that is read whole, in bytes. A longer line is only reported. */
export const MAX_LINE_BYTES = 65536;

/** The error for a line that is too long; `beginning` is the available part of it. */
export function lineTooLong(beginning: string): ParseError {
  const expected = `a line of at most ${MAX_LINE_BYTES} bytes`;
  const text = beginning.slice(0, 200);
  return new ParseError({ code: 'line-too-long', field: 'line', column: 1, text, expected });
}

/** Receives the lines of a {@link LineSplitter}. Offsets are valid until the call returns. */
export interface LineSink {
  /**
   * Offers a line that starts at `start`, before its newline is searched for. The newline is in `bytes`.
   * @returns the position of the newline if the line was taken; otherwise a negative number, and {@link line} is called
   */
  quick?(bytes: Buffer, start: number): number;
  /** Takes the line at `[start, end)`, without its newline; `terminated` is false for a last line that has none. */
  line(bytes: Buffer, start: number, end: number, terminated: boolean): void;
  /** Takes the beginning, at `[start, end)`, of a line of more than {@link MAX_LINE_BYTES}. */
  tooLong(bytes: Buffer, start: number, end: number): void;
}

/**
 * Splits chunks of bytes into lines. Chunks may be cut anywhere, and memory does not grow with them.
 * Lines that lie within one chunk are handed on without a copy.
 */
export class LineSplitter {
  /** The number of the last line handed on, from 1. */
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

  /** Offers a line to the sink. Returns the position of its newline if the sink took it, else a negative number. */
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
