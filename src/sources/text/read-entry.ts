import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { NAMED_PROTOCOLS } from '../../../parsers/conntrack/protocols.js';
import { SCANNED, type ConntrackScanner } from '../../../parsers/conntrack/scan-entry.js';
import type { EntryCounters } from '../../engine/accounting/tracked-entry.js';
import { replyState } from '../../model/states.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { setCounters, TCP, type Connection } from '../../engine/connection.js';

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
  connection.opening = entry.protocol === 'tcp' && entry.state === 'SYN_SENT' ? 'seen' : 'unknown';
  connection.exchanged = false;
  connection.zone = entry.zone ?? entry.originalZone ?? entry.replyZone ?? 0;
  connection.isOffloaded = entry.status.offload || entry.status.hardwareOffload;
  connection.state = connection.withState ? stateOf(entry) : '';
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

/** The name of the state. A protocol without states has it replied or not. */
function stateOf(entry: ConntrackEntry): string {
  const isStateful = entry.protocol === 'tcp' || entry.protocol === 'sctp' || entry.protocol === 'dccp';
  return isStateful ? (entry.state ?? '') : replyState(entry.status.unreplied);
}

/** Fills `connection` from the line that a scanner has just read. It must not need the state. */
export function readScanned(connection: Connection, line: ConntrackScanner, addresses: AddressIds): void {
  const { head, numbers, isIpv6, hasCounters } = line;
  const words = line.addresses;
  const hasPorts = head.form === 'ports';
  connection.protocolNumber = head.protocolNumber;
  connection.hasPorts = hasPorts;
  connection.initiator = idOfWords(addresses, isIpv6, words, 0);
  connection.dialled = idOfWords(addresses, isIpv6, words, 4);
  connection.responder = idOfWords(addresses, isIpv6, words, 8);
  connection.answered = idOfWords(addresses, isIpv6, words, 12);
  connection.initiatorPort = hasPorts ? portAt(numbers, SCANNED.original) : 0;
  connection.dialledPort = hasPorts ? portAt(numbers, SCANNED.original + 1) : 0;
  connection.responderPort = hasPorts ? portAt(numbers, SCANNED.reply) : 0;
  connection.answeredPort = hasPorts ? portAt(numbers, SCANNED.reply + 1) : 0;
  connection.opening = line.isSynSent && head.protocolNumber === TCP ? 'seen' : 'unknown';
  connection.exchanged = false;
  connection.zone = line.zone;
  connection.isOffloaded = line.isOffloaded;
  connection.state = '';
  connection.hasCounters = hasCounters;
  connection.wideCounters = undefined;
  if (!hasCounters) return;
  for (let index = 0; index < 4; index++) {
    connection.counters[index] = numbers[SCANNED.originalCounters + index] ?? 0;
  }
}

function idOfWords(addresses: AddressIds, isIpv6: boolean, words: Int32Array, start: number): number {
  return isIpv6 ? addresses.idOfIpv6(words, start) : addresses.idOfIpv4(words[start] ?? 0);
}

function portAt(numbers: Float64Array, index: number): number {
  return (numbers[index] ?? 0) | 0;
}
