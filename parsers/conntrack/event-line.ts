import type { Counter } from '../counter.js';
import type { ParseResult } from '../parse-error.js';
import type { ConntrackEvent, ConntrackEventType, EventTimestamp, UserspaceOrigin } from './event.js';
import { formatConntrackEntry } from './format-entry.js';
import { LineReader, U32_MAX } from './line-reader.js';
import { ConntrackLineParser, type ConntrackParseOptions } from './parse-entry.js';

const EVENT_EXPECTED = '"[NEW]", "[UPDATE]" or "[DESTROY]", as "conntrack -E" prints it';
const USERSPACE = /[ \t]\[USERSPACE\](?=[ \t\r\n]|$)/;
const PROGRAM_NAME = /[ \t\r\n]progname=/;
const PORT_ID = 'portid=';

/**
 * Parses one line of `conntrack -E`, with any `-o` of `extended,id,timestamp,labels,userspace`.
 *
 * Never throws: a malformed line gives `{ ok: false, error }`.
 * Source: `event_cb()` in conntrack-tools' src/conntrack.c; `__snprintf_conntrack_default()` in libnetfilter_conntrack.
 */
export function tryParseConntrackEvent(
  line: string,
  options: ConntrackParseOptions = {},
): ParseResult<ConntrackEvent> {
  const bytes = Buffer.from(line, 'utf8');
  const reader = new LineReader(bytes, 0, bytes.length);
  const prefix = readEventPrefix(reader, line);
  if (prefix === undefined) faultNoEvent(reader, line);
  const { type = 'NEW', timestamp, next = 0 } = prefix ?? {};
  const origin = USERSPACE.exec(line);
  const end = origin === null ? bytes.length : Buffer.byteLength(line.slice(0, origin.index));
  const userspace = origin === null ? undefined : readOrigin(reader, line, end, origin);
  const error = reader.error();
  if (error !== undefined) return { ok: false, error };
  const result = new ConntrackLineParser(options).parse(bytes, next, end, 0);
  if (!result.ok) return result;
  const value: ConntrackEvent = { type, entry: result.value };
  if (timestamp !== undefined) value.timestamp = timestamp;
  if (userspace !== undefined) value.userspace = userspace;
  return { ok: true, value };
}

/** Like {@link tryParseConntrackEvent}, but throws. @throws ParseError on a malformed line */
export function parseConntrackEvent(line: string, options: ConntrackParseOptions = {}): ConntrackEvent {
  const result = tryParseConntrackEvent(line, options);
  if (!result.ok) throw result.error;
  return result.value;
}

function faultNoEvent(reader: LineReader, line: string): void {
  if (line.trim() === '') {
    reader.fault('empty-line', 'line', 0, 0, 'an event');
    return;
  }
  const start = line.search(/\S/);
  const word = /^\S+/.exec(line.slice(start, start + 200))?.[0] ?? '';
  const from = Buffer.byteLength(line.slice(0, start));
  reader.fault('not-event', 'line', from, from + Buffer.byteLength(word), EVENT_EXPECTED);
}

/** Reads the fields after the record. A program's name extends to the end of the line and may contain anything. */
function readOrigin(
  reader: LineReader,
  line: string,
  start: number,
  { index, 0: mark }: RegExpExecArray,
): UserspaceOrigin {
  const rest = line.slice(index + mark.length).replace(/\r?\n?$/, '');
  const name = PROGRAM_NAME.exec(rest);
  const fields = name === null ? rest : rest.slice(0, name.index);
  const origin: UserspaceOrigin = {};
  const extra: string[] = [];
  for (const { 0: field, index: at } of fields.matchAll(/[^ \t\r\n]+/g)) {
    if (field.startsWith(PORT_ID) && origin.portId === undefined) {
      const from = start + mark.length + Buffer.byteLength(fields.slice(0, at)) + PORT_ID.length;
      const to = from + Buffer.byteLength(field) - PORT_ID.length;
      origin.portId = reader.unsigned('portid', from, to, U32_MAX);
    } else extra.push(field);
  }
  if (name !== null) origin.programName = rest.slice(name.index + name[0].length);
  if (extra.length > 0) origin.extra = extra;
  return origin;
}

/** The format to print: `conntrack -E`, or `conntrack -E -o extended`. */
export type ConntrackEventStyle = 'conntrack' | 'conntrack-extended';

/**
 * Prints an event as `conntrack -E` of conntrack-tools 1.4.7 does, without the line end. It is the inverse of
 * `parseConntrackEvent`. The timestamp is printed if the event has one.
 */
export function formatConntrackEvent(
  event: ConntrackEvent,
  style: ConntrackEventStyle = 'conntrack',
): string {
  const { type, timestamp, entry, userspace } = event;
  const line = formatEventPrefix(type, timestamp, 'zeros') + formatConntrackEntry(entry, style);
  if (userspace === undefined) return line;
  const fields = [line, '[USERSPACE]'];
  if (userspace.portId !== undefined) fields.push(`portid=${userspace.portId}`);
  fields.push(...(userspace.extra ?? []));
  if (userspace.programName !== undefined) fields.push(`progname=${userspace.programName}`);
  return fields.join(' ');
}

/** The text before the record in a line of `conntrack -E`, and the position of the record. */
export interface EventPrefix {
  type: ConntrackEventType;
  timestamp?: EventTimestamp;
  next: number;
}

// conntrack-tools pads both numbers with zeros on the left; up to 1.4.1, with blanks on the right ("%-8ld.%-6ld").
const PREFIX = /^([ \t]*\[)(?:([0-9]+) *\.([0-9]+) *\][ \t]*\[)?(NEW|UPDATE|DESTROY)\](?=[ \t]|$)/;

/** Reads the prefix of `line`, which `reader` also reads; undefined if it has none. The prefix is ASCII only. */
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

/** The padding of timestamps: zeros in events since conntrack-tools 1.4.2, blanks in expectations to this day. */
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
