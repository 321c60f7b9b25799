import type { FlowKey, FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { hasTraffic, NO_TRAFFIC, sumTraffic, type Traffic } from '../model/traffic.js';

/** The time after which an unchanged flow without open connections leaves the screen. Accounts forget it after the same time. */
const FORGET_IDLE_SECONDS = 60;

interface ShownFlow {
  row: FlowRow;
  /** The time of the row's last change, in seconds since the start. */
  changed: number;
}

/**
 * The flows on the screen. An interval holds only the rows that changed. The screen shows the others too.
 *
 * Totals are sums of deltas. The account's totals cannot be used: the account remembers a flow longer than the screen does if entries
 * in TIME_WAIT are left. If that flow returned, its earlier bytes would count again.
 */
export class ShownFlows {
  private readonly flows = new Map<string, ShownFlow>();
  private elapsedSeconds = 0;
  /** The traffic of the flows that have left the screen. */
  private departed: Traffic | null = null;

  /** Takes in an interval. @returns every flow; the rate of an unchanged one is 0 */
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
    // The end of an entry in TIME_WAIT does not bring its flow back.
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

/** True if no connection is open and no bytes were carried. */
function isEmpty({ live, delta }: FlowRow): boolean {
  return live === 0 && delta !== undefined && delta !== null && !hasTraffic(delta);
}

function idle(row: FlowRow): FlowRow {
  if (row.total === null || row.rate === NO_RATE) return row;
  return { ...row, connections: 0, delta: NO_TRAFFIC, rate: NO_RATE };
}

const NO_RATE = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } };

/** The text that identifies a row. */
function textOf({ key, source, total }: FlowRow): string {
  const { direction, protocol, local, peer, via } = key satisfies FlowKey;
  const ends = [local, peer, via].map((end) => (end === undefined ? '' : `${end.addr} ${end.port}`));
  return [source, total === null, direction, protocol, ...ends].join(' ');
}
