import { limitRows, someRow, type FlowList } from '../model/flow-list.js';
import { batchLines } from './batch-lines.js';
import { layOutColumns, type ColumnLayout, type LayoutStage } from './column-layout.js';
import { listingColumns, measuredColumns, withNotesBeneathPeer, type CellStyle } from './columns.js';
import { humanSize } from './human-size.js';
import { plainTable } from './plain-table.js';
import type { RenderOptions } from './renderer.js';
import { isAscii, wrapText } from './wrap-text.js';

/** The most rows for the `table` package, which measures and copies every cell several times. Longer listings are printed plainly. */
const MOST_TERMINAL_ROWS = 100;
/** The narrowest terminal for which rows are fitted. Below this width no layout is readable, and lines run over. */
const NARROWEST_TERMINAL = 40;
/** The same with rates, which take two more columns. */
const NARROWEST_WITH_RATES = 52;
/** From this width on, two blanks stand between columns. Below it, the addresses need the room. */
const WIDE_ENOUGH_FOR_GAPS = 60;
/** The least width of a column of notes. */
const NARROWEST_NOTES = 16;

/**
 * Prints a table for people, without borders. Each flow is one line. Cells wrap only if the terminal is too narrow.
 *
 * A pipe gets one line for each flow, of any width, under one heading line. So `awk` and `sort` can read it.
 */
export function renderTable(
  rows: FlowList,
  options: RenderOptions,
): Iterable<string> | AsyncIterable<string> {
  const shown = limitRows(rows, options.limit);
  const style: CellStyle = {
    size: options.human ? humanSize : String,
    mixedSources: hasMixedSources(rows),
  };
  const columns = options.rates === true ? measuredColumns : listingColumns;
  const room = (options.columns ?? 0) < narrowest(options) ? undefined : options.columns;
  const layout = layOutColumns(shown, style, stages(columns, room ?? 0), room);
  const lines = tableRows(shown, style, layout);
  if (options.columns === undefined) return batchLines(plainTable(lines, layout));
  const remarks = remarkLines(shown, rows.length - shown.length, layout, options);
  if (shown.length > MOST_TERMINAL_ROWS) return batchLines(plainTable(lines, layout, remarks));
  // The package takes longer to load than all the rest, which only cells of several lines are worth. It measures characters outside
  // ASCII in its own way, and would pad to another width than planned.
  const cells = [...lines];
  const texts = cells.flat();
  return texts.some(isWrapped) && texts.every(isAscii)
    ? terminalChunks(cells, layout, remarks)
    : batchLines(plainTable(cells, layout, remarks));
}

function narrowest({ rates }: RenderOptions): number {
  return rates === true ? NARROWEST_WITH_RATES : NARROWEST_TERMINAL;
}

/** The layouts to try. First the packets go, then the notes share a column with the peer, then the addresses get narrower. */
function* stages(columns: typeof listingColumns, available: number): Generator<LayoutStage> {
  yield { columns, gap: 2, narrowing: [] };
  const withoutPackets = columns.filter(({ role }) => role !== 'packets');
  yield { columns: withoutPackets, gap: 2, narrowing: [{ notes: NARROWEST_NOTES }] };
  const details = (width: number) => ({ protocol: width, connections: width, bytes: width });
  yield {
    columns: withNotesBeneathPeer(withoutPackets),
    gap: available < WIDE_ENOUGH_FOR_GAPS ? 1 : 2,
    // With the last widths and one blank between columns, the table is 40 columns wide, with rates 52. So it always fits.
    narrowing: [
      { local: 16, peer: 16 },
      { local: 9, peer: 9, ...details(9) },
      { local: 5, peer: 5, ...details(5) },
    ],
  };
}

/** The cells of the heading, then of each row. Every cell is broken (`\n`) into lines that fit its column. */
function* tableRows(
  rows: FlowList,
  style: CellStyle,
  { columns, widths }: ColumnLayout,
): Generator<string[], void, undefined> {
  const wrap = (text: string, index: number): string => wrapText(text, widths[index] ?? 0);
  yield columns.map((column, index) => wrap(column.heading, index));
  for (const row of rows) yield columns.map((column, index) => wrap(column.cell(row, style), index));
}

function isWrapped(cell: string): boolean {
  return cell.includes('\n');
}

function hasMixedSources(rows: FlowList): boolean {
  return (
    someRow(rows, ({ source }) => source === 'sockets') && someRow(rows, ({ source }) => source !== 'sockets')
  );
}

/** The facts that the terminal does not show, and how to see them. A pipe gets no remarks, as they would be read as rows. */
function remarkLines(
  shown: FlowList,
  leftOut: number,
  layout: ColumnLayout,
  options: RenderOptions,
): string[] {
  const { columns = 0, rates } = options;
  const remarks: string[] = [];
  if (leftOut > 0) {
    remarks.push(`… ${leftOut} more host ${leftOut === 1 ? 'flow' : 'flows'}; --limit 0 shows all`);
  }
  if (!layout.columns.some(({ role }) => role === 'packets'))
    remarks.push(`packets not shown: the terminal is ${columns} columns wide`);
  if (someRow(shown, ({ source, total }) => source === 'sockets' && total !== null)) {
    const whose = rates === true ? 'TCP connections, without UDP' : 'live TCP connections';
    remarks.push(`bytes of sockets: payload of ${whose}; packets: segments`);
  }
  const width = columns < narrowest(options) ? Infinity : columns;
  return remarks.map((remark) => `${wrapText(remark, width)}\n`);
}

async function* terminalChunks(
  rows: string[][],
  layout: ColumnLayout,
  remarks: readonly string[],
): AsyncGenerator<string, void, undefined> {
  yield* batchLines([...(await terminalTable(rows, layout)), ...remarks]);
}

/**
 * Prints rows with the `table` package. It needs all rows at once.
 *
 * The package is loaded here, so that runs that print to a pipe or a file do not wait for it.
 */
async function terminalTable(rows: string[][], { columns, widths, gap }: ColumnLayout): Promise<string[]> {
  const { getBorderCharacters, table } = await import('table');
  const text = table(rows, {
    border: getBorderCharacters('void'),
    drawHorizontalLine: () => false,
    columnDefault: { paddingLeft: 0, paddingRight: gap },
    columns: columns.map(({ alignment }, index) => ({ alignment, width: widths[index] ?? 0 })),
  });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`);
}
