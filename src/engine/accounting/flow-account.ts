import { addCounters, type Counter } from '../../../parsers/counter.js';
import type { FlowKey, FlowRow, FlowSource } from '../../model/flow-row.js';
import { addTraffic, hasTraffic, NO_TRAFFIC, type Traffic } from '../../model/traffic.js';

/** A host flow of an account. The object is its identity: a flow is the same object for as long as it is held. */
export interface FlowRef {
  readonly key: FlowKey;
  readonly source: FlowSource;
}

/** Adds up what the entries of one host flow carry. Totals never fall. */
export class FlowAccount {
  readonly flow: FlowRef;
  /** True if the counters are known. Entries without counters have accounts of their own, so that every sum is complete. */
  readonly isKnown: boolean;
  /** The number of entries, live or vanished, that may still add to this account. */
  held = 0;
  /** True if the account has a row in the open interval. */
  hasChanged = false;
  private live = 0;
  /** The number of entries whose connections are open. */
  private open = 0;
  /** The number of connections that carried part of the open interval; if counters are unknown, those that ended in it. */
  private connections = 0;
  private inboundPackets: Counter = 0;
  private inboundBytes: Counter = 0;
  private outboundPackets: Counter = 0;
  private outboundBytes: Counter = 0;
  private total: Traffic = NO_TRAFFIC;
  private readonly onChange: (account: FlowAccount) => void;

  /** @param onChange called at the first change in each interval */
  constructor(flow: FlowRef, isKnown: boolean, onChange: (account: FlowAccount) => void) {
    this.flow = flow;
    this.isKnown = isKnown;
    this.onChange = onChange;
  }

  addInbound(packets: Counter, bytes: Counter): void {
    this.inboundPackets = addCounters(this.inboundPackets, packets);
    this.inboundBytes = addCounters(this.inboundBytes, bytes);
    this.change();
  }

  addOutbound(packets: Counter, bytes: Counter): void {
    this.outboundPackets = addCounters(this.outboundPackets, packets);
    this.outboundBytes = addCounters(this.outboundBytes, bytes);
    this.change();
  }

  /** Notes another connection that carried part of the open interval. */
  addConnection(): void {
    this.connections++;
    this.change();
  }

  /** Notes a live entry. @param isNew false for a vanished entry that is live after all */
  entryBegins(isNew: boolean): void {
    this.live++;
    if (isNew) this.held++;
    this.change();
  }

  /** Notes the end of an entry. The entry stays held until it is {@link released}. */
  entryEnds(): void {
    this.live--;
    if (!this.isKnown) this.connections++;
    this.change();
  }

  /** Notes that a connection opened, or closed while its entry lives on. */
  connectionIs(open: boolean): void {
    this.open += open ? 1 : -1;
    this.change();
  }

  released(): void {
    this.held--;
  }

  /** Closes an interval and makes its row. */
  row(): FlowRow {
    const { key, source } = this.flow;
    this.hasChanged = false;
    const connections = this.isKnown ? this.connections : this.connections + this.live;
    this.connections = 0;
    const row = { key, connections, live: this.open, source };
    if (!this.isKnown) return { ...row, total: null, delta: null };
    const delta = this.takeDelta();
    if (delta !== NO_TRAFFIC) this.total = addTraffic(this.total, delta);
    return { ...row, total: this.total, delta };
  }

  private takeDelta(): Traffic {
    const delta = {
      inbound: { packets: this.inboundPackets, bytes: this.inboundBytes },
      outbound: { packets: this.outboundPackets, bytes: this.outboundBytes },
    };
    if (!hasTraffic(delta)) return NO_TRAFFIC;
    this.inboundPackets = this.inboundBytes = this.outboundPackets = this.outboundBytes = 0;
    return delta;
  }

  private change(): void {
    if (this.hasChanged) return;
    this.hasChanged = true;
    this.onChange(this);
  }
}
