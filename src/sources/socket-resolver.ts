import type { AddressSet } from '../model/address-set.js';
import { AddressTable } from '../engine/address-ids.js';
import { Connection, TCP } from '../engine/connection.js';
import { readSocket } from '../engine/direct-sockets.js';
import { FlowTable } from '../engine/flow-sums.js';
import type { HostFlow } from '../model/host-flow.js';
import { Listeners } from '../engine/listeners.js';
import { LocalVerdicts } from '../engine/local-verdicts.js';
import type { DiagRecord } from '../kernel/netlink/inet-diag/diag-record.js';
import { addressAt } from './netlink-sockets.js';
import type { FlowOfEntry } from '../engine/accounting/accounting.js';

/** The ends of a TCP socket by the ids of their addresses; IPv4-mapped ones are the IPv4 ones. */
export interface SocketEnds {
  readonly protocolNumber: number;
  local: number;
  localPort: number;
  remote: number;
  remotePort: number;
}

/** A socket, and which end of its connection it is. */
export interface DirectedSocket {
  readonly ends: SocketEnds;
  /** Whether this end accepted the connection. */
  accepted: boolean;
}

/** Says of the TCP sockets of dumps and events who they are, who listens, and which host flow they are of. */
export class SocketResolver {
  private readonly addresses = new AddressTable();
  private readonly local: LocalVerdicts;
  private readonly table = new FlowTable(this.addresses);
  private readonly connection = new Connection();
  private readonly ends: SocketEnds = {
    protocolNumber: TCP,
    local: 0,
    localPort: 0,
    remote: 0,
    remotePort: 0,
  };
  /** Those of the look in progress, or the last, and of the one before: who has stopped listening has accepted until then. */
  private listeners = new Listeners(this.addresses);
  private earlierListeners = this.listeners;

  constructor(local: AddressSet) {
    this.local = new LocalVerdicts(this.addresses, local);
  }

  /** The ends of a socket; the object is reused for the next. */
  endsOf(record: DiagRecord): SocketEnds {
    const { ends, addresses } = this;
    ends.local = addressAt(addresses, record, record.sourceAt);
    ends.localPort = record.sourcePort;
    ends.remote = addressAt(addresses, record, record.destinationAt);
    ends.remotePort = record.destinationPort;
    return ends;
  }

  /** What tells one connection of one socket from all others: a socket can be connected again, to another end. */
  identity(record: DiagRecord, { local, localPort, remote, remotePort }: SocketEnds): string {
    return `${record.cookieText} ${local} ${localPort} ${remote} ${remotePort}`;
  }

  /** A complete look at the listeners begins. */
  forgetListeners(): void {
    this.earlierListeners = this.listeners;
    this.listeners = new Listeners(this.addresses);
  }

  addListener(record: DiagRecord): void {
    this.listeners.add(TCP, addressAt(this.addresses, record, record.sourceAt), record.sourcePort);
  }

  isListening({ local, localPort }: SocketEnds): boolean {
    return this.listeners.has(TCP, local, localPort) || this.earlierListeners.has(TCP, local, localPort);
  }

  /** Whether the other end is a socket of this host as well: of the two, the one that accepted stands for the connection. */
  isWithinHost({ local, remote }: SocketEnds): boolean {
    return local === remote || this.local.isLocal(remote);
  }

  /** The host flow of a socket's connection. What the socket sent comes first in its counters. */
  readonly resolve = ({ ends, accepted }: DirectedSocket): FlowOfEntry<HostFlow> => {
    const { connection, table } = this;
    readSocket(connection, ends, accepted);
    connection.hasCounters = true;
    const isLoopback = this.isWithinHost(ends);
    const direction = isLoopback ? 'loopback' : accepted ? 'passive' : 'active';
    const index = table.indexOf(connection, direction, 'sockets');
    // A flow within the host has the opener's end for its local one.
    const inbound = isLoopback && accepted ? 'original' : 'reply';
    return { key: String(index), flow: table.flowAt(index), inbound };
  };
}
