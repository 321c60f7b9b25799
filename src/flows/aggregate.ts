import type { Counters } from '../../parsers/conntrack/entry.js';
import type { AddressSet } from './address-set.js';
import type { Connection, ConnectionEnd } from './connection.js';
import { directConnection, type DirectedConnection } from './direction.js';
import type { SocketEvidence } from './evidence.js';
import { FlowTotals } from './flow-totals.js';
import { MANY, NO_PORT, type Endpoint, type FlowStat, type HostFlow } from './host-flow.js';

/** Adds connections up to host flows. */
export class FlowAggregator {
  private readonly totals = new FlowTotals();
  private readonly local: AddressSet;
  private readonly evidence: SocketEvidence | undefined;

  /** `evidence` is what the sockets of the same host say, where they are known. */
  constructor(local: AddressSet, evidence: SocketEvidence | undefined) {
    this.local = local;
    this.evidence = evidence;
  }

  /** Adds a tracked connection. */
  add(connection: Connection): void {
    this.addDirected(directConnection(connection, this.local, this.evidence));
  }

  /** Adds a connection whose direction is known for certain, as that of a socket is. */
  addDirected(directed: DirectedConnection): void {
    const flow = flowOf(directed);
    this.totals.add(flowKey(flow), flow);
  }

  flows(): HostFlow[] {
    return this.totals.values();
  }
}

function flowKey({ direction, protocol, local, peer, via }: HostFlow): string {
  const key = `${direction} ${protocol} ${local.addr} ${local.port} ${peer.addr} ${peer.port}`;
  return via === undefined ? key : `${key} ${via.addr} ${via.port}`;
}

/** The host flow of a single connection. */
function flowOf({ direction, connection }: DirectedConnection): HostFlow {
  const { protocol, initiator, responder, dialled, sent, received, source } = connection;
  const opener = endpoint(initiator, true);
  const service = endpoint(responder, false);
  const isPassive = direction === 'passive';
  const isTranslated = dialled.address !== responder.address || dialled.port !== responder.port;
  return {
    direction,
    protocol,
    local: isPassive ? service : opener,
    peer: isPassive ? opener : service,
    ...(isTranslated ? { via: endpoint(dialled, false) } : {}),
    connections: 1,
    stat: isPassive ? statOf(sent, received) : statOf(received, sent),
    source,
  };
}

function endpoint({ address, port }: ConnectionEnd, isEphemeral: boolean): Endpoint {
  if (port === undefined) return { addr: address, port: NO_PORT };
  return { addr: address, port: isEphemeral ? MANY : String(port) };
}

function statOf(inbound: Counters | undefined, outbound: Counters | undefined): FlowStat | null {
  if (inbound === undefined || outbound === undefined) return null;
  return {
    total_inbound_packets: inbound.packets,
    total_inbound_bytes: inbound.bytes,
    total_outbound_packets: outbound.packets,
    total_outbound_bytes: outbound.bytes,
  };
}
