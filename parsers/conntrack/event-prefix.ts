import type { Counter } from '../counter.js';
import type { ConntrackEventType, EventTimestamp } from './event.js';
import type { LineReader } from './line-reader.js';

/** What stands before the record in a line of `conntrack -E`, and where the record begins. */
export interface EventPrefix {
  type: ConntrackEventType;
  timestamp?: EventTimestamp;
  next: number;
}

// Up to conntrack-tools 1.4.1 both numbers are padded with blanks on the right ("%-8ld.%-6ld"), later with zeros on the left.
const PREFIX = /^([ \t]*\[)(?:([0-9]+) *\.([0-9]+) *\][ \t]*\[)?(NEW|UPDATE|DESTROY)\](?=[ \t]|$)/;

/** The prefix of the line that `reader` reads, whose text is `line`; undefined where it has none. All of it is ASCII. */
export function readEventPrefix(reader: LineReader, line: string): EventPrefix | undefined {
  const match = PREFIX.exec(line);
  if (match === null) return undefined;
  const [all, opening = '', seconds, microseconds, type] = match;
  const prefix = { type: type as ConntrackEventType, next: all.length };
  if (seconds === undefined || microseconds === undefined) return prefix;
  const start = opening.length;
  const fraction = line.indexOf('.', start) + 1;
  return {
    ...prefix,
    timestamp: {
      seconds: reader.counter('timestamp', start, start + seconds.length),
      microseconds: reader.unsigned('timestamp', fraction, fraction + microseconds.length, 999999),
    },
  };
}

/** How conntrack pads timestamps: events with zeros since conntrack-tools 1.4.2, expectations with blanks to this day. */
export type TimestampPadding = 'zeros' | 'blanks';

/** The text before a record. */
export function formatEventPrefix(
  type: ConntrackEventType,
  timestamp: EventTimestamp | undefined,
  padding: TimestampPadding,
): string {
  const prefix = `${`[${type}]`.padStart(9)} `;
  if (timestamp === undefined) return prefix;
  const pad = (value: Counter, width: number): string =>
    padding === 'zeros' ? String(value).padStart(width, '0') : String(value).padEnd(width);
  return `[${pad(timestamp.seconds, 8)}.${pad(timestamp.microseconds, 6)}]\t${prefix}`;
}
