import { unmapIpv4 } from '../address.js';
import { BYTE } from '../bytes.js';
import type { Counter } from '../counter.js';
import type { ConntrackStatus, EntryBase, AddressTuple } from './entry.js';
import { U32_MAX, type LineReader } from './line-reader.js';
import { TUPLE_KEYS, type TupleForm } from './protocols.js';
import { TOKEN, type TokenKind, type TokenList } from './tokens.js';
import type { TupleDraft } from './tuple-draft.js';

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/** The fields that occur once in a line. */
type SingleFields = Mutable<
  Omit<
    EntryBase<AddressTuple>,
    'family' | 'protocolNumber' | 'original' | 'reply' | 'originalCounters' | 'replyCounters' | 'status'
  >
>;

/** `timeout=30, stream_timeout=180` */
export interface GreTimeoutsDraft {
  timeoutSeconds?: number;
  streamTimeoutSeconds?: number;
}

const REPEATED: ReadonlyMap<TokenKind, keyof TupleDraft> = new Map([
  [TOKEN.src, 'src'],
  [TOKEN.dst, 'dst'],
  [TOKEN.sport, 'sport'],
  [TOKEN.dport, 'dport'],
  [TOKEN.type, 'type'],
  [TOKEN.code, 'code'],
  [TOKEN.id, 'id'],
  [TOKEN.srckey, 'srckey'],
  [TOKEN.dstkey, 'dstkey'],
  [TOKEN.version, 'version'],
  [TOKEN.protocol, 'protocol'],
  [TOKEN.packets, 'packets'],
  [TOKEN.bytes, 'bytes'],
] as const);

/**
 * Reads everything after the head, by key and not by position. The first occurrence of a per-direction key is the
 * original's, the second the reply's. Unknown fields go to {@link BodyReader.extra}.
 */
export class BodyReader {
  readonly original: TupleDraft = {};
  readonly reply: TupleDraft = {};
  readonly fields: SingleFields = {};
  /** Family of all addresses: from the prefix, else from the first address. */
  family: 'ipv4' | 'ipv6' | undefined;
  readonly greTimeouts: GreTimeoutsDraft = {};
  readonly extra: string[] = [];
  readonly status: ConntrackStatus = {
    unreplied: false,
    assured: false,
    offload: false,
    hardwareOffload: false,
    unconfirmed: false,
  };
  private readonly owned: readonly TokenKind[];
  private readonly reader: LineReader;
  private readonly tokens: TokenList;
  private readonly form: TupleForm;
  private readonly unmaps: boolean;

  /** `family` is the family from the line's prefix, if there is one; `unmaps` turns IPv4-mapped addresses into IPv4. */
  constructor(
    reader: LineReader,
    tokens: TokenList,
    form: TupleForm,
    family: 'ipv4' | 'ipv6' | undefined,
    unmaps: boolean,
  ) {
    this.family = family;
    this.unmaps = unmaps;
    this.reader = reader;
    this.tokens = tokens;
    this.form = form;
    this.owned = TUPLE_KEYS[form];
  }

  read(firstToken: number): void {
    for (let index = firstToken; index < this.tokens.count; index++) this.readToken(index);
    if (this.tokens.unterminatedFlag >= 0) {
      const start = this.tokens.unterminatedFlag;
      this.reader.fault('unterminated-flag', 'line', start, start + 1, 'a closing "]"');
    }
  }

  private readToken(index: number): void {
    const kind = this.tokens.kind(index);
    const repeated = REPEATED.get(kind);
    if (repeated !== undefined) {
      const perDirection = kind < TOKEN.sport || kind >= TOKEN.packets || this.owned.includes(kind);
      if (perDirection && this.readRepeated(repeated, index)) return;
      if (kind === TOKEN.id && this.fields.id === undefined) this.fields.id = this.unsigned('id', index);
      else this.keep(index);
    } else if (kind === TOKEN.flag) this.readFlag(index);
    else if (!this.readSingle(kind, index)) this.keep(index);
  }

  /** False if both directions have this key already. */
  private readRepeated(key: keyof TupleDraft, index: number): boolean {
    const draft = this.original[key] === undefined ? this.original : this.reply;
    if (draft[key] !== undefined) {
      if (key === 'src' || key === 'dst') {
        const [start, end] = this.span(index);
        this.reader.fault('duplicate-field', key, start, end, `"${key}=" twice, once a direction`);
      }
      return false;
    }
    if (key === 'src' || key === 'dst') draft[key] = this.address(key, index);
    else if (key === 'packets' || key === 'bytes') draft[key] = this.counter(key, index);
    else draft[key] = this.reader.tupleNumber(key, ...this.valueSpan(index));
    return true;
  }

