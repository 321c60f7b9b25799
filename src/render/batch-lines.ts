/** A write for each line is slow and one string for all of them is big: this many characters, or a little more, go together. */
const CHUNK_LENGTH = 64 * 1024;

/** Joins lines (each with its line end) into chunks of at least 64 Ki characters; only the last may be shorter. */
export function* batchLines(lines: Iterable<string>): Generator<string, void, undefined> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length >= CHUNK_LENGTH) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}
