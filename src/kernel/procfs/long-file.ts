import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 64 * 1024;

/** The text of a file, and whether it is all of it. */
export interface FileText {
  text: string;
  isWhole: boolean;
}

/**
 * Reads a file of procfs up to a limit. The kernel looks for the place of each page of a routing table from its beginning, so that a
 * table of 500,000 routes would take a minute. A saved copy is read as a whole. A file that does not exist is empty.
 */
export function readLongFile(path: string, mostBytes: number): FileText {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    // Without IPv6 there is no `ipv6_route`, and without IPv4 no `fib_trie`.
    return { text: '', isWhole: true };
  }
  try {
    if (fstatSync(fd).isDirectory()) return { text: '', isWhole: true };
    // Files of procfs have no size.
    const limit = fstatSync(fd).size > 0 ? Infinity : mostBytes;
    const chunks: Buffer[] = [];
    for (let total = 0; total < limit;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(fd, chunk, 0, chunk.length, null);
      if (read === 0) return { text: Buffer.concat(chunks).toString('latin1'), isWhole: true };
      chunks.push(chunk.subarray(0, read));
      total += read;
    }
    return { text: Buffer.concat(chunks).toString('latin1'), isWhole: false };
  } finally {
    closeSync(fd);
  }
}
