import { TARGETS, type Target } from './targets.js';

/** An input on which time grows clearly faster than length. */
export interface NonLinearInput {
  readonly target: string;
  /** The line is this, and then `fragment` over and over. */
  readonly head: string;
  readonly fragment: string;
  /** Milliseconds of processor time at {@link SIZES}. */
  readonly times: readonly number[];
}

const KIB = 1024;
const LONGEST = 64 * KIB;
/** The lengths of the lines, in characters; the last is as long as a line may be. */
export const SIZES: readonly number[] = [8 * KIB, 16 * KIB, 32 * KIB, LONGEST];
/**
 * How much longer one line of the greatest length may take than as many characters in lines of the least length. Linear
 * time makes that 1, n log n 1.25, quadratic time 8.
 */
const SUSPICIOUS_GROWTH = 3;
/** Shorter times are lost in the noise: even quadratic growth does no harm there. */
const HARMLESS_MILLISECONDS = 1.5;
/** How often an input is measured before it is found guilty; one measurement acquits it. */
const MOST_ROUNDS = 40;
const FEWEST_ROUNDS = 5;
/** So long a time needs no more rounds: nothing but the input explains it. */
const ENOUGH_MILLISECONDS = 1000;
const MOST_FINDINGS = 10;

/** The formats' keys, flags and punctuation, and what regular expressions and scanners stumble over. */
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

/** Looks for such inputs among lines that are one fragment repeated, behind each head of each target. */
export function huntNonLinearInputs(real: readonly string[]): NonLinearInput[] {
  const fragments = [...new Set([...ADVERSARIAL, ...fragmentsOf(real)])];
  const found: NonLinearInput[] = [];
  for (const target of TARGETS) {
    for (const head of target.heads) {
      for (const fragment of fragments) {
        const times = nonLinearTimes(target, head, fragment);
        if (times !== undefined) found.push({ target: target.name, head, fragment, times });
        if (found.length === MOST_FINDINGS) return found;
      }
    }
  }
  return found;
}

/** The fields of real lines, one of each shape; numbers and addresses are all alike. */
function fragmentsOf(real: readonly string[]): string[] {
  const shapes = new Map<string, string>();
  for (const line of real) {
    for (const field of line.match(/\S+/g) ?? []) {
      shapes.set(field.replaceAll(/[0-9a-fA-F]+/g, '0'), `${field} `);
    }
  }
  return [...shapes.values()];
}

/** The times where they grow too fast, however often they are measured; undefined where they do not. */
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
    spent += measure(target, least) + measure(target, greatest);
    if (greatest.best < HARMLESS_MILLISECONDS || greatest.best < SUSPICIOUS_GROWTH * least.best)
      return undefined;
  }
  for (const input of greater) measure(target, input);
  return inputs.map(({ best, times }) => best / times);
}

/** A line, how often it makes up the greatest length, and the shortest time yet that it took so often. */
interface Input {
  readonly text: string;
  readonly bytes: Buffer;
  readonly times: number;
  best: number;
}

/** Processor time in milliseconds, which other programs do not count in. Whatever else adds to it, the best is without. */
function measure({ check }: Target, input: Input): number {
  const before = process.cpuUsage();
  for (let left = input.times; left > 0; left--) check(input.text, input.bytes);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  input.best = Math.min(input.best, milliseconds);
  return milliseconds;
}
