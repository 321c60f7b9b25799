import type { ConntrackRecord } from '../../kernel/netlink/conntrack/conntrack-record.js';
import { TCP_BE_LIBERAL } from '../../kernel/netlink/conntrack/ctnetlink-constants.js';
import { replyState, stateName } from '../../model/states.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { setCounters, TCP, type Connection } from '../../engine/connection.js';

/** The protocols whose tuples have ports: TCP, UDP, DCCP, SCTP and UDP-Lite. GRE has keys in the same attributes. */
const PROTOCOLS_WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
/** `enum ip_conntrack_status` */
const IPS_SEEN_REPLY = 1 << 1;
const IPS_OFFLOAD = 1 << 14;
const IPS_HW_OFFLOAD = 1 << 15;
/** `TCP_CONNTRACK_SYN_SENT` */
const TCP_SYN_SENT = 1;

/** Fills `connection` from the ctnetlink message of a record. */
export function readRecord(connection: Connection, record: ConntrackRecord, addresses: AddressIds): void {
  const { view, original, reply } = record;
  const { protocolNumber, addressBytes } = original;
  // Since Linux 6.16 DCCP is tracked by addresses alone.
  const hasPorts =
    PROTOCOLS_WITH_PORTS.has(protocolNumber) && original.sourcePort >= 0 && original.destinationPort >= 0;
  connection.protocolNumber = protocolNumber;
  connection.hasPorts = hasPorts;
  connection.initiator = addresses.idAt(view, original.sourceAt, addressBytes);
  connection.dialled = addresses.idAt(view, original.destinationAt, addressBytes);
  connection.responder = addresses.idAt(view, reply.sourceAt, addressBytes);
  connection.answered = addresses.idAt(view, reply.destinationAt, addressBytes);
  connection.initiatorPort = hasPorts ? original.sourcePort : 0;
  connection.dialledPort = hasPorts ? original.destinationPort : 0;
  connection.responderPort = hasPorts ? reply.sourcePort : 0;
  connection.answeredPort = hasPorts ? reply.destinationPort : 0;
  connection.opening = protocolNumber === TCP ? openingOf(record) : 'unknown';
  connection.exchanged = false;
  connection.zone = zoneOf(record);
  connection.isOffloaded = isOffloaded(record);
  connection.state = connection.withState ? stateOf(record) : '';
  const { originalPackets, originalBytes, replyPackets, replyBytes } = record;
  setCounters(connection, originalPackets, originalBytes, replyPackets, replyBytes);
}

/** Tells if conntrack saw the SYN. Offload sets the flag too, so `missed` is not certain. */
function openingOf(record: ConntrackRecord): Connection['opening'] {
  const { state, tcpFlagsOriginal } = record;
  if (state === TCP_SYN_SENT) return 'seen';
  if (tcpFlagsOriginal < 0) return 'unknown';
  if ((tcpFlagsOriginal & TCP_BE_LIBERAL) === 0) return 'seen';
  return isOffloaded(record) ? 'unknown' : 'missed';
}

/** The zone of both directions, or of the one that has a zone. */
function zoneOf({ zone, original, reply }: ConntrackRecord): number {
  return Math.max(zone >= 0 ? zone : original.zone >= 0 ? original.zone : reply.zone, 0);
}

function isOffloaded({ status }: ConntrackRecord): boolean {
  return status >= 0 && (status & (IPS_OFFLOAD | IPS_HW_OFFLOAD)) !== 0;
}

const STATEFUL: Readonly<Record<number, Parameters<typeof stateName>[0]>> = {
  6: 'tcp',
  132: 'sctp',
  33: 'dccp',
};

/** The name of the state. A protocol without states has it replied or not. */
function stateOf({ original, state, status }: ConntrackRecord): string {
  const protocol = STATEFUL[original.protocolNumber];
  if (protocol !== undefined) return stateName(protocol, state) ?? '';
  return replyState(status >= 0 && (status & IPS_SEEN_REPLY) === 0);
}
