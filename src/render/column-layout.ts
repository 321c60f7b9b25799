import type { FlowRow } from '../model/flow-row.js';
import type { CellStyle, Column, Role } from './columns.js';
import { textWidth } from './wrap-text.js';

/** The columns of a table and their widths. */
export interface ColumnLayout {
  columns: readonly Column[];
  widths: readonly number[];
  /** The number of blanks between two columns. */
  gap: number;
}

/** One way to lay rows out. A terminal that is too narrow for it gets the next. */
export interface LayoutStage {
  columns: readonly Column[];
  gap: number;
  /** The least widths by role, in the order in which they are tried. Other columns keep their widths. */
  narrowing: readonly Partial<Record<Role, number>>[];
}

/**
 * Lays rows out by the first stage that fits into `available` columns, else by the last. If `available` is undefined, the first
 * stage fits. Optional columns without text in any row are left out, and so are those without a heading.
 */
export function layOutColumns(
  rows: Iterable<FlowRow>,
  style: CellStyle,
  stages: Iterable<LayoutStage>,
  available: number | undefined,
): ColumnLayout {
  const naturalWidths = new Map<Column, number>();
  let layout: ColumnLayout = { columns: [], widths: [], gap: 1 };
  for (const stage of stages) {
    measure(rows, style, stage.columns, naturalWidths);
    layout = naturalLayout(stage, naturalWidths);
    if (available === undefined) return layout;
    for (const narrowest of stage.narrowing) layout = shrink(layout, available, narrowest);
    if (totalWidth(layout) <= available) return layout;
  }
  return layout;
}

/** The width of a line. */
export function totalWidth({ widths, gap }: ColumnLayout): number {
  return widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
}

/** Measures the columns that were not measured before. */
function measure(
  rows: Iterable<FlowRow>,
  style: CellStyle,
  columns: readonly Column[],
  widths: Map<Column, number>,
): void {
  const fresh = columns.filter((column) => !widths.has(column));
  const found = fresh.map(() => 0);
  if (fresh.length > 0) {
    for (const row of rows) {
      for (const [index, column] of fresh.entries()) {
        found[index] = Math.max(found[index] ?? 0, cellWidth(column.cell(row, style)));
      }
    }
  }
  for (const [index, column] of fresh.entries()) {
    const { heading, atLeast = 0, isOptional } = column;
    const width = found[index] ?? 0;
    const isLeftOut = isOptional === true && width === 0;
    widths.set(column, isLeftOut ? 0 : Math.max(textWidth(heading), atLeast, width));
  }
}

function naturalLayout({ columns, gap }: LayoutStage, widths: ReadonlyMap<Column, number>): ColumnLayout {
  const shown = columns.filter((column) => (widths.get(column) ?? 0) > 0);
  return { columns: shown, widths: shown.map((column) => widths.get(column) ?? 0), gap };
}

function cellWidth(text: string): number {
  return text.includes('\n') ? Math.max(...text.split('\n').map(textWidth)) : textWidth(text);
}

/** Narrows the widest column that may give way, one character at a time, until the layout fits. */
function shrink(
  layout: ColumnLayout,
  available: number,
  narrowest: Partial<Record<Role, number>>,
): ColumnLayout {
  const widths = [...layout.widths];
  for (let excess = totalWidth(layout) - available; excess > 0; excess--) {
    const spare = widths.map((width, index) => {
      const role = layout.columns[index]?.role;
      const limit = role === undefined ? undefined : narrowest[role];
      return limit !== undefined && width > limit ? width : 0;
    });
    const widest = Math.max(...spare);
    if (widest === 0) break;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return { ...layout, widths };
}
