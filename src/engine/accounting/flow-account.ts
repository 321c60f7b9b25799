import type { Counters } from '../../../parsers/conntrack/entry.js';
import { addCounters, subtractCounters, type Counter } from '../../../parsers/counter.js';

/** Packets and bytes towards (`inbound`) and away from (`outbound`) the local end. */
export interface Traffic {
  readonly inbound: Readonly<Counters>;
  readonly outbound: Readonly<Counters>;
}

/** What one host flow carried. */
export interface FlowInterval<Flow> {
  /** As the resolver gave it for the flow's first entry. */
  flow: Flow;
  /** Entries that are live, as far as known. */
  live: number;
  /** Entries that have ended since the start. */
  ended: number;
  /** Since the interval before. `null` where the counters are unknown. */
  delta: Traffic | null;
  /** Since the start. `null` where the counters are unknown. */
  total: Traffic | null;
}

const NO_TRAFFIC: Traffic = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } };

/** Adds up what the entries of one host flow carried. The sums never fall. */
export class FlowAccount<Flow> {
  readonly key: string;
  readonly flow: Flow;
  /** Entries without counters have accounts of their own: a sum with them in it would claim to be whole. */
  readonly isKnown: boolean;
  live = 0;
  ended = 0;
  /** Entries that may still add to this account, whether they pass for live or for ended. */
  held = 0;
  /** Intervals in a row in which nothing changed. */
  idleIntervals = 0;
  private inboundPackets: Counter = 0;
  private inboundBytes: Counter = 0;
  private outboundPackets: Counter = 0;
  private outboundBytes: Counter = 0;
  /** As of the last interval: an unchanged flow costs no new objects. */
  private total: Traffic = NO_TRAFFIC;
  private hasChanged = false;

  constructor(key: string, flow: Flow, isKnown: boolean) {
    this.key = key;
    this.flow = flow;
    this.isKnown = isKnown;
  }

  addInbound(packets: Counter, bytes: Counter): void {
    this.inboundPackets = addCounters(this.inboundPackets, packets);
    this.inboundBytes = addCounters(this.inboundBytes, bytes);
    this.hasChanged = true;
  }

  addOutbound(packets: Counter, bytes: Counter): void {
    this.outboundPackets = addCounters(this.outboundPackets, packets);
    this.outboundBytes = addCounters(this.outboundBytes, bytes);
    this.hasChanged = true;
  }

  opened(): void {
    this.live++;
    this.held++;
    this.hasChanged = true;
  }

  /** An entry of the account ended; it stays held until it is {@link released}. */
  closed(): void {
    this.live--;
    this.ended++;
    this.hasChanged = true;
  }

  /** An entry that passed for ended is live after all. */
  reopened(): void {
    this.live++;
    this.ended--;
    this.hasChanged = true;
  }

  released(): void {
    this.held--;
  }

  /** Closes an interval. */
  interval(): FlowInterval<Flow> {
    const { flow, live, ended } = this;
    this.idleIntervals = this.hasChanged ? 0 : this.idleIntervals + 1;
    if (!this.isKnown) {
      this.hasChanged = false;
      return { flow, live, ended, delta: null, total: null };
    }
    if (!this.hasChanged) return { flow, live, ended, delta: NO_TRAFFIC, total: this.total };
    const before = this.total;
    this.hasChanged = false;
    this.total = {
      inbound: { packets: this.inboundPackets, bytes: this.inboundBytes },
      outbound: { packets: this.outboundPackets, bytes: this.outboundBytes },
    };
    return { flow, live, ended, delta: difference(this.total, before), total: this.total };
  }
}

function difference(after: Traffic, before: Traffic): Traffic {
  return {
    inbound: subtract(after.inbound, before.inbound),
    outbound: subtract(after.outbound, before.outbound),
  };
}

function subtract(after: Counters, before: Counters): Counters {
  return {
    packets: subtractCounters(after.packets, before.packets),
    bytes: subtractCounters(after.bytes, before.bytes),
  };
}
