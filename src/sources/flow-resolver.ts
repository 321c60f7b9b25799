import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import type { FlowOfEntry } from '../engine/accounting/accounting.js';
import type { FlowRef } from '../engine/accounting/flow-account.js';
import type { EntryCounters } from '../engine/accounting/tracked-entry.js';
import { AddressIds } from '../engine/address-ids.js';
import { Connection, touches } from '../engine/connection.js';
import { directConnection, isForeign, isInDoubt } from '../engine/direction.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { ConntrackRecord } from '../kernel/netlink/conntrack/conntrack-record.js';
import { AccountFlows } from './account-flows.js';
import type { KnownHost } from './known-host.js';
import { readRecord } from './netlink/record-connection.js';
import { readEntry } from './text/read-entry.js';

/** Gives entries of dumps and events their identity, counters and host flow. The facts for that are kept current. */
export class FlowResolver {
  private readonly host: KnownHost;
  private readonly flows: AccountFlows;
  /** The evidence as of the last reading. */
  private evidence: SocketEvidence | undefined;
  private readonly connection = new Connection();
  /** True if any entry of text had a local address. Loopback addresses do not count. */
  touchesLocal = false;
  /** Forgets a flow. */
  readonly release: (flow: FlowRef) => void;

  private constructor(host: KnownHost) {
    this.host = host;
    this.flows = new AccountFlows(host);
    this.release = this.flows.release;
  }

  static async open(host: KnownHost): Promise<FlowResolver> {
    const resolver = new FlowResolver(host);
    await resolver.readSockets();
    return resolver;
  }

  /** To be called before a dump. Takes in new local addresses. Forgets the addresses of forgotten flows if there are many. */
  async prepare(): Promise<void> {
    const { flows } = this;
    await flows.refresh();
    if (!flows.refs.hasManyReleased) return;
    // Events are resolved while sockets are read. So everything moves at once afterwards.
    const addresses = new AddressIds();
    const evidence = await this.readEvidence(addresses);
    flows.moveTo(addresses, evidence);
  }

  /** Reads listeners and live sockets again. */
  async readSockets(): Promise<void> {
    this.flows.know(await this.readEvidence(this.flows.addresses));
  }

  private async readEvidence(addresses: AddressIds): Promise<SocketEvidence | undefined> {
    const evidence = await this.host.readSockets(addresses);
    const { evidence: before } = this;
    if (before !== undefined && this.host.localAddresses.isTransparent) evidence?.rememberEnds(before);
    this.evidence = evidence;
    return evidence;
  }

  /** True if sockets may correct the direction of an entry. If the entry is new, the sockets are to be read first. */
  isInDoubt(record: ConntrackRecord): boolean {
    if (!this.host.hasEvidence) return false;
    readRecord(this.connection, record, this.flows.addresses);
    return this.isConnectionInDoubt();
  }

  /** Like {@link isInDoubt}, for an entry that was read from text. */
  isEntryInDoubt(entry: ConntrackEntry): boolean {
    if (!this.host.hasEvidence) return false;
    readEntry(this.connection, entry, this.flows.addresses);
    return this.isConnectionInDoubt();
  }

  /**
   * The text that identifies an entry: the kernel's id, and the original tuple with the zone. It has the addresses themselves, as
   * their ids change with the table of addresses.
   */
  identity({ view, original, zone, id }: ConntrackRecord): string {
    const { sourceAt, destinationAt, addressBytes, protocolNumber } = original;
    let text = `${id} ${protocolNumber} ${zone} ${original.zone}`;
    for (let word = 0; word < addressBytes; word += 4) {
      text += ` ${view.getInt32(sourceAt + word)} ${view.getInt32(destinationAt + word)}`;
    }
    return original.icmpId < 0
      ? `${text} ${original.sourcePort} ${original.destinationPort}`
      : `${text} ${original.icmpType} ${original.icmpCode} ${original.icmpId}`;
  }

  /** The counters of an entry; undefined if it has none. */
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

  /** The host flow of an entry in a netlink message. */
  readonly resolveRecord = (record: ConntrackRecord): FlowOfEntry => {
    readRecord(this.connection, record, this.flows.addresses);
    return this.resolve();
  };

  /** The host flow of an entry that was read from text. */
  readonly resolveEntry = (entry: ConntrackEntry): FlowOfEntry => {
    readEntry(this.connection, entry, this.flows.addresses);
    this.touchesLocal ||= touches(this.connection, (address) => this.flows.facts.local.isOwn(address));
    return this.resolve();
  };

  private isConnectionInDoubt(): boolean {
    const { connection, flows, host } = this;
    const { isTransparent, given } = host.localAddresses;
    const canBeProxied = isTransparent && given === undefined && connection.hasPorts;
    return (
      isInDoubt(connection, flows.facts.evidence) || (canBeProxied && isForeign(connection, flows.facts))
    );
  }

  private resolve(): FlowOfEntry {
    const { connection } = this;
    const direction = directConnection(connection, this.flows.facts);
    if (connection.isOffloaded && connection.hasCounters)
      this.host.notice({ code: 'offloaded', entries: undefined });
    if (connection.turnedByPorts) this.host.notice({ code: 'turned-by-ports', connections: undefined });
    // Inbound is the peer's traffic. For a passive connection with exchanged ends, the two exchanges cancel out.
    const firstIsInbound = (direction === 'passive') !== connection.exchanged;
    return {
      flow: this.flows.refs.of(connection, direction, 'conntrack'),
      inbound: firstIsInbound ? 'original' : 'reply',
    };
  }
}
