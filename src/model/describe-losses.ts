import type { AccountSource } from '../sources/account.js';
import type { Losses } from './losses.js';

/** Why an end is not told, and what is missing then. */
const ENDED_UNSEEN: Record<AccountSource, string> = {
  conntrack:
    'ended without an event (net.netfilter.nf_conntrack_events is 2, and they are older than this measurement): ' +
    'what they carried last is missing',
  sockets:
    'ended without their figures (reset by their own program, which clears them, or dead and still held by it): ' +
    'what they carried after the last look is missing',
  polling: 'ended between two looks: what they carried after the first of them is missing',
};

/** What may be missing, in one line each for people; none where everything was counted. */
export function describeLosses(losses: Losses, source: AccountSource): string[] {
  const lines: string[] = [];
  const { eventLosses, endedUnseen, unknownConnections } = losses;
  if (eventLosses > 0) {
    lines.push(
      `events were lost ${eventLosses} ${eventLosses === 1 ? 'time' : 'times'}, as they came faster than they could be read: ` +
        'connections that came and went meanwhile may be missing',
    );
  }
  if (endedUnseen > 0) {
    lines.push(`${endedUnseen} ${endedUnseen === 1 ? 'connection' : 'connections'} ${ENDED_UNSEEN[source]}`);
  }
  if (unknownConnections > 0) {
    lines.push(
      `${unknownConnections} ${unknownConnections === 1 ? 'connection has' : 'connections have'} no counters ` +
        '(sysctl -w net.netfilter.nf_conntrack_acct=1; takes effect for new connections only): their bytes are unknown',
    );
  }
  return lines;
}
