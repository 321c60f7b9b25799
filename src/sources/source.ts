import type { AddressIds } from '../engine/address-ids.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { AddressSet } from '../model/address-set.js';
import {
  describeFailures,
  failureCode,
  type Diagnostic,
  type SocketBytes,
  type Unreadable,
} from '../model/diagnostics.js';
import { HostflowError } from '../model/errors.js';
import type { OpenedAccount } from './account.js';
import type { KnownHost } from './known-host.js';
import type { TableReading } from './listing/table-reading.js';

/**
 * One way of reading something. Every kind has the same shape: `dump` reads it once, `follow` keeps it current from then on. A
 * source that does not work here throws SourceFailure, and the next one is tried; a source without `follow` cannot.
 */
interface Source {
  /** In words, as `--verbose` reports it. */
  readonly name: string;
}

/** The sockets of a network namespace. */
export interface SocketTables {
  evidence: SocketEvidence;
  bytes: SocketBytes;
  diagnostics: Diagnostic[];
}

/** Opens an account. @param failures the reasons why the sources before it do not work */
type Follow = (host: KnownHost, failures: readonly Unreadable[]) => Promise<OpenedAccount>;

/** One way of reading sockets. */
export interface SocketSource extends Source {
  /** Reads the sockets. @param addresses the table for their addresses; a new one by default */
  dump(addresses?: AddressIds): SocketTables | Promise<SocketTables>;
  readonly follow?: Follow;
}

/** One way of reading the connection-tracking table. */
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

/** One way of reading the local addresses. */
export interface AddressSource extends Source {
  dump(): AddressSet | Promise<AddressSet>;
  /** Follows the addresses: `onChange` is called after a change. */
  readonly follow?: (onChange: () => void) => Promise<Following>;
}

/** Something that is followed until it is closed. */
export interface Following {
  /** Reports changes at once that were not reported yet. */
  look(): void;
  close(): Promise<void>;
}

/** The sources that the options leave, in the order in which to try them. */
export interface Sources {
  addresses: readonly AddressSource[];
  sockets: readonly SocketSource[];
  /** None if only sockets are asked for. */
  tables: readonly TableSource[];
}

/** One way of reading does not work here; another may. */
export class SourceFailure extends Error {
  readonly unreadable: Unreadable;

  constructor(unreadable: Unreadable) {
    super(unreadable.code);
    this.name = 'SourceFailure';
    this.unreadable = unreadable;
  }
}

/** The first source that works, its result, and the reasons why those before it did not work. */
export type Chosen<Some, Result> =
  | { source: Some; result: Result; failures: readonly Unreadable[] }
  | { source: undefined; failures: readonly Unreadable[] };

/** Tries sources in order. */
export async function firstThatWorks<Some, Result>(
  sources: readonly Some[],
  use: (source: Some, failures: readonly Unreadable[]) => Result | Promise<Result>,
): Promise<Chosen<Some, Result>> {
  const failures: Unreadable[] = [];
  for (const source of sources) {
    try {
      return { source, result: await use(source, failures), failures };
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      failures.push(error.unreadable);
    }
  }
  return { source: undefined, failures };
}

/** The local addresses, by the first source that works. */
export async function readAddresses({ addresses }: Sources): Promise<AddressSet> {
  const read = await firstThatWorks(addresses, (source) => source.dump());
  if (read.source !== undefined) return read.result;
  throw new HostflowError(failureCode(read.failures), describeFailures(read.failures));
}
