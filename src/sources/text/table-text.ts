import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import type { ConntrackScanner } from '../../../parsers/conntrack/scan-entry.js';
import { readEntry, readScanned } from './read-entry.js';
import type { MalformedLines } from './malformed-lines.js';
import type { ConntrackConsumer } from './read-conntrack.js';
import type { TableReading } from '../listing/table-reading.js';

/** Adds the entries of a table's text to its reading. */
export class TableText implements ConntrackConsumer {
  readonly reading: TableReading;
  readonly scanned?: (line: ConntrackScanner) => void;

  constructor(reading: TableReading) {
    this.reading = reading;
    // The scanner passes over states.
    if (!reading.connection.withState) this.scanned = this.takeScanned.bind(this);
  }

  get malformed(): MalformedLines {
    return this.reading.malformed;
  }

  entry(entry: ConntrackEntry): void {
    const { connection, addresses } = this.reading;
    readEntry(connection, entry, addresses);
    this.reading.add();
  }

  private takeScanned(line: ConntrackScanner): void {
    const { connection, addresses } = this.reading;
    readScanned(connection, line, addresses);
    this.reading.add();
  }
}
