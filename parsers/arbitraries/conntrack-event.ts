import fc from 'fast-check';
import type {
  ConntrackEvent,
  ConntrackEventType,
  EventTimestamp,
  UserspaceOrigin,
} from '../conntrack/event.js';
import { conntrackEntry } from './conntrack-entry.js';
import { unknownField, word } from './conntrack-texts.js';
import { counter, u32 } from './numbers.js';

const PLAIN = { noNullPrototype: true } as const;

/**
 * Any event that a line of `conntrack -E` can express, about any {@link conntrackEntry}: with or without a timestamp,
 * from the kernel or from a program of any name. `parse(format(event))` is the same event in every
 * `ConntrackEventStyle`.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackEvent(), (event) =>
 *     isDeepStrictEqual(parseConntrackEvent(formatConntrackEvent(event)), event),
 *   ),
 * );
 * ```
 */
export function conntrackEvent(): fc.Arbitrary<ConntrackEvent> {
  return fc.record(
    { type: eventType(), timestamp: eventTimestamp(), entry: conntrackEntry(), userspace: userspaceOrigin() },
    { requiredKeys: ['type', 'entry'], ...PLAIN },
  );
}

/** The type of an event. */
export function eventType(): fc.Arbitrary<ConntrackEventType> {
  return fc.constantFrom('NEW', 'UPDATE', 'DESTROY');
}

/** Any time that the text can express. */
export function eventTimestamp(): fc.Arbitrary<EventTimestamp> {
  return fc.record({ seconds: counter(), microseconds: fc.nat(999_999) }, PLAIN);
}

/** A process's name: any characters, including blanks, `=` and brackets. */
export function programName(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('conntrack', 'my prog', '[USERSPACE] portid=7', ' progname=y', ''),
    fc.string({ maxLength: 15 }),
    word(),
  );
}

function userspaceOrigin(): fc.Arbitrary<UserspaceOrigin> {
  const field = unknownField().filter((text) => !/\s/.test(text));
  return fc.record(
    {
      portId: u32(),
      programName: programName(),
      extra: fc.array(field, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [], ...PLAIN },
  );
}
