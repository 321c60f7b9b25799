import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { NAMED_PROTOCOLS } from '../../parsers/conntrack/protocols.js';
import type { AddressTable } from '../engine/address-ids.js';
import { setCounters, type Connection } from '../engine/connection.js';

/** Makes `connection` the one that an entry tracks, as conntrack has it. */
export function readEntry(connection: Connection, entry: ConntrackEntry, addresses: AddressTable): void {
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
