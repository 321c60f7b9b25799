import type { AddressSet } from '../model/address-set.js';
import { AddressIds } from './address-ids.js';
import type { Connection } from './connection.js';
import { directConnection } from './direction.js';
import type { SocketEvidence } from './evidence.js';
import { FlowSums } from './flow-sums.js';
import type { Direction, FlowSource } from '../model/flow-row.js';
import { LocalVerdicts } from './local-verdicts.js';
import { SummedFlows } from './summed-flows.js';

/** Adds connections up to host flows. */
export class FlowAggregator {
  /** Where the ids in the connections that are added come from. */
  readonly addresses: AddressIds;
  /** Which of those addresses are local. */
  readonly local: LocalVerdicts;
  private readonly evidence: SocketEvidence | undefined;
  private readonly table: FlowSums;

  /** `evidence` is what the sockets of the same host say, where they are known. */
  constructor(local: AddressSet, evidence: SocketEvidence | undefined) {
    this.addresses = evidence?.addresses ?? new AddressIds();
    this.local = new LocalVerdicts(this.addresses, local);
    this.evidence = evidence;
    this.table = new FlowSums(this.addresses);
  }

  /** Adds a tracked connection, which may come out with its ends exchanged. */
  add(connection: Connection): void {
    this.table.add(connection, directConnection(connection, this.local, this.evidence), 'conntrack');
  }

  /** Adds a connection whose direction is known for certain, as that of a socket is. */
  addDirected(connection: Connection, direction: Direction, source: FlowSource): void {
    this.table.add(connection, direction, source);
  }

  /** The host flows so far, in the order in which they first came. */
  flows(): SummedFlows {
    return SummedFlows.of(this.table);
  }
}
