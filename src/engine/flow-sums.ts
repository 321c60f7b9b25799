import { addCounters, type Counter } from '../../parsers/counter.js';
import type { AddressIds } from './address-ids.js';
import { COUNTER, type Connection } from './connection.js';
import { PORT_RANK, portOfRank } from '../model/end-ranks.js';
import {
  DIRECTIONS,
  type Direction,
  type Endpoint,
  type FlowKey,
  type FlowRow,
  type FlowSource,
} from '../model/flow-row.js';
import type { CounterKey } from '../model/order.js';
import type { Traffic } from '../model/traffic.js';
import { IntTuples } from './int-tuples.js';
import { protocolLabel } from '../model/protocol-label.js';

/** The place of each part of a flow's identity in its tuple. */
const KEY = { kind: 0, local: 1, peer: 2, servicePort: 3, via: 4, viaPort: 5, zoneAndState: 6 } as const;
const KEY_WIDTH = 7;
/** The zone is above the bits of the state's number. */
const ZONE_SHIFT = 8;
const STATE_MASK = 0xff;
/** The value of a port, or of the `via`, that a flow does not have. */
const NONE = -1;

/** The bits of `KEY.kind`: the direction in the lowest two, then these flags, then the protocol's number. */
const DIRECTION_MASK = 3;
const KNOWN_COUNTERS = 4;
const FROM_SOCKETS = 8;
const PROTOCOL_SHIFT = 4;

/** The place of each sum of a flow. Inbound is towards the local end. */
const SUM = { connections: 0, inPackets: 1, inBytes: 2, outPackets: 3, outBytes: 4 } as const;
const SUMS = 5;

/** Adds connections up to host flows, in flat arrays. A connection costs no object and no string. */
export class FlowSums {
  private readonly keys = new IntTuples(KEY_WIDTH);
  private readonly key = new Int32Array(KEY_WIDTH);
  private sums = new Float64Array(64 * SUMS);
  /** The part of a sum that a double cannot hold exactly, by its place in `sums`. */
  private readonly overflows = new Map<number, bigint>();
  private readonly addresses: AddressIds;
  /** The names of states by their number here. */
  private readonly states: string[] = [''];

  constructor(addresses: AddressIds) {
    this.addresses = addresses;
  }

  /** The number of flows. */
  get flowCount(): number {
    return this.keys.count;
  }

  /** Adds a connection, whose direction is settled, to its host flow. */
  add(connection: Connection, direction: Direction, source: FlowSource): void {
    const isPassive = direction === 'passive';
    const sum = this.indexOf(connection, direction, source) * SUMS;
    if (sum >= this.sums.length) this.grow();
    this.sums[sum] = (this.sums[sum] ?? 0) + 1;
    if (!connection.hasCounters) return;
    // Inbound is what the peer sent. For a passive connection with exchanged ends, the two exchanges cancel out.
    const firstIsInbound = isPassive !== connection.exchanged;
    const sent = sum + (firstIsInbound ? SUM.inPackets : SUM.outPackets);
    const received = sum + (firstIsInbound ? SUM.outPackets : SUM.inPackets);
    const { counters, wideCounters } = connection;
    for (let index = 0; index < counters.length; index++) {
      const place = (index < COUNTER.receivedPackets ? sent : received) + (index & 1);
      if (wideCounters === undefined) this.count(place, counters, index);
      else this.carry(place, wideCounters[index] ?? 0);
    }
  }

  /** The number of flows; their numbers count from 0, in the order in which they first came. */
  get size(): number {
    return this.keys.count;
  }

