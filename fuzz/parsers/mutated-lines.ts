import { applyMutation, MUTATION_KINDS } from '../../parsers/arbitraries/mutation.js';
import type { FuzzOptions } from '../support/options.js';
import { Random } from '../support/random.js';
import { TARGETS } from './targets.js';

/** A line that a parser handled wrongly. */
export interface Crash {
  readonly target: string;
  /** Index of the line. Together with the seed it reproduces the line. */
  readonly index: number;
  readonly bytes: Buffer;
  readonly reason: string;
}

/** The result of a run over mutated lines. */
export interface MutationRun {
  readonly lines: number;
  readonly seconds: number;
  readonly crashes: readonly Crash[];
}

const MOST_CRASHES = 10;
/** Number of lines between two looks at the clock. */
const LINES_PER_LOOK = 1000;

/** Passes mutated real lines through every parser until the limit of lines, seconds or crashes is reached. */
export function fuzzMutatedLines(real: readonly string[], options: FuzzOptions): MutationRun {
  const crashes: Crash[] = [];
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  let lines = 0;
  while (lines < options.lines && crashes.length < MOST_CRASHES) {
    if (lines % LINES_PER_LOOK === 0 && elapsed() > options.seconds) break;
    const index = options.first + lines++;
    const bytes = mutatedRealLine(real, new Random(options.seed, index));
    const text = bytes.toString();
    for (const { name, check } of TARGETS) {
      const reason = complaint(check, text, bytes);
      if (reason !== undefined) crashes.push({ target: name, index, bytes, reason });
    }
  }
  return { lines, seconds: elapsed(), crashes };
}

function mutatedRealLine(real: readonly string[], random: Random): Buffer {
  let line: Buffer = Buffer.from(random.pick(real));
  for (let left = 1 + random.below(4); left > 0; left--) {
    const kind = random.pick(MUTATION_KINDS);
    line = applyMutation(line, { kind, at: random.below(2 ** 20), other: random.below(2 ** 20) });
  }
  return line;
}

/**
 * Returns the complaint about a line, if any. Errors are made without stacks, which take longer than the parsing; a
 * crash is repeated with one.
 */
function complaint(
  check: (text: string, bytes: Buffer) => string | undefined,
  text: string,
  bytes: Buffer,
): string | undefined {
  try {
    return check(text, bytes);
  } catch {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 20;
    try {
      check(text, bytes);
      return 'throws only the first time';
    } catch (error) {
      return error instanceof Error ? error.stack : String(error);
    } finally {
      Error.stackTraceLimit = limit;
    }
  }
}
