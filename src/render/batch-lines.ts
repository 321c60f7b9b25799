/** The least length of a chunk in characters. A write for each line is slow, and one string for all lines is big. */
const CHUNK_LENGTH = 64 * 1024;

/** Joins lines (each with its line end) into chunks of at least 64 Ki characters. Only the last may be shorter. */
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
