import { notes } from '../render/table-columns.js';
import { cutEnd, cutMiddle, displayWidth, pad } from './fit-text.js';
import { columns, type CellStyle, type Column, type Role } from './flow-columns.js';
import { totalFlow, type FlowRate, type RateSortKey } from '../model/rates.js';

/** An address of IPv4 with a port. */
const USUAL_ENDPOINT = 21;
const NARROWEST_NOTES = 10;
const NARROWEST_NAMES = 24;
/** Below this a size goes without its blank and its `iB`. */
const NARROWEST_FOR_SIZES = 40;

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
  let style = { isTight: available < NARROWEST_FOR_SIZES, namesAsPeers: false, mixedSources };
  let layout = layOut(rows, available, style);
  const roomBeside = (): number => available - totalWidth(layout) - layout.gap;
  if (roomBeside() < NARROWEST_NAMES && rows.some(({ peer }) => peer.name !== undefined)) {
    style = { ...style, namesAsPeers: true };
    layout = layOut(rows, available, style);
  }
  const room = roomBeside();
  const lines = rows.map((row) => {
    const cells = layout.columns.map((column) => column.cell(row, style));
    const note =
      room < NARROWEST_NOTES ? '' : notes(totalFlow(style.namesAsPeers ? withoutName(row) : row), style);
    return `${line(cells, layout)}${note === '' ? '' : ' '.repeat(layout.gap) + cutEnd(note, room)}`;
  });
  const headings = layout.columns.map((column) => headingOf(column, sort, layout.gap));
  return [line(headings, layout), ...lines].map((text) => cutEnd(text.trimEnd(), available));
}

function withoutName(row: FlowRate): FlowRate {
  const { addr, port } = row.peer;
  return { ...row, peer: { addr, port } };
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
