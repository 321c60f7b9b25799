import type { Diagnostic } from '../../model/diagnostics.js';
import type { LocalAddresses } from '../../engine/local-verdicts.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { FlowAggregator } from '../../engine/aggregate.js';
import { Connection, touches } from '../../engine/connection.js';
import { directSockets, UntrackedSockets } from '../../engine/direct-sockets.js';
import type { SocketEvidence } from '../../engine/evidence.js';
import type { SourceOptions } from '../source-options.js';
import { MalformedLines } from '../text/malformed-lines.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';

/** A reading of one conntrack table, from text or by netlink. Entries are added up as they come. */
export class TableReading {
  entries = 0;
  /** True if any entry has a local address. Loopback addresses do not count, as every host has them. */
  touchesLocal = false;
  readonly aggregator: FlowAggregator;
  /** The current entry. The reader of the table fills it and then calls {@link add}. */
  readonly connection: Connection = new Connection();
  private withoutCounters = 0;
  /** The number of entries whose counters can stand still. */
  private offloaded = 0;
  readonly malformed: MalformedLines;
  private readonly evidence: SocketEvidence | undefined;
  private readonly untracked: UntrackedSockets | undefined;

  constructor(
    options: SourceOptions,
    name: string,
    local: LocalAddresses,
    evidence: SocketEvidence | undefined,
  ) {
    this.malformed = new MalformedLines(name, options.strict);
    this.connection.withState = options.byState;
    this.aggregator = new FlowAggregator(local, evidence);
    this.evidence = evidence;
    this.untracked = evidence === undefined ? undefined : new UntrackedSockets(evidence);
  }

  private readonly isOwn = (address: number): boolean => this.aggregator.host.local.isOwn(address);

  /** The table for the addresses of {@link connection}. */
  get addresses(): AddressIds {
    return this.aggregator.addresses;
  }

  get isEmpty(): boolean {
    return this.entries === 0 && this.malformed.diagnostics().length === 0;
  }

  /** Adds {@link connection}. */
  add(): void {
    const { connection } = this;
    this.entries++;
    if (!connection.hasCounters) this.withoutCounters++;
    else if (connection.isOffloaded) this.offloaded++;
    this.untracked?.see(connection);
    this.touchesLocal ||= touches(connection, this.isOwn);
    this.aggregator.add(connection);
  }

  /** Adds the live sockets without an entry. @returns their number */
  addUntracked(): number {
    if (this.evidence === undefined || this.untracked === undefined) return 0;
    const { aggregator } = this;
    return directSockets(
      this.untracked.remaining(),
      aggregator.host,
      this.evidence,
      this.connection.withState,
      (connection, direction) => {
        aggregator.addDirected(connection, direction, 'sockets');
      },
    );
  }

  /** The notice for a table in which no entry has a local address. */
  localDiagnostics({ local }: SourceOptions): Diagnostic[] {
    if (this.entries === 0 || this.touchesLocal) return [];
    return [{ code: 'no-local-address', given: local !== undefined }];
  }

  /**
   * The notices about malformed lines and missing counters.
   * @param procfs the procfs that has the accounting switch, if there is one
   * @param enter the prefix that makes a command run in the namespace that was read
   */
  diagnostics(procfs: ProcFs | undefined, enter = ''): Diagnostic[] {
    const { entries, withoutCounters } = this;
    const { turnedByPorts } = this.aggregator;
    const diagnostics = this.malformed.diagnostics();
    if (turnedByPorts > 0) diagnostics.push({ code: 'turned-by-ports', connections: turnedByPorts });
    if (this.offloaded > 0) diagnostics.push({ code: 'offloaded', entries: this.offloaded });
    if (withoutCounters === 0) return diagnostics;
    const value = procfs?.sysctl('net/netfilter/nf_conntrack_acct');
    const setting = value === '1' ? 'on' : value === '0' ? 'off' : 'unknown';
    return [...diagnostics, { code: 'accounting-off', entries, withoutCounters, setting, enter }];
  }
}
