import { sanitizeText } from './sanitize.js';

/** The traffic that may be missing from totals. */
export interface Losses {
  /** The number of entries that ended without an event. Their bytes after the last dump are missing. */
  endedUnseen: number;
  /** The number of times that events were lost. Connections that began and ended then may be missing. */
  eventLosses: number;
  /** The number of times that a complete dump updated the entries after such a loss. */
  resynchronisations: number;
  /** The time of the last dump before the first loss, in milliseconds since 1970. Until then nothing was missing. */
  since: number | undefined;
  /** The number of connections without counters. Their bytes are unknown. */
  unknownConnections: number;
  /** True if there are no events. Connections that begin and end between two dumps are then missed, and not counted here. */
  missesShortConnections: boolean;
}

/** Nothing is missing: the losses of a snapshot. */
export const NO_LOSSES: Losses = {
  endedUnseen: 0,
  eventLosses: 0,
  resynchronisations: 0,
  since: undefined,
  unknownConnections: 0,
  missesShortConnections: false,
};

/** The sources of an account, with their names for people. */
export const ACCOUNT_SOURCES = {
  conntrack: 'conntrack events',
  sockets: 'payload of TCP sockets',
  polling: 'conntrack, polled',
} as const;

/** One of {@link ACCOUNT_SOURCES}. */
export type AccountSource = keyof typeof ACCOUNT_SOURCES;

/** The reason why the last bytes of connections are missing. */
const ENDED_UNSEEN: Record<AccountSource, string> = {
  conntrack:
    'the kernel sent no event of the end, as net.netfilter.nf_conntrack_events is 2 and they are older than this measurement',
  sockets: 'their final counts are unknown, as a local program reset them or still holds their dead sockets',
  polling: 'they ended between two readings of the table',
};

/**
 * Describes the losses for people, a line each; none if everything was counted.
 * @param enter the prefix that makes a command run in the namespace that was read
 */
export function describeLosses(losses: Losses, source: AccountSource, enter: string): string[] {
  const { eventLosses, endedUnseen, unknownConnections } = losses;
  const lines: string[] = [];
  if (eventLosses > 0) {
    lines.push(
      `events were lost ${count(eventLosses, 'time')}, because too many came at once; ` +
        'connections that began and ended at that time may be missing',
    );
  }
  if (endedUnseen > 0) {
    lines.push(`the last bytes of ${count(endedUnseen, 'connection')} are missing: ${ENDED_UNSEEN[source]}`);
  }
  if (unknownConnections > 0) {
    lines.push(
      `the bytes of ${count(unknownConnections, 'connection')} are unknown, as there are no counters; ` +
        `to count new connections, run ${sanitizeText(enter)}sysctl -w net.netfilter.nf_conntrack_acct=1`,
    );
  }
  return lines;
}

/** Names the missing traffic, in phrases that follow "May be missing:"; none if everything was counted. */
export function missingTraffic(losses: Losses): string[] {
  const { endedUnseen, eventLosses, resynchronisations, unknownConnections, missesShortConnections } = losses;
  const phrases: string[] = [];
  if (eventLosses > 0) {
    phrases.push(
      `short connections while events were lost (${eventLosses}x, resynchronised ${resynchronisations}x)`,
    );
  }
  if (endedUnseen > 0)
    phrases.push(`the last bytes of ${count(endedUnseen, 'connection')} that ended unseen`);
  if (unknownConnections > 0)
    phrases.push(`the bytes of ${count(unknownConnections, 'connection')} without counters`);
  if (missesShortConnections) phrases.push('connections shorter than the interval (there are no events)');
  return phrases;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
