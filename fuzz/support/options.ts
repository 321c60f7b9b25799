import { parseArgs } from 'node:util';

/** The limits of a fuzzing run and its random seed. */
export interface FuzzOptions {
  /** The most mutated lines. */
  lines: number;
  /** Index of the first line; set it to repeat a single line. */
  first: number;
  seed: number;
  /** The most seconds for the mutated lines. */
  seconds: number;
}

/** Reads `[--lines N] [--first N] [--seed S] [--seconds T]`. @throws Error for any other arguments */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { lines: text, first: text, seed: text, seconds: text },
  });
  return {
    lines: readNumber('lines', values.lines ?? '1000000'),
    first: readNumber('first', values.first ?? '0'),
    seed: readNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 32))),
    seconds: values.seconds === undefined ? Infinity : readNumber('seconds', values.seconds),
  };
}

function readNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new RangeError(`--${name} takes a number, not ${JSON.stringify(text)}`);
  return Number(text);
}
