import type { Diagnostic, SocketBytes, Unreadable } from '../model/diagnostics.js';
import type { AddressSet } from '../model/address-set.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { TableReading } from './table-reading.js';

/** What the socket tables of a network namespace say. */
export interface SocketTables {
  evidence: SocketEvidence;
  bytes: SocketBytes;
  diagnostics: Diagnostic[];
}

/** One way of reading sockets. */
export interface SocketSource {
  /** In words, as `--verbose` says it. */
  readonly name: string;
  /** @throws SourceFailure where it does not work here */
  read(): SocketTables | Promise<SocketTables>;
}

/** One way of reading the connection-tracking table. */
export interface TableSource {
  readonly name: string;
  /** Gets ready what takes its time, while something else is read; goes without where it cannot. */
  prepare?(): Promise<void>;
  /**
   * Reads the whole table into a reading that `start` makes: a new one, should the reading have to begin again.
   * @throws SourceFailure where it does not work here
   * @throws HostflowError where it does, and then fails
   */
  read(start: (name: string) => TableReading): Promise<TableReading>;
  /** Gives back what {@link prepare} took, whether it was read or not. */
  release?(): Promise<void>;
}

/** The ways of reading that the options leave, in the order in which to try them. */
export interface Sources {
  sockets: readonly SocketSource[];
  /** None where only sockets are asked for. */
  tables: readonly TableSource[];
  localAddresses(): AddressSet | Promise<AddressSet>;
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

/** The first source that works, what it read, and why those before it did not. */
export type Chosen<Source, Result> =
  | { source: Source; result: Result; failures: readonly Unreadable[] }
  | { source: undefined; failures: readonly Unreadable[] };

/** Tries sources in order. */
export async function firstThatWorks<Source, Result>(
  sources: readonly Source[],
  read: (source: Source) => Result | Promise<Result>,
): Promise<Chosen<Source, Result>> {
  const failures: Unreadable[] = [];
  for (const source of sources) {
    try {
      return { source, result: await read(source), failures };
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      failures.push(error.unreadable);
    }
  }
  return { source: undefined, failures };
}
