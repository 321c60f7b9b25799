import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { type ConntrackScanner, SCANNED } from '../../../parsers/conntrack/scan-entry.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { TCP, type Connection } from '../../engine/connection.js';
import { readEntry } from './read-entry.js';
import type { MalformedLines } from './malformed-lines.js';
import type { ConntrackConsumer } from './read-conntrack.js';
import type { TableReading } from '../listing/table-reading.js';

/** Adds the entries of a table's text to its reading. */
export class TableText implements ConntrackConsumer {
  readonly reading: TableReading;

  constructor(reading: TableReading) {
    this.reading = reading;
  }

  get malformed(): MalformedLines {
    return this.reading.malformed;
  }

  entry(entry: ConntrackEntry): void {
    const { connection, addresses } = this.reading;
    readEntry(connection, entry, addresses);
    this.reading.add();
  }

  scanned(line: ConntrackScanner): void {
    const { connection, addresses } = this.reading;
    readScanned(connection, line, addresses);
    this.reading.add();
  }
}

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
