import type { Counter } from '../../parsers/counter.js';
import { humanSize } from '../render/human-size.js';
import { arrows, endpointText, notes } from '../render/table-columns.js';
import { sanitizeText } from '../sanitize.js';
import { cutEnd, cutMiddle, displayWidth, pad, tightSize } from './fit-text.js';
import { totalFlow, type FlowRate, type RateSortKey } from './rates.js';

/** What a cell depends on besides its flow. */
interface CellStyle {
  /** Sizes as `1.05G`, where every character counts. */
  isTight: boolean;
  mixedSources: boolean;
}

type Role = 'local' | 'arrow' | 'peer' | 'protocol' | 'connections' | 'packets' | 'rate' | 'sum' | 'totals';

interface Column {
  heading: string;
  role: Role;
  alignment: 'left' | 'right';
  /** So wide at least that columns keep their places while the numbers in them change. */
  atLeast: number;
  /** The order that this column shows. */
  sort?: RateSortKey;
  cell: (flow: FlowRate, style: CellStyle) => string;
}

const UNKNOWN = '-';
/** The longest size, `999.9 KiB`. */
const SIZE_WIDTH = 9;
/** An address of IPv4 with a port. */
const USUAL_ENDPOINT = 21;
const NARROWEST_NOTES = 10;
/** Below this a size goes without its blank and its `iB`. */
const NARROWEST_FOR_SIZES = 40;

/** A size for people; `1.05G` where it is tight. */
function size(bytes: number | Counter | undefined, { isTight }: CellStyle): string {
  if (bytes === undefined) return UNKNOWN;
  const text = humanSize(typeof bytes === 'number' ? Math.round(bytes) : bytes);
  return isTight ? tightSize(text) : text;
}

function sumOfTotals({ total }: FlowRate): Counter | undefined {
  if (total === null) return undefined;
  const sum = BigInt(total.inbound.bytes) + BigInt(total.outbound.bytes);
  return sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : sum;
}