  /** The number of a connection's host flow. Nothing is added to it. */
  indexOf(connection: Connection, direction: Direction, source: FlowSource): number {
    const { key } = this;
    const { initiator, responder, responderPort, dialled, dialledPort, hasPorts } = connection;
    const isPassive = direction === 'passive';
    const isTranslated = dialled !== responder || dialledPort !== responderPort;
    key[KEY.kind] =
      DIRECTIONS.indexOf(direction) |
      (connection.hasCounters ? KNOWN_COUNTERS : 0) |
      (source === 'sockets' ? FROM_SOCKETS : 0) |
      (connection.protocolNumber << PROTOCOL_SHIFT);
    key[KEY.local] = isPassive ? responder : initiator;
    key[KEY.peer] = isPassive ? initiator : responder;
    key[KEY.servicePort] = hasPorts ? responderPort : NONE;
    key[KEY.via] = isTranslated ? dialled : NONE;
    key[KEY.viaPort] = isTranslated && hasPorts ? dialledPort : NONE;
    key[KEY.zoneAndState] = (connection.zone << ZONE_SHIFT) | this.numberOf(connection.state);
    return this.keys.add(key);
  }

  /** The number of a flow that has the number `index` in `other`, which has another table of addresses. */
  adopt(other: FlowSums, index: number): number {
    const { key } = this;
    for (let position = 0; position < KEY_WIDTH; position++) key[position] = other.keys.get(index, position);
    for (const position of [KEY.local, KEY.peer, KEY.via]) {
      const id = key[position] ?? NONE;
      if (id !== NONE) key[position] = this.addresses.adopt(other.addresses, id);
    }
    key[KEY.zoneAndState] = (other.zone(index) << ZONE_SHIFT) | this.numberOf(other.state(index));
    return this.keys.add(key);
  }

  /** The number of a state. Kernels have far fewer than fit. */
  private numberOf(state: string): number {
    if (state === '') return 0;
    const known = this.states.indexOf(state);
    return known >= 0 ? known : this.states.length > STATE_MASK ? 0 : this.states.push(state) - 1;
  }

  /** Adds `counters[index]`. The value itself is not passed, as a double between functions becomes an object. */
  private count(place: number, counters: Float64Array, index: number): void {
    const total = (this.sums[place] ?? 0) + (counters[index] ?? 0);
    if (total <= Number.MAX_SAFE_INTEGER) this.sums[place] = total;
    else this.carry(place, counters[index] ?? 0);
  }

  /** Adds a counter to a sum that a double cannot hold exactly. The sum so far moves to the overflows. */
  private carry(place: number, counter: Counter): void {
    const sum = BigInt(this.sums[place] ?? 0) + BigInt(counter);
    this.overflows.set(place, (this.overflows.get(place) ?? 0n) + sum);
    this.sums[place] = 0;
  }

  private grow(): void {
    const { sums } = this;
    this.sums = new Float64Array(sums.length * 2);
    this.sums.set(sums);
  }

  /** The direction of the flow with this number. The methods below take such a number too. */
  direction(index: number): Direction {
    return DIRECTIONS[this.keys.get(index, KEY.kind) & DIRECTION_MASK] ?? 'forwarded';
  }

  protocol(index: number): string {
    return protocolLabel('unknown', this.keys.get(index, KEY.kind) >> PROTOCOL_SHIFT);
  }

  /** 0 is the default zone. */
  zone(index: number): number {
    return this.keys.get(index, KEY.zoneAndState) >>> ZONE_SHIFT;
  }

  /** Empty if there is none, or if states were not kept apart. */
  state(index: number): string {
    return this.states[this.keys.get(index, KEY.zoneAndState) & STATE_MASK] ?? '';
  }

  local(index: number): Endpoint {
    return this.endpoint(this.keys.get(index, KEY.local), this.localPortRank(index));
  }

  peer(index: number): Endpoint {
    return this.endpoint(this.keys.get(index, KEY.peer), this.peerPortRank(index));
  }

  /** The {@link ADDRESS_RANK} of the local address. Ranks of ports are {@link PORT_RANK}s. */
  localRank(index: number): number {
    return this.addresses.rank(this.keys.get(index, KEY.local));
  }

