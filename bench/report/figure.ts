import type { Criterion, Figure } from './criteria.js';
import type { Measurement } from '../meter.js';
import { median } from './statistics.js';

/** The medians of the runs of one process. */
export interface Medians {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number | undefined;
  /** Elapsed seconds of the fastest and of the slowest run. */
  fastest: number;
  slowest: number;
}

const MILLISECONDS = 1000;
export const BYTES_PER_MEGABYTE = 1e6;

/** The medians of several runs of one process. */
export function mediansOf(measurements: readonly Measurement[]): Medians {
  const seconds = measurements.map((measurement) => measurement.seconds);
  const peaks = measurements.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    seconds: median(seconds),
    cpuSeconds: median(measurements.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: peaks.length === 0 ? undefined : median(peaks),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
  };
}

/** The kind of time: elapsed, or of the processors. Other load on the machine changes processor time far less. */
export type Clock = 'seconds' | 'cpuSeconds';

/** The figure of a criterion; undefined if one of its processes, or its peak, was not measured. */
export function figureOf(
  criterion: Criterion,
  medians: ReadonlyMap<string, Medians>,
  clock: Clock = 'seconds',
): number | undefined {
  const quantity = criterion.figure === 'added megabytes' ? 'peakBytes' : clock;
  const [of, ...to] = [criterion.of, ...criterion.to].map((id) => medians.get(id)?.[quantity]);
  if (of === undefined) return undefined;
  let sum = 0;
  for (const one of to) {
    if (one === undefined) return undefined;
    sum += one;
  }
  switch (criterion.figure) {
    case 'time ratio':
      return of / sum;
    case 'added seconds':
      return of - sum;
    case 'added milliseconds':
      return (of - sum) * MILLISECONDS;
    case 'added megabytes':
      return (of - sum) / BYTES_PER_MEGABYTE;
  }
}

/** A figure with its unit, in as many digits as are significant on a busy machine. */
export function formatFigure(value: number, figure: Figure): string {
  switch (figure) {
    case 'time ratio':
      return `${value.toFixed(2)} ×`;
    case 'added seconds':
      return formatSeconds(value);
    case 'added milliseconds':
      return `${value.toFixed(0)} ms`;
    case 'added megabytes':
      return formatMegabytes(value);
  }
}

export function formatSeconds(value: number): string {
  return `${value.toFixed(3)} s`;
}

export function formatMegabytes(value: number): string {
  return `${value.toFixed(1)} MB`;
}
