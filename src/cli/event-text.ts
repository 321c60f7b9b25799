import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { openForReading, readFailure } from '../sources/text/read-chunks.js';
import { nameForeignText } from '../sources/text/foreign-text.js';
import { MalformedLines } from '../sources/text/malformed-lines.js';
import type { Io } from './io.js';

/**
 * The stream of `--input` or `--stdin`. @param input the file, or `-`; undefined for standard input
 * @throws HostflowError if the file cannot be opened
 */
export function eventText(input: string | undefined, io: Io): Readable {
  if (input === undefined || input === '-') return io.stdin;
  try {
    return createReadStream('', { fd: openForReading(input) });
  } catch (error) {
    throw readFailure(input, error);
  }
}

/** Takes the lines that are no events. */
export function newMalformedEvents(strict: boolean): MalformedLines {
  return new MalformedLines('the events', strict, (line) => nameForeignText(line, 'events'));
}
