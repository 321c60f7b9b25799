/** A write for each line is slow and one string for all of them is big: this many characters, or a little more, go together. */
const CHUNK_LENGTH = 16 * 1024;

/** Joins lines (each with its line end) into chunks of at least 16 Ki characters; only the last may be shorter. */
export function* batchLines(lines: Iterable<string>): Generator<string, void, undefined> {
  let pending: string[] = [];
  let length = 0;
  for (const line of lines) {
    pending.push(line);
    length += line.length;
    if (length >= CHUNK_LENGTH) {
      yield pending.join('');
      pending = [];
      length = 0;
    }
  }
  if (length > 0) yield pending.join('');
}
