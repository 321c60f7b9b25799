import { passes, type FlowFilter } from '../model/filter.js';
import type { FlowList } from '../model/flow-list.js';
import type { Direction, Endpoint, FlowKey, FlowRow, FlowSource } from '../model/flow-row.js';
import { orderPositions, type SortKey } from '../model/order.js';
import type { FlowSums } from './flow-sums.js';

/** The number of rows that are made together. */
const ROWS_AT_ONCE = 64;

/** Some of the flows of sums, in some order. It holds their numbers only, and makes each row on demand. */
export class SummedFlows implements FlowList {
  private readonly sums: FlowSums;
  private readonly indices: Uint32Array;

  /** @param indices the numbers of the flows in the sums */
  constructor(sums: FlowSums, indices: Uint32Array) {
    this.sums = sums;
    this.indices = indices;
  }

  /** All flows of the sums, in the order in which they first came. */
  static of(sums: FlowSums): SummedFlows {
    return new SummedFlows(
      sums,
      Uint32Array.from({ length: sums.size }, (_, index) => index),
    );
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Generator<FlowRow, void, undefined> {
    const { sums, indices } = this;
    for (let start = 0; start < indices.length; start += ROWS_AT_ONCE) {
      for (const row of sums.rowsAt(indices.subarray(start, start + ROWS_AT_ONCE))) yield row;
    }
  }

  slice(start: number, end: number): SummedFlows {
    return new SummedFlows(this.sums, this.indices.subarray(start, end));
  }

  /** True if any flow passes the test. No row is made. */
  some(test: (flow: SeenFlow) => boolean): boolean {
    const flow = new SummedFlow(this.sums);
    return this.indices.some((index) => {
      flow.index = index;
      return test(flow);
    });
  }

  /** The flows that pass the filter. */
  filter(filter: FlowFilter): SummedFlows {
    const flow = new SummedFlow(this.sums);
    const kept = this.indices.filter((index) => {
      flow.index = index;
      return passes(flow, filter);
    });
    return new SummedFlows(this.sums, kept);
  }

  /** The same flows in the order of `orderRows`. No rows are made. */
  inOrder(key: SortKey, reverse: boolean): SummedFlows {
    const { sums, indices } = this;
    const index = (position: number): number => indices[position] ?? 0;
    const order = orderPositions(
      {
        length: indices.length,
        peer: (position) => sums.peerRank(index(position)),
        peerPort: (position) => sums.peerPortRank(index(position)),
        local: (position) => sums.localRank(index(position)),
        localPort: (position) => sums.localPortRank(index(position)),
        connections: (position) => sums.connections(index(position)),
        counter: (position, counterKey) => sums.counter(index(position), counterKey),
        row: (position) => sums.rowAt(index(position)),
      },
      { key, by: 'total', reverse },
    );
    return new SummedFlows(sums, order.map(index));
  }
}

/** The fields that can be read without making the row. */
export type SeenFlow = FlowKey & Pick<FlowRow, 'source'> & { readonly isKnown: boolean };

/** A view of one flow at a time, which makes no row, as most tests need few fields. */
class SummedFlow implements SeenFlow {
  index = 0;
  private readonly sums: FlowSums;

  constructor(sums: FlowSums) {
    this.sums = sums;
  }

  get direction(): Direction {
    return this.sums.direction(this.index);
  }

  get protocol(): string {
    return this.sums.protocol(this.index);
  }

  get zone(): number {
    return this.sums.zone(this.index);
  }

  get state(): string {
    return this.sums.state(this.index);
  }

  get local(): Endpoint {
    return this.sums.local(this.index);
  }

  get peer(): Endpoint {
    return this.sums.peer(this.index);
  }

  get source(): FlowSource {
    return this.sums.source(this.index);
  }

  get isKnown(): boolean {
    return this.sums.isKnown(this.index);
  }
}
