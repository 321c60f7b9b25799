import type { Case } from './cases.js';
import type { Criterion, Medians, Unit } from './criteria.js';
import type { Measured } from './rounds.js';

/** A cell that is on the right of its column is a figure. */
type Column = readonly [heading: string, alignment: 'left' | 'right'];

const COLUMNS_OF_TARGETS: readonly Column[] = [
  ['what', 'left'],
  ['against', 'left'],
  ['measured', 'right'],
  ['target', 'right'],
  ['met', 'left'],
];

const COLUMNS_OF_CASES: readonly Column[] = [
  ['process', 'left'],
  ['median', 'right'],
  ['fastest … slowest', 'right'],
  ['CPU', 'right'],
  ['peak memory', 'right'],
];

/** A Markdown table, padded so that it reads well as it is. */
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

/** The table of targets: what was measured, what it should be, whether it is. */
export function targetsTable(criteria: readonly Criterion[], measured: Measured): string {
  return markdownTable(
    COLUMNS_OF_TARGETS,
    criteria.map((criterion) => {
      const { what, against, unit, target } = criterion;
      const figure = figureOf(criterion, measured);
      return [
        what,
        against,
        figure === undefined ? '-' : amount(figure, unit),
        target === undefined ? '' : `≤ ${amount(target, unit)}`,
        verdict(figure, target),
      ];
    }),
  );
}

function verdict(figure: number | undefined, target: number | undefined): string {
  if (target === undefined) return '';
  if (figure === undefined) return 'not measured';
  return figure <= target ? 'yes' : 'no';
}

/** The figure of a criterion, or undefined where one of its processes was not measured. */
export function figureOf(criterion: Criterion, { medians }: Measured): number | undefined {
  const byId = new Map([...medians].map(([{ id }, value]) => [id, value]));
  const taken = criterion.cases.flatMap((id) => byId.get(id) ?? []);
  return taken.length === criterion.cases.length ? criterion.figure(...taken) : undefined;
}

/** Every process with its own figures. */
export function casesTable({ medians }: Measured): string {
  const rows = [...medians].map(([{ label }, measurement]) => caseRow(label, measurement));
  return markdownTable(COLUMNS_OF_CASES, rows);
}

function caseRow(label: string, { seconds, fastest, slowest, cpuSeconds, peakBytes }: Medians): string[] {
  return [
    label,
    amount(seconds, 'seconds'),
    `${fastest.toFixed(3)} … ${slowest.toFixed(3)}`,
    amount(cpuSeconds, 'seconds'),
    peakBytes === undefined ? '-' : amount(peakBytes / 1e6, 'megabytes'),
  ];
}

/** What was not measured and why, a line each; processes with the same reason share one. */
export function missingList(missing: ReadonlyMap<Case, string>): string {
  const byReason = new Map<string, string[]>();
  for (const [{ label }, reason] of missing) byReason.set(reason, [...(byReason.get(reason) ?? []), label]);
  return [...byReason].map(([reason, labels]) => `- not measured: ${labels.join('; ')}: ${reason}\n`).join('');
}

/** A figure with its unit, in the digits that can be told apart on a busy machine. */
export function amount(value: number, unit: Unit): string {
  switch (unit) {
    case 'ratio':
      return `${value.toFixed(2)} ×`;
    case 'seconds':
      return `${value.toFixed(3)} s`;
    case 'milliseconds':
      return `${value.toFixed(0)} ms`;
    case 'megabytes':
      return `${value.toFixed(1)} MB`;
  }
}
