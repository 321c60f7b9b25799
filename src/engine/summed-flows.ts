import { passes, type FilteredFlow, type FlowFilter } from '../model/filter.js';
import type { FlowList } from '../model/flow-list.js';
import type { FlowTable } from './flow-sums.js';
import type { Direction, Endpoint, FlowSource, FlowStat, HostFlow } from '../model/host-flow.js';
import { orderPositions, type SortKey } from '../model/order.js';

/** So many flows are made together. */
const FLOWS_AT_ONCE = 64;

/** Some of a table's flows in some order: their numbers alone, as each flow is made when it is asked for. */
export class TableFlows implements FlowList {
  private readonly table: FlowTable;
  private readonly indices: Uint32Array;

  /** `indices` are the numbers of the flows in the table. */
  constructor(table: FlowTable, indices: Uint32Array) {
    this.table = table;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Generator<HostFlow, void, undefined> {
    const { table, indices } = this;
    for (let start = 0; start < indices.length; start += FLOWS_AT_ONCE) {
      for (const flow of table.flowsAt(indices.subarray(start, start + FLOWS_AT_ONCE))) yield flow;
    }
  }

  slice(start: number, end: number): TableFlows {
    return new TableFlows(this.table, this.indices.subarray(start, end));
  }

  /** Whether any of them is as asked, without making them. */
  some(test: (flow: SeenFlow) => boolean): boolean {
    const flow = new TableFlow(this.table);
    return this.indices.some((index) => {
      flow.index = index;
      return test(flow);
    });
  }

  /** Those that pass. */
  filter(filter: FlowFilter): TableFlows {
    const flow = new TableFlow(this.table);
    const kept = this.indices.filter((index) => {
      flow.index = index;
      return passes(flow, filter);
    });
    return new TableFlows(this.table, kept);
  }

  /** The same flows in the order of `orderFlows`, without making them. */
  inOrder(sortKey: SortKey, reverse: boolean): TableFlows {
    const { table, indices } = this;
    const index = (position: number): number => indices[position] ?? 0;
    const order = orderPositions(
      {
        length: indices.length,
        peer: (position) => table.peerRank(index(position)),
        peerPort: (position) => table.peerPortRank(index(position)),
        local: (position) => table.localRank(index(position)),
        localPort: (position) => table.localPortRank(index(position)),
        connections: (position) => table.connections(index(position)),
        stat: (position) => table.stat(index(position)),
        flow: (position) => table.flowAt(index(position)),
      },
      sortKey,
      reverse,
    );
    return new TableFlows(table, order.map(index));
  }
}

/** What of a flow can be asked for without making it. */
export type SeenFlow = FilteredFlow & Pick<HostFlow, 'source' | 'stat'>;

/** A flow of a table, one after the other, for a question: most ask for little of it. */
class TableFlow implements SeenFlow {
  index = 0;
  private readonly table: FlowTable;

  constructor(table: FlowTable) {
    this.table = table;
  }

  get direction(): Direction {
    return this.table.direction(this.index);
  }

  get protocol(): string {
    return this.table.protocol(this.index);
  }

  get local(): Endpoint {
    return this.table.local(this.index);
  }

  get peer(): Endpoint {
    return this.table.peer(this.index);
  }

  get source(): FlowSource {
    return this.table.source(this.index);
  }

  get stat(): FlowStat | null {
    return this.table.stat(this.index);
  }
}
