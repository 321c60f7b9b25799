import type { FlowRow } from '../model/flow-row.js';
import { layOutColumns, totalWidth, type ColumnLayout, type LayoutStage } from '../render/column-layout.js';
import { liveColumns, notesOf, type CellStyle, type Column, type Role } from '../render/columns.js';
import { humanSize } from '../render/human-size.js';
import { textWidth } from '../render/wrap-text.js';
import { cutEnd, cutMiddle, pad, tightSize } from './fit-text.js';
import type { ViewSortKey } from './view-order.js';

/** The width of an IPv4 address with a port. */
const USUAL_ENDPOINT = 21;
const NARROWEST_NOTES = 10;
const NARROWEST_NAMES = 24;
/** Below this width sizes are printed without blank and `iB`. */
const NARROWEST_FOR_SIZES = 40;
/** The least width of a column of such sizes. */
const TIGHT_SIZE_WIDTH = 5;
const WIDE_ENOUGH_FOR_GAPS = 100;

/**
 * The columns that go as the terminal gets narrower, and the least widths of both addresses in each step. The two totals are
 * replaced by their sum before that goes too. The local address gives way before the peer's, as the user knows it.
 */
const steps: readonly { without: readonly Role[]; local: number; peer: number }[] = [
  { without: ['sum'], local: USUAL_ENDPOINT, peer: USUAL_ENDPOINT },
  { without: ['sum', 'packets'], local: USUAL_ENDPOINT, peer: USUAL_ENDPOINT },
  // With the sum of the totals this step takes 80 columns.
  { without: ['totals', 'packets'], local: 13, peer: 19 },
  { without: ['totals', 'packets', 'sum'], local: 13, peer: 19 },
  { without: ['totals', 'packets', 'sum', 'protocol'], local: 13, peer: 16 },
  { without: ['totals', 'packets', 'sum', 'protocol', 'connections'], local: 12, peer: 14 },
  { without: ['totals', 'packets', 'sum', 'protocol', 'connections', 'local', 'arrow'], local: 1, peer: 1 },
];

/** The heading that is marked for each order. */
const sortedHeadings: Record<ViewSortKey, string | undefined> = {
  rate: undefined,
  in: 'In/s',
  out: 'Out/s',
  packets: undefined,
  connections: 'Conns',
  total: 'Total',
  peer: 'Peer',
};

const tightColumns: readonly Column[] = liveColumns.map((column) =>
  column.atLeast === undefined ? column : { ...column, atLeast: TIGHT_SIZE_WIDTH },
);

/** Fits rows into a terminal's width. @returns the heading, then a line for each row */
export function flowLines(
  rows: readonly FlowRow[],
  available: number,
  sort: ViewSortKey,
  mixedSources: boolean,
): string[] {
  const isTight = available < NARROWEST_FOR_SIZES;
  const columns = isTight ? tightColumns : liveColumns;
  const size: CellStyle['size'] = isTight ? (bytes) => tightSize(humanSize(bytes)) : humanSize;
  let style: CellStyle = { size, mixedSources, zonesAsNotes: true };
  let layout = layOutColumns(rows, style, stages(columns, available), available);
  const roomBeside = (): number => available - totalWidth(layout) - layout.gap;
  if (roomBeside() < NARROWEST_NAMES && rows.some(({ name }) => name !== undefined)) {
    style = { ...style, namesAsPeers: true };
    layout = layOutColumns(rows, style, stages(columns, available), available);
  }
  const room = roomBeside();
  const lines = rows.map((row) => {
    const cells = layout.columns.map((column) => column.cell(row, style));
    const note = room < NARROWEST_NOTES ? '' : notesOf(row, style);
    return `${line(cells, layout)}${note === '' ? '' : ' '.repeat(layout.gap) + cutEnd(note, room)}`;
  });
  const headings = layout.columns.map((column) => headingOf(column, sort, layout.gap));
  return [line(headings, layout), ...lines].map((text) => cutEnd(text.trimEnd(), available));
}

function stages(columns: readonly Column[], available: number): LayoutStage[] {
  return steps.map(({ without, local, peer }) => ({
    columns: columns.filter(({ role }) => !without.includes(role)),
    gap: available < WIDE_ENOUGH_FOR_GAPS ? 1 : 2,
    narrowing: [{ local }, { peer }],
  }));
}

/** The heading of a column, marked if the rows are ordered by it. There is no mark if it would widen the column. */
function headingOf({ heading, atLeast = 0 }: Column, sort: ViewSortKey, gap: number): string {
  const isMarked =
    sortedHeadings[sort] === heading && gap > 0 && (atLeast > heading.length || sort === 'peer');
  return isMarked ? `${heading}*` : heading;
}

function line(cells: readonly string[], { columns, widths, gap }: ColumnLayout): string {
  return cells
    .map((cell, index) => {
      const width = widths[index] ?? 0;
      const { role, alignment } = columns[index] ?? { role: 'peer', alignment: 'left' };
      const isAddress = role === 'peer' || role === 'local';
      const fitted =
        textWidth(cell) <= width ? cell : isAddress ? cutMiddle(cell, width) : cutEnd(cell, width);
      return pad(fitted, width, alignment);
    })
    .join(' '.repeat(gap));
}
