import { AccountFlows } from '../account-flows.js';
import type { KnownHost } from '../known-host.js';
import { AddressIds } from '../../engine/address-ids.js';
import { Connection, TCP } from '../../engine/connection.js';
import { directionOfSocket, hasAccepted } from '../../engine/direction.js';
import { DEFAULT_EPHEMERAL_PORTS, type PortRange } from '../../engine/ports.js';
import { readSocket } from '../../engine/direct-sockets.js';
import { Listeners } from '../../engine/listeners.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import { addressAt } from './socket-address.js';
import type { FlowRef } from '../../engine/accounting/flow-account.js';
import type { FlowOfEntry } from '../../engine/accounting/accounting.js';

/** The length of the ports and addresses with which `struct inet_diag_sockid` begins. */
const ENDS_BYTES = 36;

/** The ends of a TCP socket. Addresses are ids. An IPv4-mapped address becomes the IPv4 address. */
export interface SocketEnds {
  readonly protocolNumber: number;
  local: number;
  localPort: number;
  remote: number;
  remotePort: number;
}

/** A socket, and the end of its connection that it is. */
export interface DirectedSocket {
  readonly ends: SocketEnds;
  /** True if this end accepted the connection. */
  accepted: boolean;
}

/** Gives the TCP sockets of dumps and events their identity, direction and host flow. It also keeps the listeners. */
export class SocketResolver {
  private readonly flows: AccountFlows;
  /** The ports that the kernel gives to openers. */
  ephemeralPorts: PortRange = DEFAULT_EPHEMERAL_PORTS;
  /** Forgets a flow. */
  readonly release: (flow: FlowRef) => void;
  private readonly connection = new Connection();
  private readonly ends: SocketEnds = {
    protocolNumber: TCP,
    local: 0,
    localPort: 0,
    remote: 0,
    remotePort: 0,
  };
  /** The listeners of the current or last dump. */
  private listeners: Listeners;
  /** The listeners of the dump before. One that has closed since accepted connections until then. */
  private earlierListeners: Listeners;

  constructor(host: KnownHost) {
    this.flows = new AccountFlows(host);
    this.release = this.flows.release;
    this.listeners = this.earlierListeners = new Listeners(this.flows.addresses);
  }

  /** The ends of a socket. The object is reused for the next. */
  endsOf(record: DiagRecord): SocketEnds {
    const { ends } = this;
    const { addresses } = this.flows;
    ends.local = addressAt(addresses, record, record.sourceAt);
    ends.localPort = record.sourcePort;
    ends.remote = addressAt(addresses, record, record.destinationAt);
    ends.remotePort = record.destinationPort;
    return ends;
  }

  /**
   * The text that identifies one connection of one socket, as a socket can be connected again to another end. It has the bytes of the
   * addresses, as their ids change with the table of addresses.
   */
  identity({ view, idAt, cookieText }: DiagRecord): string {
    const at = view.byteOffset + idAt;
    return cookieText + Buffer.from(view.buffer, at, ENDS_BYTES).toString('latin1');
  }

  /** To be called before a dump of the listeners. */
  forgetListeners(): void {
    this.earlierListeners = this.listeners;
    this.listeners = new Listeners(this.flows.addresses);
  }

  addListener(record: DiagRecord): void {
    this.listeners.add(TCP, addressAt(this.flows.addresses, record, record.sourceAt), record.sourcePort);
  }

  isListening({ local, localPort }: SocketEnds): boolean {
    return this.listeners.has(TCP, local, localPort) || this.earlierListeners.has(TCP, local, localPort);
  }

  /** True if this end accepted the connection. @param openedHere the word of the socket itself */
  hasAccepted(ends: SocketEnds, openedHere: boolean | undefined): boolean {
    const { localPort, remotePort } = ends;
    const isListening = openedHere === undefined && this.isListening(ends);
    return hasAccepted(
      { openedHere, protocolNumber: TCP, isListening, localPort, remotePort },
      this.ephemeralPorts,
    );
  }

  /** True if the other end is on this host too. The accepting socket then stands for the connection. */
  isWithinHost({ local, remote }: SocketEnds): boolean {
    return local === remote || this.flows.facts.own.isLocal(remote);
  }

  /** The host flow of a socket's connection. Its `original` counters are what the socket sent. */
  readonly resolve = ({ ends, accepted }: DirectedSocket): FlowOfEntry => {
    const { connection } = this;
    readSocket(connection, ends, accepted);
    connection.hasCounters = true;
    const direction = directionOfSocket(connection, this.flows.facts, accepted);
    // The local end of a flow is the opener's, but in a passive one.
    const isLocalEnd = (direction === 'passive') === accepted;
    const inbound = isLocalEnd ? 'reply' : 'original';
    return { flow: this.flows.refs.of(connection, direction, 'sockets'), inbound };
  };

  /** To be called before a dump. Takes in new local addresses. Forgets the addresses of forgotten flows if there are many. */
  async prepare(): Promise<void> {
    const { flows } = this;
    await flows.refresh();
    if (!flows.refs.hasManyReleased) return;
    const { addresses: old } = flows;
    const addresses = new AddressIds();
    flows.moveTo(addresses, undefined);
    this.earlierListeners = this.earlierListeners.movedTo(addresses, old);
    this.listeners = this.listeners.movedTo(addresses, old);
  }
}
