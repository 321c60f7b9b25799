import { BYTE, isBlank } from '../bytes.js';

/** The kinds of tokens: a bare word, a `[FLAG]`, or a key that the kernel or libnetfilter_conntrack prints. */
export const TOKEN = {
  word: 0,
  flag: 1,
  unknownKey: 2,
  src: 3,
  dst: 4,
  sport: 5,
  dport: 6,
  type: 7,
  code: 8,
  id: 9,
  srckey: 10,
  dstkey: 11,
  version: 12,
  protocol: 13,
  packets: 14,
  bytes: 15,
  mark: 16,
  secmark: 17,
  secctx: 18,
  zone: 19,
  'zone-orig': 20,
  'zone-reply': 21,
  'delta-time': 22,
  use: 23,
  helper: 24,
  labels: 25,
  timeout: 26,
  stream_timeout: 27,
} as const;

/** One of {@link TOKEN}'s numbers. */
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN];

interface Key {
  readonly spelling: Uint8Array;
  readonly kind: TokenKind;
}

const NOT_KEYS: readonly string[] = ['word', 'flag', 'unknownKey'];

const KEYS_BY_LENGTH: readonly (readonly Key[])[] = (() => {
  const byLength: Key[][] = [];
  for (const [name, kind] of Object.entries(TOKEN)) {
    if (NOT_KEYS.includes(name)) continue;
    (byLength[name.length] ??= []).push({ spelling: Buffer.from(name, 'latin1'), kind });
  }
  return Array.from(byLength, (keys: Key[] | undefined) => keys ?? []);
})();

function kindOfKey(bytes: Uint8Array, start: number, end: number): TokenKind {
  const candidates = KEYS_BY_LENGTH[end - start];
  if (candidates === undefined) return TOKEN.unknownKey;
  for (const { spelling, kind } of candidates) {
    let index = 0;
    while (index < spelling.length && spelling[index] === bytes[start + index]) index++;
    if (index === spelling.length) return kind;
  }
  return TOKEN.unknownKey;
}

/** The tokens of one line, as offsets into its bytes. A list is made once and filled again for each line. */
export class TokenList {
  count = 0;
  /** The position of a `[` that no `]` closes; -1 if there is none. */
  unterminatedFlag = -1;
  private readonly kinds: TokenKind[] = [];
  private readonly starts: number[] = [];
  private readonly valueStarts: number[] = [];
  private readonly ends: number[] = [];

  kind(index: number): TokenKind {
    return this.kinds[index] ?? TOKEN.word;
  }

  /** The start of the token: of its key, its `[`, or its word. */
  start(index: number): number {
    return this.starts[index] ?? 0;
  }

  /** The start of the value: after the `=`, or the same as {@link start}. */
  valueStart(index: number): number {
    return this.valueStarts[index] ?? 0;
  }

  end(index: number): number {
    return this.ends[index] ?? 0;
  }

  /** Splits the line at `[start, end)` into tokens, in time linear in its length. */
  fill(bytes: Uint8Array, start: number, end: number): void {
    this.count = 0;
    this.unterminatedFlag = -1;
    let at = start;
    while (at < end) {
      if (isBlank(bytes[at])) at++;
      else if (bytes[at] === BYTE.leftBracket) at = this.addFlag(bytes, at, end);
      else at = this.addField(bytes, at, end);
    }
  }

  private addFlag(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== BYTE.rightBracket) at++;
    if (at === end) {
      if (this.unterminatedFlag < 0) this.unterminatedFlag = start;
      return end;
    }
    this.add(TOKEN.flag, start, start, at + 1);
    return at + 1;
  }

  private addField(bytes: Uint8Array, start: number, end: number): number {
    let equals = -1;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (isBlank(byte)) break;
      if (byte === BYTE.equals && equals < 0) equals = at;
    }
    if (equals >= 0) this.add(kindOfKey(bytes, start, equals), start, equals + 1, at);
    else if (kindOfKey(bytes, start, at) === TOKEN.labels) this.add(TOKEN.labels, start, at, at);
    else if (this.continuesLast()) this.ends[this.count - 1] = at;
    else this.add(TOKEN.word, start, start, at);
    return at;
  }

  /**
   * True if a bare word belongs to the last token. AppArmor contexts (`/usr/bin/x (enforce)`) and labels have blanks.
   */
  private continuesLast(): boolean {
    const last = this.count - 1;
    const kind = this.kinds[last];
    return (
      last >= 0 &&
      (kind === TOKEN.secctx || (kind === TOKEN.labels && this.valueStart(last) < this.end(last)))
    );
  }

  private add(kind: TokenKind, start: number, valueStart: number, end: number): void {
    const index = this.count++;
    this.kinds[index] = kind;
    this.starts[index] = start;
    this.valueStarts[index] = valueStart;
    this.ends[index] = end;
  }
}
