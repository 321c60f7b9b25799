import type { ColumnLayout } from './column-layout.js';
import { textWidth } from './wrap-text.js';

/** Prints any number of rows, one at a time: for pipes, and for listings too long for the terminal table. Remarks come last. */
export function* plainTable(
  rows: Iterable<string[]>,
  layout: ColumnLayout,
  remarks: readonly string[] = [],
): Generator<string, void, undefined> {
  for (const cells of rows) {
    if (cells.some((cell) => cell.includes('\n'))) yield* linesOfWrappedRow(cells, layout);
    else yield plainLine(cells, layout);
  }
  yield* remarks;
}

function* linesOfWrappedRow(cells: string[], layout: ColumnLayout): Generator<string, void, undefined> {
  const linesByCell = cells.map((cell) => cell.split('\n'));
  const height = Math.max(...linesByCell.map((lines) => lines.length));
  for (let line = 0; line < height; line += 1) {
    yield plainLine(
      linesByCell.map((lines) => lines[line] ?? ''),
      layout,
    );
  }
}

function plainLine(cells: string[], { columns, widths, gap }: ColumnLayout): string {
  const blanks = ' '.repeat(gap);
  let text = '';
  for (const [index, cell] of cells.entries()) {
    const width = widths[index] ?? 0;
    if (index > 0) text += blanks;
    const padding = ' '.repeat(Math.max(0, width - textWidth(cell)));
    text += columns[index]?.alignment === 'right' ? padding + cell : cell + padding;
  }
  return `${text.trimEnd()}\n`;
}
