import { readSync } from 'node:fs';

/** Reads until `buffer` is full or the file ends. @returns the number of bytes read */
export function fill(fd: number, buffer: Uint8Array): number {
  let filled = 0;
  while (filled < buffer.length) {
    const got = readSync(fd, buffer, filled, buffer.length - filled, null);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}
