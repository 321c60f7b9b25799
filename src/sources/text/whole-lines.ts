const NEWLINE = 0x0a;
/** No line of conntrack is longer. What is goes on as it came. */
const MOST_BYTES = 64 * 1024;

/**
 * The chunks of a stream, cut behind the last line end. The rest at the end of the stream, a line without an end, goes to `onTail` with
 * its number: it may be cut.
 */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array | string>,
  onTail: (line: string, lineNumber: number) => void,
): AsyncGenerator<Buffer, void, void> {
  let tail = Buffer.alloc(0);
  let lineNumber = 1;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk as Uint8Array);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lineNumber++;
    if (end === 0 && tail.length + bytes.length < MOST_BYTES) {
      tail = Buffer.concat([tail, bytes]);
      continue;
    }
    const cut = end === 0 ? bytes.length : end;
    yield Buffer.concat([tail, bytes.subarray(0, cut)]);
    tail = Buffer.from(bytes.subarray(cut));
  }
  if (tail.length > 0) onTail(tail.toString('utf8'), lineNumber);
}
