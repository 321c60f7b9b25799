import { limitFlows, someFlow, type FlowList } from '../model/flow-list.js';
import { batchLines } from './batch-lines.js';
import { plainTable } from './plain-table.js';
import type { RenderOptions } from './renderer.js';
import type { CellStyle } from './table-columns.js';
import { layOutTable, NARROWEST_TERMINAL, type TableLayout, tableRows } from './table-layout.js';
import { terminalTable } from './terminal-table.js';
import { isAscii, wrapText } from './wrap-text.js';

/** The `table` package measures and copies every cell several times: beyond this many rows the plain printer takes over. */
const MOST_TERMINAL_ROWS = 100;

/**
 * A table for people: borderless, a flow a line, cells wrapped only where a terminal is too narrow.
 *
 * In a pipe it stays one line a flow whatever its width, under one heading line, for `awk` and `sort`.
 */
export function renderTable(
  flows: FlowList,
  options: RenderOptions,
): Iterable<string> | AsyncIterable<string> {
  const shown = limitFlows(flows, options.limit);
  const style: CellStyle = {
    human: options.human,
    rates: options.rates ?? false,
    mixedSources: hasMixedSources(flows),
  };
  const layout = layOutTable(shown, style, options.columns);
  const rows = tableRows(shown, style, layout);
  if (options.columns === undefined) return batchLines(plainTable(rows, layout));
  const remarks = remarkLines(shown, flows.length - shown.length, layout, options.columns, style.rates);
  if (shown.length > MOST_TERMINAL_ROWS) return batchLines(plainTable(rows, layout, remarks));
  // The package takes longer to load than all the rest: only where cells have several lines is it worth that. Of characters outside
  // ASCII it has its own idea how wide they are, and would pad to another width than planned.
  const cells = [...rows];
  const texts = cells.flat();
  return texts.some(isWrapped) && texts.every(isAscii)
    ? terminalChunks(cells, layout, remarks)
    : batchLines(plainTable(cells, layout, remarks));
}

function isWrapped(cell: string): boolean {
  return cell.includes('\n');
}

function hasMixedSources(flows: FlowList): boolean {
  return (
    someFlow(flows, ({ source }) => source === 'sockets') &&
    someFlow(flows, ({ source }) => source !== 'sockets')
  );
}

/** What the reader of a terminal does not see and how to see it. A pipe gets rows only: a remark would be taken for one. */
function remarkLines(
  shown: FlowList,
  leftOut: number,
  layout: TableLayout,
  columns: number,
  isOverTime: boolean,
): string[] {
  const remarks: string[] = [];
  if (leftOut > 0) {
    remarks.push(`… ${leftOut} more host ${leftOut === 1 ? 'flow' : 'flows'}; --limit 0 shows all`);
  }
  if (!layout.packetsShown) remarks.push(`packets not shown: the terminal is ${columns} columns wide`);
  if (someFlow(shown, ({ source, stat }) => source === 'sockets' && stat !== null)) {
    const whose = isOverTime ? 'TCP connections, without UDP' : 'live TCP connections';
    remarks.push(`bytes of sockets: payload of ${whose}; packets: segments`);
  }
  const width = columns < NARROWEST_TERMINAL ? Infinity : columns;
  return remarks.map((remark) => `${wrapText(remark, width)}\n`);
}

async function* terminalChunks(
  rows: string[][],
  layout: TableLayout,
  remarks: readonly string[],
): AsyncGenerator<string, void, undefined> {
  yield* batchLines([...(await terminalTable(rows, layout)), ...remarks]);
}
