import type { FlowKey, FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { hasTraffic, NO_TRAFFIC, sumTraffic, type Traffic } from '../model/traffic.js';

/** A flow without open connections leaves the screen after this time without a change, as accounts forget it then. */
const FORGET_IDLE_SECONDS = 60;

interface ShownFlow {
  row: FlowRow;
  /** When the row changed last, in seconds since the start. */
  changed: number;
}

/**
 * The flows on the screen: intervals hold only the rows that changed, the screen shows the others too.
 *
 * Totals are sums of deltas. The account's own totals do not fit: it remembers a flow longer than the screen does if entries in
 * TIME_WAIT are left, and their total would count again as the flow returns.
 */
export class ShownFlows {
  private readonly flows = new Map<string, ShownFlow>();
  private elapsedSeconds = 0;
  /** What the flows carried that have left. */
  private departed: Traffic | null = null;

  /** Takes an interval in. @returns every flow, those that did not change with a rate of 0 */
  update({ rows, seconds }: Pick<Interval, 'rows' | 'seconds'>): {
    rows: FlowRow[];
    departed: Traffic | null;
  } {
    this.elapsedSeconds += seconds;
    for (const flow of this.flows.values()) flow.row = idle(flow.row);
    for (const row of rows) this.take(row);
    this.forgetIdle();
    return { rows: Array.from(this.flows.values(), ({ row }) => row), departed: this.departed };
  }

  private take(row: FlowRow): void {
    const text = textOf(row);
    const shown = this.flows.get(text);
    // The end of an entry that was in TIME_WAIT is no reason to bring its flow back.
    if (shown === undefined && isEmpty(row)) return;
    const total = row.total && sumTraffic([shown?.row.total, row.delta]);
    this.flows.set(text, { row: { ...row, total }, changed: this.elapsedSeconds });
  }

  private forgetIdle(): void {
    for (const [text, { row, changed }] of this.flows) {
      if (row.live !== 0 || this.elapsedSeconds - changed < FORGET_IDLE_SECONDS) continue;
      this.flows.delete(text);
      this.departed = sumTraffic([this.departed, row.total]);
    }
  }
}

/** True if nothing is open and nothing was carried. */
function isEmpty({ live, delta }: FlowRow): boolean {
  return live === 0 && delta !== undefined && delta !== null && !hasTraffic(delta);
}

function idle(row: FlowRow): FlowRow {
  if (row.total === null || row.rate === NO_RATE) return row;
  return { ...row, connections: 0, delta: NO_TRAFFIC, rate: NO_RATE };
}

const NO_RATE = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } };

/** The text that tells a row from all others. */
function textOf({ key, source, total }: FlowRow): string {
  const { direction, protocol, local, peer, via } = key satisfies FlowKey;
  const ends = [local, peer, via].map((end) => (end === undefined ? '' : `${end.addr} ${end.port}`));
  return [source, total === null, direction, protocol, ...ends].join(' ');
}
