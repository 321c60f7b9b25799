/** A column. Figures are right-aligned. */
export type Column = readonly [heading: string, alignment: 'left' | 'right'];

/** A Markdown table, padded so that it is readable as text. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = columns.map(([heading], index) =>
    Math.max(3, heading.length, ...escaped.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(([, alignment], index) => {
      const cell = cells[index] ?? '';
      return alignment === 'left' ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
    });
    return `| ${padded.join(' | ')} |\n`;
  };
  const rule = columns.map(([, alignment], index) =>
    alignment === 'left' ? '-'.repeat(widths[index] ?? 0) : `${'-'.repeat((widths[index] ?? 0) - 1)}:`,
  );
  return [columns.map(([heading]) => heading), rule, ...escaped].map(line).join('');
}
