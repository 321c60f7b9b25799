import type { FlowList } from '../model/flow-list.js';
import {
  type CellStyle,
  type Column,
  measuredColumns,
  tableColumns,
  withNotesBeneathPeer,
} from './table-columns.js';
import { textWidth, wrapText } from './wrap-text.js';

/** Which columns a table has and how wide they are. */
export interface TableLayout {
  columns: readonly Column[];
  widths: readonly number[];
  /** Blanks between two columns. */
  gap: number;
  packetsShown: boolean;
}

/** Below this width of a terminal no layout is readable: lines run over. */
export const NARROWEST_TERMINAL = 40;
/** Below this width a second blank between the columns is room that the addresses need more. */
const WIDE_ENOUGH_FOR_GAPS = 60;
/** Notes get a column of their own only where it has this much room. */
const NARROWEST_NOTES = 16;

/** How narrow a column may become, in the order in which it is tried: the addresses give way first. */
const shrinkingRounds: readonly Partial<Record<Column['role'], number>>[] = [
  { address: 16 },
  { address: 9, detail: 9 },
  // With this and a gap of one blank the table is 40 columns wide, so it always fits.
  { address: 5, detail: 5 },
];

/** Fits the table into a terminal of `available` columns; without a limit (`undefined`) each column is as wide as its widest cell. */
export function layOutTable(flows: FlowList, style: CellStyle, available: number | undefined): TableLayout {
  const full = naturalLayout(style.rates ? measuredColumns : tableColumns, flows, style);
  if (available === undefined || available < NARROWEST_TERMINAL || totalWidth(full) <= available) return full;

  const withoutPackets = keepColumns(full, (column) => column.role !== 'packets');
  const excess = totalWidth(withoutPackets) - available;
  if (excess <= 0) return withoutPackets;

  const last = withoutPackets.columns.length - 1;
  const notesWidth = (withoutPackets.widths[last] ?? 0) - excess;
  if (withoutPackets.columns[last]?.role === 'notes' && notesWidth >= NARROWEST_NOTES) {
    return { ...withoutPackets, widths: withoutPackets.widths.with(last, notesWidth) };
  }
  const folded = naturalLayout(withNotesBeneathPeer(withoutPackets.columns), flows, style);
  return shrink({ ...folded, gap: available < WIDE_ENOUGH_FOR_GAPS ? 1 : 2 }, available);
}

function naturalLayout(columns: readonly Column[], flows: FlowList, style: CellStyle): TableLayout {
  const widths = columns.map(({ heading }) => textWidth(heading));
  for (const flow of flows) {
    for (const [index, column] of columns.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cellWidth(column.cell(flow, style)));
    }
  }
  // The notes have no heading: where no flow has a note they take no room at all.
  return keepColumns({ columns, widths, gap: 2, packetsShown: true }, (_, width) => width > 0);
}

function cellWidth(text: string): number {
  return text.includes('\n') ? Math.max(...text.split('\n').map(textWidth)) : textWidth(text);
}

function keepColumns(layout: TableLayout, keep: (column: Column, width: number) => boolean): TableLayout {
  const kept = layout.columns
    .map((column, index) => ({ column, width: layout.widths[index] ?? 0 }))
    .filter(({ column, width }) => keep(column, width));
  const columns = kept.map(({ column }) => column);
  return {
    columns,
    widths: kept.map(({ width }) => width),
    gap: layout.gap,
    packetsShown: columns.some((column) => column.role === 'packets'),
  };
}

function totalWidth({ widths, gap }: TableLayout): number {
  return widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
}

/** Takes column by column from the widest one that may still give, until the table fits. */
function shrink(layout: TableLayout, available: number): TableLayout {
  const widths = [...layout.widths];
  let excess = totalWidth(layout) - available;
  for (const narrowest of shrinkingRounds) {
    while (excess > 0) {
      const spare = widths.map((width, index) => {
        const limit = narrowest[layout.columns[index]?.role ?? 'arrow'];
        return limit !== undefined && width > limit ? width : 0;
      });
      const widest = Math.max(...spare);
      if (widest === 0) break;
      widths[spare.indexOf(widest)] = widest - 1;
      excess -= 1;
    }
  }
  return { ...layout, widths };
}

/** The cells of the heading line and of each flow in turn, every cell broken (`\n`) into lines that fit its column. */
export function* tableRows(
  flows: FlowList,
  style: CellStyle,
  { columns, widths }: TableLayout,
): Generator<string[], void, undefined> {
  const wrap = (text: string, index: number): string => wrapText(text, widths[index] ?? 0);
  yield columns.map((column, index) => wrap(column.heading, index));
  for (const flow of flows) yield columns.map((column, index) => wrap(column.cell(flow, style), index));
}
