import { parseArgs } from 'node:util';

/** The options of `npm run bench`. */
export interface BenchOptions {
  runs: number;
  only: RegExp | undefined;
  entries: number;
  save: boolean;
  full: boolean;
  growth: boolean;
  profile: boolean;
  overTime: boolean;
  /** Duration of the steady load over time. */
  seconds: number;
  help: boolean;
}

/** The text of `--help`. */
export const HELP = `npm run bench -- [options]: compares hostflow with its peers, as ratios within one run

  --runs N      number of rounds; each runs every process once, and the medians are shown (default: 5)
  --only REGEX  only the lines of the table of targets that match
  --entries N   entries of the usual text and of the live table (default: 200000)
  --growth      only measure how cost grows with entries and with host flows, up to a million
  --full        like --growth, up to ten million entries; takes long, and 3 GB in the temporary directory
  --profile     only show where hostflow's time goes, from CPU profiles
  --over-time   only measure the cost of keeping account, under a steady load and at the highest rates
  --seconds N   duration of the steady load (default: 600)
  --save        measure all but --over-time, and write it to docs/performance.md and its plots;
                with --growth, --full, --profile or --over-time, only that part
  --help        print this help

As root, and with ip, nft and conntrack, the live table is a real one. It is in network namespaces named hfbench-…, which
are removed at the end.
`;

/** A usage error. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses the command line. @throws UsageError for unknown or malformed options */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { runs, only, entries, seconds, save, growth, full, profile, help, ...flags } = parseFlags(argv);
  if (save && only !== undefined) throw new UsageError('--save needs the whole table: leave out --only');
  return {
    runs: positive('--runs', runs),
    only: only === undefined ? undefined : regularExpression(only),
    entries: positive('--entries', entries),
    save,
    growth: growth || full,
    full,
    profile,
    overTime: flags['over-time'],
    seconds: positive('--seconds', seconds),
    help,
  };
}

type Switch = 'save' | 'growth' | 'full' | 'profile' | 'over-time' | 'help';

interface Flags extends Record<Switch, boolean> {
  runs: string;
  entries: string;
  seconds: string;
  only?: string;
}

function parseFlags(argv: readonly string[]): Flags {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        runs: { type: 'string', default: '5' },
        only: { type: 'string' },
        entries: { type: 'string', default: '200000' },
        save: { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        'over-time': { type: 'boolean', default: false },
        seconds: { type: 'string', default: '600' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(flag: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new UsageError(`${flag}: expected a whole number from 1, found "${text}"`);
  return Number(text);
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new UsageError(`--only: "${text}" is not a regular expression`);
  }
}
