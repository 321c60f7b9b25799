import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { openForReading, readFailure } from '../sources/text/read-chunks.js';
import { nameForeignText } from '../sources/text/foreign-text.js';
import { MalformedLines } from '../sources/text/malformed-lines.js';
import type { Flags } from './flags.js';
import type { Io } from './io.js';

/** The text that `measure` and `watch` read events from. */
export interface EventInput {
  /** True for a file, which is read to its end. A pipe may go on. */
  isStored: boolean;
  /** @throws HostflowError if the file cannot be opened */
  open: () => Readable;
}

/** The text of `--input` or `--stdin`; undefined without these flags. */
export function eventInput({ input, stdin }: Pick<Flags, 'input' | 'stdin'>, io: Io): EventInput | undefined {
  if (input === undefined && stdin !== true) return undefined;
  if (input === undefined || input === '-') return { isStored: false, open: () => io.stdin };
  return { isStored: true, open: () => openFile(input) };
}

function openFile(path: string): Readable {
  try {
    return createReadStream('', { fd: openForReading(path) });
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Takes the lines that are no events. */
export function newMalformedEvents(strict: boolean): MalformedLines {
  return new MalformedLines('the events', strict, (line) => nameForeignText(line, 'events'));
}
