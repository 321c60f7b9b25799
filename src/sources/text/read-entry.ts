import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { NAMED_PROTOCOLS } from '../../../parsers/conntrack/protocols.js';
import type { EntryCounters } from '../../engine/accounting/tracked-entry.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { setCounters, type Connection } from '../../engine/connection.js';

/** Fills `connection` from an entry. */
export function readEntry(connection: Connection, entry: ConntrackEntry, addresses: AddressIds): void {
  const { original, reply, originalCounters, replyCounters } = entry;
  const originalPorts = 'sourcePort' in original ? original : undefined;
  const replyPorts = 'sourcePort' in reply ? reply : undefined;
  connection.protocolNumber =
    entry.protocol === 'unknown' ? entry.protocolNumber : NAMED_PROTOCOLS[entry.protocol].number;
  connection.hasPorts = originalPorts !== undefined;
  connection.initiator = addresses.idOfText(original.source);
  connection.dialled = addresses.idOfText(original.destination);
  connection.responder = addresses.idOfText(reply.source);
  connection.answered = addresses.idOfText(reply.destination);
  connection.initiatorPort = originalPorts?.sourcePort ?? 0;
  connection.dialledPort = originalPorts?.destinationPort ?? 0;
  connection.responderPort = replyPorts?.sourcePort ?? 0;
  connection.answeredPort = replyPorts?.destinationPort ?? 0;
  connection.openingSeen = entry.protocol === 'tcp' && entry.state === 'SYN_SENT';
  connection.exchanged = false;
  setCounters(
    connection,
    originalCounters?.packets,
    originalCounters?.bytes,
    replyCounters?.packets,
    replyCounters?.bytes,
  );
}

/** The counters of an entry; undefined if it has none. */
export function entryCounters({
  originalCounters,
  replyCounters,
}: Pick<ConntrackEntry, 'originalCounters' | 'replyCounters'>): EntryCounters | undefined {
  if (originalCounters === undefined || replyCounters === undefined) return undefined;
  return { original: originalCounters, reply: replyCounters };
}

/** False for an entry whose connection has ended: nothing flows in TIME_WAIT and CLOSE. */
export function isOpenEntry(entry: ConntrackEntry): boolean {
  return entry.protocol !== 'tcp' || (entry.state !== 'TIME_WAIT' && entry.state !== 'CLOSE');
}
