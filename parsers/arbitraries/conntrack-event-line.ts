import fc from 'fast-check';
import type { TimestampPadding } from '../conntrack/event-line.js';
import type { ConntrackEventStyle } from '../conntrack/event-line.js';
import { eventTimestamp, eventType, programName } from './conntrack-event.js';
import { conntrackLine } from './conntrack-line.js';
import { u32 } from './numbers.js';

const STYLES: readonly ConntrackEventStyle[] = ['conntrack', 'conntrack-extended'];

/**
 * The text of a line as `conntrack -E` of conntrack-tools 1.4.7 prints it, with any `-o`, in this style or in any; not made by
 * `formatConntrackEvent`, so that it tests both ways: `format(parse(line), style)` is the same line. No line end.
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

/** `[1296662422.001234]⇥    [NEW] `, the time there or not, its numbers padded with zeros or with blanks behind. */
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
