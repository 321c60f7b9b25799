import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import type { AddressSet } from '../model/address-set.js';
import { AddressTable } from '../engine/address-ids.js';
import { Connection } from '../engine/connection.js';
import { directConnection } from '../engine/direction.js';
import type { SocketEvidence } from '../engine/evidence.js';
import { FlowTable } from '../engine/flow-sums.js';
import type { HostFlow } from '../model/host-flow.js';
import { LocalVerdicts } from '../engine/local-verdicts.js';
import { readEntry } from './read-entry.js';
import { readRecord } from './read-record.js';
import type { ConntrackRecord } from '../kernel/netlink/conntrack/conntrack-record.js';
import type { FlowOfEntry } from '../engine/accounting/accounting.js';
import type { EntryCounters } from '../engine/accounting/tracked-entry.js';

/** Says of the entries of dumps and events who they are, what they have carried, and which host flow they are of. */
export class FlowResolver {
  private readonly addresses: AddressTable;
  private readonly local: LocalVerdicts;
  private readonly evidence: SocketEvidence | undefined;
  private readonly table: FlowTable;
  private readonly connection = new Connection();

  constructor(local: AddressSet, evidence: SocketEvidence | undefined) {
    this.addresses = evidence?.addresses ?? new AddressTable();
    this.local = new LocalVerdicts(this.addresses, local);
    this.evidence = evidence;
    this.table = new FlowTable(this.addresses);
  }

  /** What the kernel tells an entry apart by: its id, and its original tuple with the zone. */
  identity(record: ConntrackRecord): string {
    const { connection } = this;
    const { original, zone, id } = record;
    readRecord(connection, record, this.addresses);
    const { protocolNumber, initiator, dialled } = connection;
    const end =
      original.icmpId < 0
        ? `${original.sourcePort} ${original.destinationPort}`
        : `${original.icmpType} ${original.icmpCode} ${original.icmpId}`;
    return `${id} ${protocolNumber} ${initiator} ${dialled} ${end} ${zone} ${original.zone}`;
  }

  /** What an entry has carried; undefined where it is not accounted. */
  counters({
    originalPackets,
    originalBytes,
    replyPackets,
    replyBytes,
  }: ConntrackRecord): EntryCounters | undefined {
    if (originalPackets === undefined || originalBytes === undefined) return undefined;
    if (replyPackets === undefined || replyBytes === undefined) return undefined;
    return {
      original: { packets: originalPackets, bytes: originalBytes },
      reply: { packets: replyPackets, bytes: replyBytes },
    };
  }

  /** The host flow of the entry in a message. */
  readonly resolveRecord = (record: ConntrackRecord): FlowOfEntry<HostFlow> => {
    readRecord(this.connection, record, this.addresses);
    return this.resolve();
  };

  /** The host flow of an entry that was read from text. */
  readonly resolveEntry = (entry: ConntrackEntry): FlowOfEntry<HostFlow> => {
    readEntry(this.connection, entry, this.addresses);
    return this.resolve();
  };

  private resolve(): FlowOfEntry<HostFlow> {
    const { connection } = this;
    const direction = directConnection(connection, this.local, this.evidence);
    const index = this.table.indexOf(connection, direction, 'conntrack');
    // Inbound is what the peer sent; the two exchanges undo each other.
    const firstIsInbound = (direction === 'passive') !== connection.exchanged;
    return {
      key: String(index),
      flow: this.table.flowAt(index),
      inbound: firstIsInbound ? 'original' : 'reply',
    };
  }
}
