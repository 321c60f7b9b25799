import type { KnownHost } from '../known-host.js';
import type { AddressSet } from '../../model/address-set.js';
import { AddressIds } from '../../engine/address-ids.js';
import { Connection, TCP } from '../../engine/connection.js';
import { readSocket } from '../../engine/direct-sockets.js';
import { FlowRefs } from '../../engine/flow-refs.js';
import { Listeners } from '../../engine/listeners.js';
import { LocalVerdicts } from '../../engine/local-verdicts.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import { addressAt } from './socket-address.js';
import type { FlowRef } from '../../engine/accounting/flow-account.js';
import type { FlowOfEntry } from '../../engine/accounting/accounting.js';

/** The ports and addresses that `struct inet_diag_sockid` begins with. */
const ENDS_BYTES = 36;

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
  private addresses = new AddressIds();
  private readonly host: KnownHost;
  private localAddresses: AddressSet;
  private local: LocalVerdicts;
  private readonly refs = new FlowRefs(this.addresses);
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

  constructor(host: KnownHost) {
    this.host = host;
    this.localAddresses = host.localAddresses;
    this.local = new LocalVerdicts(this.addresses, this.localAddresses);
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

  /**
   * The text that tells one connection of one socket from all others: a socket can be connected again, to another end. It is
   * made of the kernel's own bytes, as ids of addresses are given anew.
   */
  identity({ view, idAt, cookieText }: DiagRecord): string {
    const at = view.byteOffset + idAt;
    return cookieText + Buffer.from(view.buffer, at, ENDS_BYTES).toString('latin1');
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
  readonly resolve = ({ ends, accepted }: DirectedSocket): FlowOfEntry => {
    const { connection } = this;
    readSocket(connection, ends, accepted);
    connection.hasCounters = true;
    const isLoopback = this.isWithinHost(ends);
    const direction = isLoopback ? 'loopback' : accepted ? 'passive' : 'active';
    // A flow within the host has the opener's end for its local one.
    const inbound = isLoopback && accepted ? 'original' : 'reply';
    return { flow: this.refs.of(connection, direction, 'sockets'), inbound };
  };

  /** Forgets a flow. */
  readonly release = (flow: FlowRef): void => {
    this.refs.release(flow);
  };

  /** Before a look at the sockets: takes in new local addresses, and forgets the addresses of forgotten flows, if those are many. */
  async prepare(): Promise<void> {
    const { host, refs, addresses: old } = this;
    await host.refreshAddresses();
    const isNewTable = refs.hasManyReleased;
    if (isNewTable) {
      this.addresses = new AddressIds();
      refs.moveTo(this.addresses);
      this.earlierListeners = this.earlierListeners.movedTo(this.addresses, old);
      this.listeners = this.listeners.movedTo(this.addresses, old);
    }
    if (isNewTable || this.localAddresses !== host.localAddresses) {
      this.localAddresses = host.localAddresses;
      this.local = new LocalVerdicts(this.addresses, this.localAddresses);
    }
  }
}
