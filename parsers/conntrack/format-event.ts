import { formatEventPrefix } from './event-prefix.js';
import type { ConntrackEvent } from './event.js';
import { formatConntrackEntry } from './format.js';

/** Whose text to print: `conntrack -E`, or `conntrack -E -o extended`. */
export type ConntrackEventStyle = 'conntrack' | 'conntrack-extended';

/**
 * Prints an event as `conntrack -E` of conntrack-tools 1.4.7 does, without the line end: the inverse of
 * `parseConntrackEvent`. A timestamp is printed where the event has one.
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
