import type { Unreadable } from '../model/unreadable.js';
import type { OpenedAccount } from './opened-account.js';
import type { KnownHost } from './known-host.js';
import type { TableReading } from './listing/table-reading.js';
import type { HostSources, EvidenceSource, Source } from './source.js';

/** Opens an account. @param failures the reasons why the sources before it do not work */
type Follow = (host: KnownHost, failures: readonly Unreadable[]) => Promise<OpenedAccount>;

/** One way of reading sockets, and perhaps of keeping account by them. */
export interface SocketSource extends EvidenceSource {
  readonly follow?: Follow;
}

/** One way of reading the connection-tracking table, and perhaps of keeping account by it. */
export interface TableSource extends Source {
  /** Prepares things that take their time, while something else is read; goes without them where they cannot be had. */
  prepare?(): Promise<void>;
  /**
   * Reads the whole table into a reading that `start` makes: a new one, should the reading have to begin again.
   * @throws HostflowError if it works, and then fails
   */
  dump(start: (name: string) => TableReading): Promise<TableReading>;
  /** Releases the things that {@link prepare} made, read or not. */
  release?(): Promise<void>;
  readonly follow?: Follow;
}

/** The sources that the options leave, in the order in which to try them. */
export interface Sources extends HostSources {
  sockets: readonly SocketSource[];
  /** None if only sockets are asked for. */
  tables: readonly TableSource[];
}
