import { type ConntrackScanner, SCANNED } from '../../../parsers/conntrack/scan-entry.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { TCP, type Connection } from '../../engine/connection.js';

/** Fills `connection` from the line that a scanner has just read. */
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
  connection.openingSeen = line.isSynSent && head.protocolNumber === TCP;
  connection.exchanged = false;
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
