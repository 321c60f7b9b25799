import { AddressIds } from './address-ids.js';
import type { Connection } from './connection.js';
import { directConnection, type HostFacts } from './direction.js';
import type { SocketEvidence } from './evidence.js';
import { FlowSums } from './flow-sums.js';
import type { Direction, FlowSource } from '../model/flow-row.js';
import { verdictsOn, type LocalAddresses } from './local-verdicts.js';
import { SummedFlows } from './summed-flows.js';

/** Adds connections up to host flows. */
export class FlowAggregator {
  /** The table for the addresses of the connections that are added. */
  readonly addresses: AddressIds;
  /** Tells which of those addresses are local, and who opened a connection. */
  readonly host: HostFacts;
  /** The number of connections whose ends were exchanged by their ports alone. */
  turnedByPorts = 0;
  private readonly table: FlowSums;

  /** @param evidence the sockets of the same host, if they are known */
  constructor(local: LocalAddresses, evidence: SocketEvidence | undefined) {
    this.addresses = evidence?.addresses ?? new AddressIds();
    this.host = { ...verdictsOn(this.addresses, local), evidence };
    this.table = new FlowSums(this.addresses);
  }

  /** Adds a tracked connection. Its ends may be exchanged by this. */
  add(connection: Connection): void {
    this.table.add(connection, directConnection(connection, this.host), 'conntrack');
    if (connection.turnedByPorts) this.turnedByPorts++;
  }

  /** Adds a connection whose direction is certain, such as that of a socket. */
  addDirected(connection: Connection, direction: Direction, source: FlowSource): void {
    this.table.add(connection, direction, source);
  }

  /** The host flows so far, in the order of their first connections. */
  flows(): SummedFlows {
    return SummedFlows.of(this.table);
  }
}
