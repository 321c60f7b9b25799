/** One change to the bytes of a line. The two numbers select position, amount or choice, and may have any size. */
export interface Mutation {
  readonly kind: MutationKind;
  readonly at: number;
  readonly other: number;
}

/** The kinds of mutation. */
export type MutationKind =
  | 'flip-bit'
  | 'cut-out'
  | 'cut-end'
  | 'repeat'
  | 'swap-fields'
  | 'drop-field'
  | 'repeat-field'
  | 'odd-number'
  | 'insert-bytes'
  | 'insert-field';

const HUGE_DIGITS = 400;

/** Numbers at and beyond every bound of a format, and spellings that some languages read as numbers. */
const ODD_NUMBERS: readonly string[] = [
  '',
  '-1',
  '-0',
  '00',
  '256',
  '65536',
  '4294967296',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '-9223372036854775809',
  '9'.repeat(HUGE_DIGITS),
  '0x10',
  '1e3',
  '1.5',
  '+1',
  'NaN',
  '１',
];

/** NULs, blanks of all kinds, the formats' own punctuation, and UTF-8 of two to four bytes. */
const ODD_BYTES: readonly Buffer[] = [
  ...['\0', ' ', '  ', '\t', '\r', '\v', '=', '==', '[', ']', '[]', ',', ':', '-', '"', '\\', '\u001b[31m'],
  ...['é', '→', '𐍈', '\u2028', '\ufeff', '\u00a0'],
].map((text) => Buffer.from(text));
/** Parts of UTF-8 characters, and other bytes that are no UTF-8. */
const NOT_UTF8: readonly Buffer[] = [
  'ff',
  '80',
  'c3',
  'c328',
  'e28f',
  'eda080',
  'f0908d',
  'f5808080',
  'c080',
].map((digits) => Buffer.from(digits, 'hex'));
const INSERTED_BYTES: readonly Buffer[] = [...ODD_BYTES, ...NOT_UTF8];

/** Fields that no format has, and known fields out of place. */
const INSERTED_FIELDS: readonly string[] = [
  ...[
    'newkey=5',
    '[NEWFLAG]',
    'novalue=',
    'word',
    '=',
    '=5',
    '[',
    ']',
    '[UNREPLIED]',
    '[ASSURED]',
    '[start=x]',
  ],
  ...['labels', 'labels=', 'labels=a b,', 'secctx=', 'secctx=a (b)', 'id=7', 'use=3', 'mark=-1', 'zone=1'],
  ...['src=192.0.2.1', 'dst=2001:db8::1', 'sport=1', 'type=8', 'packets=1', 'bytes=1', 'timeout=1,', '600'],
  ...['ESTABLISHED', 'ipv4', 'unknown', '[NEW]', '[USERSPACE]', 'portid=1', 'conntrack v1', '0100007F:0016'],
];

type Apply = (line: Buffer, at: number, other: number) => Buffer;

const APPLY = {
  'flip-bit': (line, at, other) => {
    const copy = Buffer.from(line);
    const index = at % (line.length || 1);
    if (index < copy.length) copy[index] = (copy[index] ?? 0) ^ (1 << (other % 8));
    return copy;
  },
  'cut-out': (line, at, other) => {
    const start = at % (line.length + 1);
    return splice(line, start, start + 1 + (other % 24), '');
  },
  'cut-end': (line, at) => line.subarray(0, at % (line.length + 1)),
  repeat: (line, at, other) => {
    const start = at % (line.length + 1);
    const piece = line.subarray(start, start + 1 + (other % 40));
    return splice(line, start, start, Buffer.concat(new Array<Buffer>(1 + (other % 5)).fill(piece)));
  },
  'swap-fields': (line, at, other) =>
    changeFields(line, (fields) => {
      const [one, two] = [at % fields.length, other % fields.length];
      return fields.map(
        (field, index) => (index === one ? fields[two] : index === two ? fields[one] : field) ?? '',
      );
    }),
  'drop-field': (line, at) =>
    changeFields(line, (fields) => fields.filter((_, index) => index !== at % fields.length)),
  'repeat-field': (line, at, other) =>
    changeFields(line, (fields) =>
      fields.toSpliced(other % (fields.length + 1), 0, fields[at % fields.length] ?? ''),
    ),
  'odd-number': (line, at, other) => {
    const numbers = [...line.toString('latin1').matchAll(/[0-9a-fA-F]*[0-9][0-9a-fA-F]*/g)];
    const number = numbers[at % (numbers.length || 1)];
    if (number === undefined) return line;
    return splice(line, number.index, number.index + number[0].length, pick(ODD_NUMBERS, other));
  },
  'insert-bytes': (line, at, other) => {
    const start = at % (line.length + 1);
    return splice(line, start, start, pick(INSERTED_BYTES, other));
  },
  'insert-field': (line, at, other) =>
    changeFields(line, (fields) =>
      fields.toSpliced(at % (fields.length + 1), 0, pick(INSERTED_FIELDS, other)),
    ),
} as const satisfies Record<MutationKind, Apply>;

/** Every kind of mutation. */
export const MUTATION_KINDS: readonly MutationKind[] = Object.keys(APPLY) as MutationKind[];

/** Applies a mutation to a line. Newlines, which would split it in two, become `\u000b`. */
export function applyMutation(line: Buffer, { kind, at, other }: Mutation): Buffer {
  const mutated = APPLY[kind](line, at, other);
  return mutated.includes(NEWLINE)
    ? Buffer.from(mutated.map((byte) => (byte === NEWLINE ? 11 : byte)))
    : mutated;
}

const NEWLINE = 0x0a;

function pick<T extends string | Buffer>(choices: readonly T[], index: number): T | '' {
  return choices[index % choices.length] ?? '';
}

function splice(line: Buffer, start: number, end: number, put: string | Buffer): Buffer {
  return Buffer.concat([line.subarray(0, start), Buffer.from(put as string), line.subarray(end)]);
}

/** Decodes each byte as one character, so that bytes that are no UTF-8 stay unchanged. */
function changeFields(line: Buffer, change: (fields: string[]) => string[]): Buffer {
  return Buffer.from(change(line.toString('latin1').split(' ')).join(' '), 'latin1');
}
