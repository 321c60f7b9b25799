import type { AddressTuple } from './entry.js';
import type { ExpectationBase, ExpectationFlags } from './expectation.js';
import { U32_MAX, type LineReader } from './line-reader.js';
import { NAMED_PROTOCOLS, protocolOfNumber, TUPLE_KEYS } from './protocols.js';
import { TOKEN, TokenList } from './tokens.js';
import type { TupleDraft, TupleNumberKey } from './tuple-draft.js';

/** The three tuples of an expectation. */
type Section = 'tuple' | 'mask' | 'master';

/** The fields that occur once in a line. */
type SingleFields = Pick<
  ExpectationBase<AddressTuple>,
  'protocolNumber' | 'timeoutSeconds' | 'zone' | 'class' | 'helper' | 'policy' | 'use'
>;

const ADDRESS_KEYS: ReadonlyMap<string, readonly [Section, 'src' | 'dst']> = new Map([
  ['src', ['tuple', 'src']],
  ['dst', ['tuple', 'dst']],
  ['mask-src', ['mask', 'src']],
  ['mask-dst', ['mask', 'dst']],
  ['master-src', ['master', 'src']],
  ['master-dst', ['master', 'dst']],
]);
const NUMBER_KEYS: ReadonlySet<string> = new Set<TupleNumberKey>([
  'sport',
  'dport',
  'type',
  'code',
  'id',
  'srckey',
  'dstkey',
  'version',
  'protocol',
]);
const FLAG_WORDS: Readonly<Record<string, keyof ExpectationFlags>> = {
  PERMANENT: 'permanent',
  INACTIVE: 'inactive',
  USERSPACE: 'userspace',
};
// A 2012 snapshot of libnetfilter_conntrack omitted the blank: "PERMANENTclass=0".
const GLUED_CLASS = /^((?:PERMANENT|INACTIVE|USERSPACE)(?:,(?:INACTIVE|USERSPACE))*)class$/;
const EXPECTED = 'an expectation: "proto=" and a tuple';

function isNumberKey(key: string): key is TupleNumberKey {
  return NUMBER_KEYS.has(key);
}

/** Reads the fields of an expectation by key. Unknown fields go to {@link ExpectationReader.extra}. */
export class ExpectationReader {
  readonly drafts: Readonly<Record<Section, TupleDraft>> = { tuple: {}, mask: {}, master: {} };
  readonly single: SingleFields = { protocolNumber: 0 };
  readonly flags: ExpectationFlags = { permanent: false, inactive: false, userspace: false };
  readonly extra: string[] = [];
  /** Family of all addresses: from `l3proto`, else from the first address. */
  family: 'ipv4' | 'ipv6' | undefined;
  private readonly reader: LineReader;
  private readonly tokens = new TokenList();
  private section: Section = 'tuple';

  constructor(reader: LineReader, start: number, end: number) {
    this.reader = reader;
    this.tokens.fill(reader.bytes, start, end);
  }

  read(): void {
    const { reader, tokens } = this;
    if (tokens.count === 0 && tokens.unterminatedFlag < 0) {
      reader.fault('empty-line', 'line', 0, 0, 'an expectation');
    }
    const first = this.readHead();
    for (let index = first; index < tokens.count; index++) {
      const key = this.key(index);
      if (key === undefined) this.readWord(index);
      else if (!this.readField(key, index)) this.extra.push(this.text(index));
    }
    if (tokens.unterminatedFlag >= 0) {
      const start = tokens.unterminatedFlag;
      reader.fault('unterminated-flag', 'line', start, start + 1, 'a closing "]"');
    }
  }

  /** Reads `EXPECTING: 296 use=1 l3proto = 2 proto=6`, most of it optional. Returns the index of the next token. */
  private readHead(): number {
    const { reader, tokens } = this;
    let index = this.text(0) === 'EXPECTING:' ? 1 : 0;
    const timeout = this.key(index) === undefined ? this.text(index) : '';
    if (timeout === '-') index++;
    else if (/^-?[0-9]/.test(timeout)) {
      this.single.timeoutSeconds = reader.signed('timeout', tokens.start(index), tokens.end(index));
      index++;
    }
    if (this.key(index) === 'use') this.single.use = this.unsigned('use', index++, U32_MAX);
    if (this.text(index) === 'l3proto' && this.text(index + 1) === '=' && index + 2 < tokens.count) {
      const start = tokens.start(index + 2);
      const family = reader.unsigned('l3proto', start, tokens.end(index + 2), 65535);
      if (family === 2) this.family = 'ipv4';
      else if (family === 10) this.family = 'ipv6';
      index += 3;
    }
    if (this.key(index) === 'proto') {
      this.single.protocolNumber = this.unsigned('proto', index, 255);
      return index + 1;
    }
    const at = Math.min(index, tokens.count - 1);
    reader.fault('not-expectation', 'line', tokens.start(at), tokens.end(at), EXPECTED);
    return tokens.count;
  }

