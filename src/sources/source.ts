import type { AddressIds } from '../engine/address-ids.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { LocalAddresses } from '../engine/local-verdicts.js';
import type { AddressSet } from '../model/address-set.js';
import { type Diagnostic, type SocketBytes } from '../model/diagnostics.js';
import { describeFailures, failureCode, type Unreadable } from '../model/unreadable.js';
import { HostflowError } from '../model/errors.js';

/**
 * One way to read something. Every kind has the same shape: `dump` reads once, and `follow` keeps the result current. Some sources
 * have no `follow`. If a source does not work here, it throws SourceFailure, and the next one is tried.
 */
export interface Source {
  /** In words, as `--verbose` reports it. */
  readonly name: string;
}

/** The sockets of a network namespace. */
export interface SocketTables {
  evidence: SocketEvidence;
  bytes: SocketBytes;
  diagnostics: Diagnostic[];
}

/** One way of looking at sockets. */
export interface EvidenceSource extends Source {
  /** Reads the sockets. @param addresses the table for their addresses; a new one by default */
  dump(addresses?: AddressIds): SocketTables | Promise<SocketTables>;
}

/** The addresses of a host: its own, and the groups that it receives. */
export interface HostAddresses extends Pick<LocalAddresses, 'own' | 'groups' | 'isTransparent'> {
  /** A routing table that was too long to be read to its end; `isOwn` if it is this process's own. */
  readonly cut?: { path: string; isOwn: boolean };
}

/** One way to read the addresses of a host. */
export interface AddressSource extends Source {
  dump(): HostAddresses | Promise<HostAddresses>;
  /** Follows the addresses. `onChange` is called after a change. */
  readonly follow?: (onChange: () => void) => Promise<Following>;
}

/** A subscription to changes, until it is closed. */
export interface Following {
  /** Reports waiting changes at once. */
  look(): void | Promise<void>;
  close(): Promise<void>;
}

/** The sources of the facts about a host, in the order in which to try them. */
export interface HostSources {
  /** The local addresses that were given; undefined means the host's own. */
  given: AddressSet | undefined;
  addresses: readonly AddressSource[];
  sockets: readonly EvidenceSource[];
}

/** The failure of a source that does not work here. Another source may work. */
export class SourceFailure extends Error {
  readonly unreadable: Unreadable;

  constructor(unreadable: Unreadable) {
    super(unreadable.code);
    this.name = 'SourceFailure';
    this.unreadable = unreadable;
  }
}

/** The first source that works, its result, and the reasons why earlier sources do not work. */
export type Chosen<Some, Result> =
  | { source: Some; result: Result; failures: readonly Unreadable[] }
  | { source: undefined; failures: readonly Unreadable[] };

/** Tries sources in order, until one does not throw SourceFailure. */
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
export async function readAddresses({
  addresses,
  given,
}: HostSources): Promise<LocalAddresses & HostAddresses> {
  const read = await firstThatWorks(addresses, (source) => source.dump());
  if (read.source !== undefined) return { ...read.result, given };
  throw new HostflowError(failureCode(read.failures), describeFailures(read.failures));
}
