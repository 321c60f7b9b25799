import type { Direction, FlowSource } from '../model/flow-row.js';
import type { FlowRef } from './accounting/flow-account.js';
import { AddressIds } from './address-ids.js';
import type { Connection } from './connection.js';
import { FlowSums } from './flow-sums.js';

/** Below this number of addresses, or of flows, nothing is gained by forgetting some. */
const FEW = 1 << 14;

/** A flow with its number. {@link FlowRefs.moveTo} changes the number. */
interface NumberedRef extends FlowRef {
  index: number;
}

/**
 * The host flows that accounts hold. A flow is the same object until it is released. Addresses and keys of released flows are
 * forgotten later, many at a time.
 */
export class FlowRefs {
  private sums: FlowSums;
  private addresses: AddressIds;
  /** The flows by their number in `sums`. */
  private refs: (NumberedRef | undefined)[] = [];
  private held = 0;

  /** @param addresses the table for the addresses of connections */
  constructor(addresses: AddressIds) {
    this.addresses = addresses;
    this.sums = new FlowSums(addresses);
  }

  /** The flow of a connection whose direction is known. */
  of(connection: Connection, direction: Direction, source: FlowSource): FlowRef {
    const index = this.sums.indexOf(connection, direction, source);
    const known = this.refs[index];
    if (known !== undefined) return known;
    const ref = { key: this.sums.keyAt(index), source, index };
    this.refs[index] = ref;
    this.held++;
    return ref;
  }

  /** Forgets a flow that nobody holds any more. */
  release(flow: FlowRef): void {
    const { index } = flow as NumberedRef;
    if (this.refs[index] !== flow) return;
    this.refs[index] = undefined;
    this.held--;
  }

  /** True if most addresses, or most keys, are of flows that were released. */
  get hasManyReleased(): boolean {
    return Math.max(this.addresses.count, this.sums.flowCount) > 4 * this.held + FEW;
  }

  /** Moves the held flows, with their addresses, to a new table. Ids of the old table are invalid afterwards. */
  moveTo(addresses: AddressIds): void {
    const sums = new FlowSums(addresses);
    const refs: (NumberedRef | undefined)[] = [];
    for (const ref of this.refs) {
      if (ref === undefined) continue;
      ref.index = sums.adopt(this.sums, ref.index);
      refs[ref.index] = ref;
    }
    this.sums = sums;
    this.refs = refs;
    this.addresses = addresses;
  }
}
