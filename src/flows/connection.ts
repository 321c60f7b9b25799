import type { ConntrackEntry, Counters } from '../../parsers/conntrack/entry.js';
import { protocolLabel } from './protocol-label.js';
import type { FlowSource } from './host-flow.js';

/** One end of a connection. `port` is undefined for protocols without ports. */
export interface ConnectionEnd {
  address: string;
  port: number | undefined;
}

/** What direction and aggregation need to know of one entry or socket, whatever it was read from. */
export interface Connection {
  /** As {@link HostFlow} prints it. */
  protocol: string;
  /** Who sent the first packet: `original.source`. */
  initiator: ConnectionEnd;
  /** Who really answers, behind any DNAT: `reply.source`. */
  responder: ConnectionEnd;
  /** What the initiator asked for: `original.destination`. */
  dialled: ConnectionEnd;
  /** Where the responder sends its answers, `reply.destination`: the initiator as the responder sees it. */
  answered: ConnectionEnd;
  /** Whether the first packet that conntrack saw opened the connection, so that it has the ends the right way round. */
  openingSeen: boolean;
  /** Of the initiator's packets; undefined where unknown. */
  sent: Counters | undefined;
  /** Of the responder's packets. */
  received: Counters | undefined;
  source: FlowSource;
}

/** The connection that an entry tracks, as conntrack has it. */
export function connectionOfEntry(entry: ConntrackEntry): Connection {
  const { original, reply } = entry;
  const originalPorts = 'sourcePort' in original ? original : undefined;
  const replyPorts = 'sourcePort' in reply ? reply : undefined;
  return {
    protocol: protocolLabel(entry.protocol, entry.protocolNumber),
    initiator: { address: original.source, port: originalPorts?.sourcePort },
    responder: { address: reply.source, port: replyPorts?.sourcePort },
    dialled: { address: original.destination, port: originalPorts?.destinationPort },
    answered: { address: reply.destination, port: replyPorts?.destinationPort },
    openingSeen: entry.protocol === 'tcp' && entry.state === 'SYN_SENT',
    sent: entry.originalCounters,
    received: entry.replyCounters,
    source: 'conntrack',
  };
}

/** The same connection with initiator and responder exchanged, and their packets with them. */
export function exchangeEnds(connection: Connection): Connection {
  return {
    ...connection,
    initiator: connection.responder,
    responder: connection.initiator,
    dialled: connection.answered,
    answered: connection.dialled,
    sent: connection.received,
    received: connection.sent,
  };
}
