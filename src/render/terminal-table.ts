import type { ColumnLayout } from './column-layout.js';

/**
 * Prints rows with the `table` package. It needs all rows at once.
 *
 * The package is loaded here, so that runs that print to a pipe or a file do not wait for it.
 */
export async function terminalTable(
  rows: string[][],
  { columns, widths, gap }: ColumnLayout,
): Promise<string[]> {
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