  private readWord(index: number): void {
    const text = this.text(index);
    if (this.tokens.kind(index) !== TOKEN.flag) {
      if (this.readFlags(text)) return;
      // Only procfs names the helper by a bare word, and procfs prints neither masks nor masters.
      if (this.section === 'tuple' && this.single.helper === undefined) {
        this.readHelper(text);
        return;
      }
    }
    this.extra.push(text);
  }

  /** Reads `PERMANENT,INACTIVE`; false if any part of it is no flag. */
  private readFlags(text: string): boolean {
    const flags = text
      .split(',')
      .map((word) => (Object.hasOwn(FLAG_WORDS, word) ? FLAG_WORDS[word] : undefined));
    if (flags.includes(undefined)) return false;
    for (const flag of flags) if (flag !== undefined) this.flags[flag] = true;
    return true;
  }

  private readHelper(text: string): void {
    const slash = text.indexOf('/');
    this.single.helper = slash < 0 ? text : text.slice(0, slash);
    if (slash >= 0) this.single.policy = text.slice(slash + 1);
  }

  /** False if the key is unknown or repeated. */
  private readField(key: string, index: number): boolean {
    const address = ADDRESS_KEYS.get(key);
    if (address !== undefined) return this.readAddress(key, address, index);
    const draft = this.drafts[this.section];
    if (isNumberKey(key) && draft[key] === undefined && this.owns(key)) {
      draft[key] = this.reader.tupleNumber(key, this.tokens.valueStart(index), this.tokens.end(index));
      return true;
    }
    const { single } = this;
    if (key === 'zone' && single.zone === undefined) single.zone = this.unsigned('zone', index, U32_MAX);
    else if (key === 'class' && single.class === undefined)
      single.class = this.unsigned('class', index, U32_MAX);
    else if (key === 'use' && single.use === undefined) single.use = this.unsigned('use', index, U32_MAX);
    else if (key === 'helper' && single.helper === undefined) this.readHelper(this.value(index));
    else return this.readGluedClass(key, index);
    return true;
  }

  /**
   * True if the current tuple can have this field. Masks and masters can have any: only their keys show the protocol.
   */
  private owns(key: TupleNumberKey): boolean {
    const protocol = protocolOfNumber(this.single.protocolNumber);
    const form = protocol === 'unknown' ? 'none' : NAMED_PROTOCOLS[protocol].tuple;
    return this.section !== 'tuple' || TUPLE_KEYS[form].includes(TOKEN[key]);
  }

  private readAddress(
    key: string,
    [section, end]: readonly [Section, 'src' | 'dst'],
    index: number,
  ): boolean {
    this.section = section;
    const draft = this.drafts[section];
    const start = this.tokens.valueStart(index);
    if (draft[end] !== undefined) {
      this.reader.fault(
        'duplicate-field',
        key,
        this.tokens.start(index),
        this.tokens.end(index),
        `"${key}=" once`,
      );
      return false;
    }
    const read = this.reader.address(key, start, this.tokens.end(index), this.family);
    this.family = read.family;
    draft[end] = read.address;
    return true;
  }

  private readGluedClass(key: string, index: number): boolean {
    const flags = GLUED_CLASS.exec(key)?.[1];
    if (flags === undefined || this.single.class !== undefined) return false;
    this.readFlags(flags);
    this.single.class = this.unsigned('class', index, U32_MAX);
    return true;
  }

  /** The part before the `=`; undefined for bare words and `[FLAG]`s. */
  private key(index: number): string | undefined {
    const { tokens } = this;
    if (index >= tokens.count || tokens.valueStart(index) === tokens.start(index)) return undefined;
    return this.reader.text(tokens.start(index), tokens.valueStart(index) - 1);
  }

  private text(index: number): string {
    if (index >= this.tokens.count) return '';
    return this.reader.text(this.tokens.start(index), this.tokens.end(index));
  }

  private value(index: number): string {
    return this.reader.text(this.tokens.valueStart(index), this.tokens.end(index));
  }

  private unsigned(field: string, index: number, max: number): number {
    return this.reader.unsigned(field, this.tokens.valueStart(index), this.tokens.end(index), max);
  }
}