  peerRank(index: number): number {
    return this.addresses.rank(this.keys.get(index, KEY.peer));
  }

  localPortRank(index: number): number {
    return this.portRank(index, this.direction(index) === 'passive');
  }

  peerPortRank(index: number): number {
    return this.portRank(index, this.direction(index) !== 'passive');
  }

  source(index: number): FlowSource {
    return (this.keys.get(index, KEY.kind) & FROM_SOCKETS) === 0 ? 'conntrack' : 'sockets';
  }

  connections(index: number): number {
    return this.sums[index * SUMS + SUM.connections] ?? 0;
  }

  /** True if the counters are known. */
  isKnown(index: number): boolean {
    return (this.keys.get(index, KEY.kind) & KNOWN_COUNTERS) !== 0;
  }

  /** The sum that an order compares, without making an object; undefined if the counters are unknown. */
  counter(index: number, key: CounterKey): Counter | undefined {
    if (!this.isKnown(index)) return undefined;
    const start = index * SUMS;
    switch (key) {
      case 'in':
        return this.sum(start + SUM.inBytes);
      case 'out':
        return this.sum(start + SUM.outBytes);
      case 'bytes':
        return addCounters(this.sum(start + SUM.inBytes), this.sum(start + SUM.outBytes));
      case 'packets':
        return addCounters(this.sum(start + SUM.inPackets), this.sum(start + SUM.outPackets));
    }
  }

  /** The traffic so far; null if the counters are unknown. */
  total(index: number): Traffic | null {
    if (!this.isKnown(index)) return null;
    const start = index * SUMS;
    return {
      inbound: { packets: this.sum(start + SUM.inPackets), bytes: this.sum(start + SUM.inBytes) },
      outbound: { packets: this.sum(start + SUM.outPackets), bytes: this.sum(start + SUM.outBytes) },
    };
  }

  /**
   * The rows of the flows with these numbers. The counters are read first, in a short loop, so that the processor fetches several
   * from memory at once. Reading them flow by flow takes twice as long.
   */
  rowsAt(indices: Uint32Array): FlowRow[] {
    const totals: (Traffic | null)[] = [];
    for (const index of indices) totals.push(this.total(index));
    return totals.map((total, place) => this.rowAt(indices[place] ?? 0, total));
  }

  /** The row of a flow, with the traffic so far. */
  rowAt(index: number, total: Traffic | null = this.total(index)): FlowRow {
    const key = this.keyAt(index);
    return { key, connections: this.connections(index), total, source: this.source(index) };
  }

  /** The identity of a flow. */
  keyAt(index: number): FlowKey {
    const via = this.keys.get(index, KEY.via);
    const key: FlowKey = {
      direction: this.direction(index),
      protocol: this.protocol(index),
      local: this.local(index),
      peer: this.peer(index),
    };
    if (via !== NONE) key.via = this.endpoint(via, rankOfPort(this.keys.get(index, KEY.viaPort)));
    const [zone, state] = [this.zone(index), this.state(index)];
    if (zone !== 0) key.zone = zone;
    if (state !== '') key.state = state;
    return key;
  }

  /** The rank of the port of one end. @param accepts true for the end that accepts */
  private portRank(index: number, accepts: boolean): number {
    const servicePort = this.keys.get(index, KEY.servicePort);
    return accepts || servicePort === NONE ? rankOfPort(servicePort) : PORT_RANK.many;
  }

  private endpoint(address: number, rank: number): Endpoint {
    return { addr: this.addresses.text(address), port: portOfRank(rank) };
  }

  private sum(place: number): Counter {
    const sum = this.sums[place] ?? 0;
    const overflow = this.overflows.size === 0 ? undefined : this.overflows.get(place);
    return overflow === undefined ? sum : addCounters(sum, overflow);
  }
}

function rankOfPort(port: number): number {
  return port === NONE ? PORT_RANK.none : PORT_RANK.first + port;
}
