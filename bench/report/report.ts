import type { Case } from '../cases.js';
import type { Criterion } from './criteria.js';
import {
  BYTES_PER_MEGABYTE,
  figureOf,
  formatFigure,
  formatMegabytes,
  formatSeconds,
  type Medians,
} from './figure.js';
import type { Growth } from '../growth.js';
import { markdownTable, type Column } from './markdown-table.js';

const COLUMNS_OF_TARGETS: readonly Column[] = [
  ['what', 'left'],
  ['against', 'left'],
  ['measured', 'right'],
  ['target', 'right'],
  ['met', 'left'],
  ['by CPU time', 'right'],
];

const COLUMNS_OF_CASES: readonly Column[] = [
  ['process', 'left'],
  ['median', 'right'],
  ['fastest … slowest', 'right'],
  ['CPU', 'right'],
  ['peak memory', 'right'],
];

/** The table of targets: measured figure, target, and verdict. */
export function targetsTable(
  criteria: readonly Criterion[],
  measured: ReadonlyMap<Pick<Case, 'id'>, Medians>,
): string {
  const byId = new Map([...measured].map(([{ id }, medians]) => [id, medians]));
  const rows = criteria.map((criterion) => {
    const { what, against, figure, target } = criterion;
    const value = figureOf(criterion, byId);
    const byCpu = figure === 'added megabytes' ? undefined : figureOf(criterion, byId, 'cpuSeconds');
    return [
      what,
      against,
      value === undefined ? '-' : formatFigure(value, figure),
      target === undefined ? '' : `≤ ${formatFigure(target, figure)}`,
      verdict(value, target),
      byCpu === undefined ? '' : formatFigure(byCpu, figure),
    ];
  });
  return markdownTable(COLUMNS_OF_TARGETS, rows);
}

function verdict(value: number | undefined, target: number | undefined): string {
  if (value === undefined) return 'not measured';
  if (target === undefined) return '';
  return value <= target ? 'yes' : 'no';
}

/** Every process with its own figures. */
export function casesTable(measured: ReadonlyMap<Pick<Case, 'label'>, Medians>): string {
  const rows = [...measured].map(([{ label }, { seconds, fastest, slowest, cpuSeconds, peakBytes }]) => [
    label,
    formatSeconds(seconds),
    `${fastest.toFixed(3)} … ${slowest.toFixed(3)}`,
    formatSeconds(cpuSeconds),
    peakBytes === undefined ? '-' : formatMegabytes(peakBytes / BYTES_PER_MEGABYTE),
  ]);
  return markdownTable(COLUMNS_OF_CASES, rows);
}

/** The processes that were not measured, with the reason. Processes with the same reason share a line. */
export function missingList(missing: ReadonlyMap<Pick<Case, 'label'>, string>): string {
  const byReason = new Map<string, string[]>();
  for (const [{ label }, reason] of missing) byReason.set(reason, [...(byReason.get(reason) ?? []), label]);
  return [...byReason]
    .map(([reason, labels]) => `- not measured: ${labels.join('; ')}: ${reason}\n`)
    .join('');
}

/** The figures behind the plots. */
export function growthTables({ entries, flows }: Record<'entries' | 'flows', Growth>): string {
  const tables = [
    growthTable('entries, CPU seconds', entries.cpuSeconds),
    growthTable('entries, peak MB', entries.megabytes),
    growthTable('host flows, CPU seconds', flows.cpuSeconds),
    growthTable('host flows, peak MB', flows.megabytes),
  ];
  return tables.join('\n');
}

function growthTable(heading: string, series: Growth['cpuSeconds']): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))];
  const columns: Column[] = [[heading, 'right'], ...series.map(({ name }) => [name, 'right'] as const)];
  const rows = xs.map((x) => [
    x.toLocaleString('en'),
    ...series.map(({ points }) => points.find((point) => point[0] === x)?.[1].toPrecision(3) ?? '-'),
  ]);
  return markdownTable(columns, rows);
}