function packets(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN;
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

function numeric(
  heading: string,
  role: Role,
  cell: Column['cell'],
  atLeast: number,
  sort?: RateSortKey,
): Column {
  const column: Column = { heading, role, alignment: 'right', atLeast, cell };
  return sort === undefined ? column : { ...column, sort };
}

const columns: readonly Column[] = [
  {
    heading: 'Local',
    role: 'local',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => endpointText(flow.local),
  },
  {
    heading: '<-->',
    role: 'arrow',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => arrows[flow.direction],
  },
  {
    heading: 'Peer',
    role: 'peer',
    alignment: 'left',
    atLeast: 0,
    sort: 'peer',
    cell: (flow) => endpointText(flow.peer),
  },
  {
    heading: 'Proto',
    role: 'protocol',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => sanitizeText(flow.protocol),
  },
  numeric('Conns', 'connections', (flow) => String(flow.connections), 0),
  numeric('In pkt/s', 'packets', ({ rate }) => packets(rate?.inbound.packets), 0),
  numeric('In/s', 'rate', ({ rate }, style) => size(rate?.inbound.bytes, style), SIZE_WIDTH, 'in'),
  numeric('Out pkt/s', 'packets', ({ rate }) => packets(rate?.outbound.packets), 0),
  numeric('Out/s', 'rate', ({ rate }, style) => size(rate?.outbound.bytes, style), SIZE_WIDTH, 'out'),
  numeric('In total', 'totals', ({ total }, style) => size(total?.inbound.bytes, style), SIZE_WIDTH),
  numeric('Out total', 'totals', ({ total }, style) => size(total?.outbound.bytes, style), SIZE_WIDTH),
  numeric('Total', 'sum', (flow, style) => size(sumOfTotals(flow), style), SIZE_WIDTH, 'total'),
];

/** Which columns go as the terminal gets narrower. Both totals give way to their sum before they go altogether. */
const stages: readonly (readonly Role[])[] = [
  ['sum'],
  ['sum', 'packets'],
  ['totals', 'packets'],
  ['totals', 'packets', 'sum'],
  ['totals', 'packets', 'sum', 'protocol'],
  ['totals', 'packets', 'sum', 'protocol', 'connections'],
  ['totals', 'packets', 'sum', 'protocol', 'connections', 'local', 'arrow'],
];

/** How narrow each address may become before the next stage is tried; the last stage takes what is left. */
const ROOM_FOR_ADDRESSES: readonly Record<'local' | 'peer', number>[] = [
  { local: USUAL_ENDPOINT, peer: USUAL_ENDPOINT },
  { local: USUAL_ENDPOINT, peer: USUAL_ENDPOINT },
  // With the sum of the totals this takes 80 columns.
  { local: 13, peer: 19 },
  { local: 13, peer: 19 },
  { local: 13, peer: 16 },
  { local: 12, peer: 14 },
];
const WHAT_IS_LEFT = { local: 1, peer: 1 };

interface Layout {
  columns: readonly Column[];
  widths: number[];
  gap: number;
}

/** Fits `rows` into a terminal's width: the heading, then a line a row. */
export function flowLines(
  rows: readonly FlowRate[],
  available: number,
  sort: RateSortKey,
  mixedSources: boolean,
): string[] {
  const style = { isTight: available < NARROWEST_FOR_SIZES, mixedSources };
  const layout = layOut(rows, available, style);
  const used = totalWidth(layout);
  const room = available - used - layout.gap;
  const lines = rows.map((row) => {
    const cells = layout.columns.map((column) => column.cell(row, style));
    const note = room < NARROWEST_NOTES ? '' : notes({ ...totalFlow(row) }, style);
    return `${line(cells, layout)}${note === '' ? '' : ' '.repeat(layout.gap) + cutEnd(note, room)}`;
  });
  const headings = layout.columns.map((column) => headingOf(column, sort, layout.gap));
  return [line(headings, layout), ...lines].map((text) => cutEnd(text.trimEnd(), available));
}

/** The column that the rows are ordered by is marked, where the mark does not make it wider. */
function headingOf({ heading, sort: shown, atLeast }: Column, sort: RateSortKey, gap: number): string {
  const isMarked = shown === sort && gap > 0 && (atLeast > heading.length || sort === 'peer');
  return isMarked ? `${heading}*` : heading;
}

function line(cells: readonly string[], { columns, widths, gap }: Layout): string {
  return cells
    .map((cell, index) => {
      const width = widths[index] ?? 0;
      const { role, alignment } = columns[index] ?? { role: 'peer', alignment: 'left' };
      const fitted = role === 'peer' || role === 'local' ? cutMiddle(cell, width) : cutEnd(cell, width);
      return pad(fitted, width, alignment);
    })
    .join(' '.repeat(gap));
}

function layOut(rows: readonly FlowRate[], available: number, style: CellStyle): Layout {
  let layout: Layout = { columns: [], widths: [], gap: 1 };
  for (const [stage, dropped] of stages.entries()) {
    const kept = columns.filter(({ role }) => !dropped.includes(role));
    const widths = kept.map((column) => naturalWidth(column, rows, style));
    layout = { columns: kept, widths, gap: available < 100 ? 1 : 2 };
    shrinkAddresses(layout, available, ROOM_FOR_ADDRESSES[stage] ?? WHAT_IS_LEFT);
    if (totalWidth(layout) <= available) break;
  }
  return layout;
}

function naturalWidth(column: Column, rows: readonly FlowRate[], style: CellStyle): number {
  const atLeast = style.isTight ? Math.min(column.atLeast, 5) : column.atLeast;
  let width = Math.max(displayWidth(column.heading), atLeast);
  for (const row of rows) width = Math.max(width, displayWidth(column.cell(row, style)));
  return width;
}

function totalWidth({ widths, gap }: Layout): number {
  return widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
}

/** The local address, which the user knows, gives way before the peer's. */
function shrinkAddresses(
  layout: Layout,
  available: number,
  narrowest: Record<'local' | 'peer', number>,
): void {
  const { columns, widths } = layout;
  for (const role of ['local', 'peer'] as const) {
    const index = columns.findIndex((column) => column.role === role);
    const width = widths[index];
    const excess = totalWidth(layout) - available;
    if (width === undefined || excess <= 0) continue;
    widths[index] = Math.max(Math.min(width, narrowest[role]), width - excess);
  }
}
