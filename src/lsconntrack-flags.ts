/** The flags of `lsconntrack`, which Go programs take with one dash as well as with two. */
const LONG_FLAGS = [
  'active',
  'passive',
  'active-port',
  'aport',
  'passive-port',
  'pport',
  'numeric',
  'stdin',
  'json',
  'version',
  'help',
];
const ONE_DASH = new RegExp(`^-(${LONG_FLAGS.join('|')})(=.*)?$`);

/** Writes lsconntrack's `-aport 3306` as `--aport 3306`; everything behind `--` stays. */
export function withTwoDashes(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => (end >= 0 && index >= end ? arg : arg.replace(ONE_DASH, '--$1$2')));
}
