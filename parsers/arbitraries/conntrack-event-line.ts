import fc from 'fast-check';
import type { TimestampPadding } from '../conntrack/event-line.js';
import type { ConntrackEventStyle } from '../conntrack/event-line.js';
import { eventTimestamp, eventType, programName } from './conntrack-event.js';
import { conntrackLine } from './conntrack-line.js';
import { u32 } from './numbers.js';

const STYLES: readonly ConntrackEventStyle[] = ['conntrack', 'conntrack-extended'];

/**
 * The text of a line as `conntrack -E` of conntrack-tools 1.4.7 prints it, with any `-o`, in one style or in any. It
 * has no line end.
 *
 * It is not made by `formatConntrackEvent`, so it tests both parser and printer: `format(parse(line), style)` is the
 * same line.
 *
 * Source: `event_cb()` in conntrack-tools' src/conntrack.c.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackEventLine('conntrack'), (line) => formatConntrackEvent(parseConntrackEvent(line)) === line),
 * );
 * ```
 */
export function conntrackEventLine(style?: ConntrackEventStyle): fc.Arbitrary<string> {
  if (style === undefined) return fc.oneof(...STYLES.map((each) => conntrackEventLine(each)));
  return fc
    .tuple(eventPrefix('zeros'), conntrackLine(style), userspace())
    .map(([prefix, record, origin]) => prefix + record + origin);
}

/** `[1296662422.001234]⇥    [NEW] `. The time is optional; zeros in front or blanks behind pad its numbers. */
export function eventPrefix(padding: TimestampPadding): fc.Arbitrary<string> {
  const timestamp = eventTimestamp().map(({ seconds, microseconds }) => {
    const [whole, fraction] = [String(seconds), String(microseconds)];
    return padding === 'zeros'
      ? `[${whole.padStart(8, '0')}.${fraction.padStart(6, '0')}]\t`
      : `[${whole.padEnd(8)}.${fraction.padEnd(6)}]\t`;
  });
  const type = eventType().map((name) => `${`[${name}]`.padStart(9)} `);
  return fc.tuple(fc.option(timestamp, { nil: '' }), type).map((parts) => parts.join(''));
}

function userspace(): fc.Arbitrary<string> {
  const name = programName().map((text) => ` progname=${text}`);
  const origin = fc
    .tuple(u32(), fc.option(name, { nil: '' }))
    .map(([port, program]) => ` [USERSPACE] portid=${port}${program}`);
  return fc.oneof(fc.constantFrom('', ' [USERSPACE]'), origin);
}
