import { TARGETS, type Target } from './targets.js';

/** An input on which time grows clearly faster than length. */
export interface NonLinearInput {
  readonly target: string;
  /** The line is `head` followed by `fragment` over and over. */
  readonly head: string;
  readonly fragment: string;
  /** Milliseconds of processor time at each of {@link SIZES}. */
  readonly times: readonly number[];
}

const KIB = 1024;
const LONGEST = 64 * KIB;
/** The lengths of the lines in characters. The last is the longest that a line may have. */
export const SIZES: readonly number[] = [8 * KIB, 16 * KIB, 32 * KIB, LONGEST];
/**
 * The most that one line of the greatest length may take, relative to as many characters in lines of the least length.
 * This is 1 for linear time, 1.25 for n log n, 8 for quadratic time.
 */
const SUSPICIOUS_GROWTH = 3;
/** Shorter times are lost in the noise. Even quadratic growth does no harm there. */
const HARMLESS_MILLISECONDS = 1.5;
/** Number of measurements before an input is reported. One good measurement clears it. */
const MOST_ROUNDS = 40;
const FEWEST_ROUNDS = 5;
/** After this much time no more rounds are needed: only the input explains it. */
const ENOUGH_MILLISECONDS = 1000;
const MOST_FINDINGS = 10;

/** The formats' keys, flags and punctuation, and texts that are hard for regular expressions and scanners. */
const ADVERSARIAL: readonly string[] = [
  ...[
    'src=',
    'dst=',
    'sport=',
    'packets=',
    'bytes=',
    'mark=',
    'secctx=',
    'secctx=a ',
    'labels=',
    'labels=a,',
    'labels ',
  ],
  ...[
    '[',
    ']',
    '[]',
    '[ ',
    '[start=',
    '[stop=]',
    '[UNREPLIED] ',
    '[USERSPACE]',
    ' [USERSPACE]',
    ' [USERSPACE] portid=',
  ],
  ...[
    'portid=',
    ' portid=1',
    ' progname=',
    'progname=',
    '[NEW]',
    '[NEW] ',
    '[1.',
    'EXPECTING: ',
    'EXPECTING:',
  ],
  ...[
    'conntrack v',
    'conntrack v1 ',
    ' (conntrack-tools): ',
    'conntrack v1 (conntrack-tools): 1 ',
    'have been ',
  ],
  ...['nfct_labelmap_new: ', 'sl', ' sl', 'sl ', 'sl local_address', 'local_address', ' local_address rem'],
  ...[
    'PERMANENT,',
    'PERMANENT,INACTIVE',
    'USERSPACE,',
    'PERMANENTclass',
    'INACTIVE,class=1 ',
    'mask-src=',
    'helper=a ',
  ],
  ...[
    'timeout=1, ',
    'stream_timeout=',
    'unknown ',
    'unknown 1 ',
    'ipv4 ',
    'ESTABLISHED ',
    'A',
    'A ',
    '1 ',
    '-1 ',
    'x',
    'x ',
  ],
  ...[
    '0',
    '9',
    'F',
    'f',
    '-',
    '+',
    '.',
    ':',
    '::',
    ':0',
    '0:',
    '1.',
    ',',
    '=',
    '==',
    ' =',
    '= ',
    '"',
    "'",
    '\\',
    '/',
    '_',
  ],
  ...[
    ' ',
    '\t',
    '\r',
    '\r\n',
    '\n',
    '\v',
    '\0',
    '\u00a0',
    '\ufeff',
    'é',
    '→',
    '𐍈',
    '\ud800',
    '\ufffd',
    '0x',
    '0x1',
  ],
  ...['00000000', '0100007F:0016 ', 'FFFFFFFF:', '00000000:00000000 ', '0000000000000000FFFF0000'],
];

/**
 * Tries every fragment, repeated, after each head of each target, and returns the non-linear inputs.
 * @throws Error if a target throws
 */
export function huntNonLinearInputs(real: readonly string[]): NonLinearInput[] {
  const fragments = [...new Set([...ADVERSARIAL, ...fragmentsOf(real)])];
  const found: NonLinearInput[] = [];
  for (const target of TARGETS) {
    for (const head of target.heads) {
      for (const fragment of fragments) {
        const times = timesOrCrash(target, head, fragment);
        if (times !== undefined) found.push({ target: target.name, head, fragment, times });
        if (found.length === MOST_FINDINGS) return found;
      }
    }
  }
  return found;
}

/** The fields of real lines, one of each shape. All numbers and addresses have the same shape. */
function fragmentsOf(real: readonly string[]): string[] {
  const shapes = new Map<string, string>();
  for (const line of real) {
    for (const field of line.match(/\S+/g) ?? []) {
      shapes.set(field.replaceAll(/[0-9a-fA-F]+/g, '0'), `${field} `);
    }
  }
  return [...shapes.values()];
}

function timesOrCrash(target: Target, head: string, fragment: string): number[] | undefined {
  try {
    return nonLinearTimes(target, head, fragment);
  } catch (cause) {
    const line = `${JSON.stringify(head)}, then ${JSON.stringify(fragment)} repeatedly`;
    throw new Error(`${target.name} throws on ${line}`, { cause });
  }
}

/** The times, if they grow too fast in every measurement; undefined otherwise. */
function nonLinearTimes(target: Target, head: string, fragment: string): number[] | undefined {
  const inputs = SIZES.map((size) => {
    const text = (head + fragment.repeat(Math.ceil(size / fragment.length))).slice(0, size);
    return { text, bytes: Buffer.from(text), times: LONGEST / size, best: Infinity };
  });
  const [least, ...greater] = inputs;
  const greatest = greater.at(-1);
  if (least === undefined || greatest === undefined) return undefined;
  let spent = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (spent > ENOUGH_MILLISECONDS && round >= FEWEST_ROUNDS) break;
    spent += measure(target, greatest);
    if (greatest.best < HARMLESS_MILLISECONDS) return undefined;
    spent += measure(target, least);
    if (greatest.best < SUSPICIOUS_GROWTH * least.best) return undefined;
  }
  for (const input of greater) measure(target, input);
  return inputs.map(({ best, times }) => best / times);
}

/** A line, the number of its repetitions that make up the greatest length, and the shortest time for them so far. */
interface Input {
  readonly text: string;
  readonly bytes: Buffer;
  readonly times: number;
  best: number;
}

/** Processor time in milliseconds, which excludes other programs. The best time also excludes other disturbances. */
function measure({ check }: Target, input: Input): number {
  const before = process.cpuUsage();
  for (let left = input.times; left > 0; left--) check(input.text, input.bytes);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  input.best = Math.min(input.best, milliseconds);
  return milliseconds;
}
