import { TARGETS, type Target } from './targets.js';

/** An input on which time grows clearly faster than length. */
export interface NonLinearInput {
  readonly target: string;
  /** The line is this, and then `fragment` over and over. */
  readonly head: string;
  readonly fragment: string;
  /** Milliseconds at {@link SIZES}. */
  readonly times: readonly number[];
}

const KIB = 1024;
/** The lengths of the lines, in characters; the last is as long as a line may be. */
export const SIZES: readonly number[] = [8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB];
/** Linear time grows 8-fold from the shortest to the longest, n log n 10-fold, quadratic 64-fold. */
const SUSPICIOUS_GROWTH = 20;
/** Shorter times are lost in the noise: even quadratic growth does no harm there. */
const HARMLESS_MILLISECONDS = 1.5;
/** How often each length is measured: once for most inputs, more and more often for suspicious ones. */
const REPEATS: readonly number[] = [1, 4, 12, 24];
const CONFIRMING_REPEATS = 3;
/** So long a time needs no repeating: nothing but the input explains it. */
const ENOUGH_MILLISECONDS = 200;
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

/** The times where they grow too fast, every time that they are measured; undefined where they do not. */
function nonLinearTimes(target: Target, head: string, fragment: string): number[] | undefined {
  const lines = SIZES.map((size) =>
    (head + fragment.repeat(Math.ceil(size / fragment.length))).slice(0, size),
  );
  const ends = [lines[0] ?? '', lines.at(-1) ?? ''];
  for (const repeats of REPEATS) {
    const [short = 0, long = 0] = bestTimes(target, ends, repeats);
    if (long < HARMLESS_MILLISECONDS || long < SUSPICIOUS_GROWTH * short) return undefined;
  }
  return bestTimes(target, lines, CONFIRMING_REPEATS);
}

/** The shortest of several times, in turns: whatever else the machine does only makes them longer. */
function bestTimes({ check }: Target, lines: readonly string[], repeats: number): number[] {
  const inputs = lines.map((text) => ({ text, bytes: Buffer.from(text), best: Infinity }));
  const begun = performance.now();
  for (let left = repeats; left > 0 && performance.now() - begun < ENOUGH_MILLISECONDS; left--) {
    for (const input of inputs) {
      const started = performance.now();
      check(input.text, input.bytes);
      input.best = Math.min(input.best, performance.now() - started);
    }
  }
  return inputs.map(({ best }) => best);
}