  private address(key: string, index: number): string {
    const [start, end] = this.valueSpan(index);
    const { address, family } = this.reader.address(key, start, end, this.family);
    this.family = family;
    return this.unmaps ? unmapIpv4(address) : address;
  }

  private readFlag(index: number): void {
    const [start, end] = this.span(index);
    const text = this.reader.text(start, end);
    if (text === '[UNREPLIED]') this.status.unreplied = true;
    else if (text === '[ASSURED]') this.status.assured = true;
    else if (text === '[OFFLOAD]') this.status.offload = true;
    else if (text === '[HW_OFFLOAD]') this.status.hardwareOffload = true;
    else if (text === '[UNCONFIRMED]') this.status.unconfirmed = true;
    else if (text.startsWith('[start=') && this.fields.startTime === undefined) {
      this.fields.startTime = text.slice(7, -1);
    } else if (text.startsWith('[stop=') && this.fields.stopTime === undefined) {
      this.fields.stopTime = text.slice(6, -1);
    } else this.extra.push(text);
  }

  /** False if the key is unknown or repeated. */
  private readSingle(kind: TokenKind, index: number): boolean {
    const { fields } = this;
    const [start, end] = this.valueSpan(index);
    if (kind === TOKEN.mark && fields.mark === undefined) {
      fields.mark = this.reader.mark('mark', start, end);
    } else if (kind === TOKEN.use && fields.use === undefined) fields.use = this.unsigned('use', index);
    else if (kind === TOKEN.zone && fields.zone === undefined) fields.zone = this.unsigned('zone', index);
    else if (kind === TOKEN.secmark && fields.securityMark === undefined) {
      fields.securityMark = this.unsigned('secmark', index);
    } else if (kind === TOKEN.secctx && fields.securityContext === undefined) {
      fields.securityContext = this.reader.text(start, end);
    } else if (kind === TOKEN['zone-orig'] && fields.originalZone === undefined) {
      fields.originalZone = this.unsigned('zone-orig', index);
    } else if (kind === TOKEN['zone-reply'] && fields.replyZone === undefined) {
      fields.replyZone = this.unsigned('zone-reply', index);
    } else if (kind === TOKEN['delta-time'] && fields.deltaTimeSeconds === undefined) {
      fields.deltaTimeSeconds = this.counter('delta-time', index);
    } else if (kind === TOKEN.helper && fields.helper === undefined) {
      fields.helper = this.reader.text(start, end);
    } else if (kind === TOKEN.labels && fields.labels === undefined) {
      fields.labels = start === end ? [] : this.reader.text(start, end).split(',');
    } else return this.readGreTimeout(kind, index);
    return true;
  }

  private readGreTimeout(kind: TokenKind, index: number): boolean {
    if (this.form !== 'gre') return false;
    const [start, valueEnd] = this.valueSpan(index);
    const end = valueEnd > start && this.reader.bytes[valueEnd - 1] === BYTE.comma ? valueEnd - 1 : valueEnd;
    const key =
      kind === TOKEN.timeout
        ? 'timeoutSeconds'
        : kind === TOKEN.stream_timeout
          ? 'streamTimeoutSeconds'
          : undefined;
    if (key === undefined || this.greTimeouts[key] !== undefined) return false;
    this.greTimeouts[key] = this.reader.unsigned(
      kind === TOKEN.timeout ? 'timeout' : 'stream_timeout',
      start,
      end,
      U32_MAX,
    );
    return true;
  }

  private unsigned(field: string, index: number): number {
    const [start, end] = this.valueSpan(index);
    return this.reader.unsigned(field, start, end, U32_MAX);
  }

  private counter(field: string, index: number): Counter {
    const [start, end] = this.valueSpan(index);
    return this.reader.counter(field, start, end);
  }

  private keep(index: number): void {
    const [start, end] = this.span(index);
    this.extra.push(this.reader.text(start, end));
  }

  private span(index: number): [number, number] {
    return [this.tokens.start(index), this.tokens.end(index)];
  }

  private valueSpan(index: number): [number, number] {
    return [this.tokens.valueStart(index), this.tokens.end(index)];
  }
}
