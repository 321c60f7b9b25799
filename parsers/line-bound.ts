import { Transform, type TransformCallback } from 'node:stream';
import { BYTE } from './bytes.js';

/**
 * Passes on at most `maxBytes + 1` bytes of each line, so memory stays flat.
 *
 * The extra byte lets the splitter behind it detect lines that are too long.
 */
export class LineBound extends Transform {
  private readonly maxBytes: number;
  private lineBytes = 0;

  constructor(maxBytes: number) {
    super();
    this.maxBytes = maxBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    let kept = 0;
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(BYTE.newline, start);
      const end = newline < 0 ? chunk.length : newline;
      const room = Math.max(0, this.maxBytes + 1 - this.lineBytes);
      if (end - start > room) {
        this.push(chunk.subarray(kept, start + room));
        kept = end;
      }
      this.lineBytes = newline < 0 ? this.lineBytes + end - start : 0;
      start = end + 1;
    }
    if (kept < chunk.length) this.push(chunk.subarray(kept));
    callback();
  }
}
