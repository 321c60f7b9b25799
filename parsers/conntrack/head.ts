import { BYTE } from '../bytes.js';
import type { Counter } from '../counter.js';
import type { LineReader } from './line-reader.js';
import { isNamedProtocol, NAMED_PROTOCOLS } from './protocols.js';
import { TOKEN, type TokenList } from './tokens.js';

/** The part before the first `key=`: `ipv4     2 tcp      6 431982 ESTABLISHED`, most of it optional. */
export interface LineHead {
  /** The l3 prefix of /proc/net/nf_conntrack and of `-o extended`. */
  family: 'ipv4' | 'ipv6' | undefined;
  protocolName: string;
  protocolNumber: number;
  timeoutSeconds: Counter | undefined;
  state: string | undefined;
  /** The index of the first token after the head. */
  next: number;
}

/** All lower case, or upper case for a vendor's name. Mixed case occurs in dates: `Nov 23`. */
const PROTOCOL_NAME = /^(?:[a-z][a-z0-9_.-]*|[A-Z][A-Z0-9_.-]*)$/;
const STATE_NAME = /^[A-Z][A-Z0-9_]*$/;
const EVENT_EXPECTED = 'an entry as "conntrack -L" prints it, not an event of "conntrack -E"';
const PROTOCOL_EXPECTED = 'a protocol name and number, such as "tcp      6"';

/** Steps through the leading words of a line. */
class HeadWords {
  next = 0;
  private readonly reader: LineReader;
  private readonly tokens: TokenList;

  constructor(reader: LineReader, tokens: TokenList) {
    this.reader = reader;
    this.tokens = tokens;
  }

  /** The word `ahead` places on; undefined if another kind of token is there or the line ends. */
  peek(ahead = 0): string | undefined {
    const index = this.next + ahead;
    if (index >= this.tokens.count || this.tokens.kind(index) !== TOKEN.word) return undefined;
    return this.reader.text(this.tokens.start(index), this.tokens.end(index));
  }

  /** True if the word `ahead` places on is decimal, with an optional minus. */
  isDecimal(ahead = 0): boolean {
    return /^-?[0-9]+$/.test(this.peek(ahead) ?? '');
  }

  unsigned(field: string, max: number): number {
    const index = this.next++;
    return this.reader.unsigned(field, this.tokens.start(index), this.tokens.end(index), max);
  }

  signed(field: string): Counter {
    const index = this.next++;
    return this.reader.signed(field, this.tokens.start(index), this.tokens.end(index));
  }
}

/** Reads the head. After a fault the result means nothing. */
export function readHead(reader: LineReader, tokens: TokenList): LineHead {
  const words = new HeadWords(reader, tokens);
  const family = readFamily(words);
  const { protocolName, protocolNumber } = readProtocol(reader, tokens, words);
  const timeoutSeconds = words.isDecimal() ? words.signed('timeout') : undefined;
  const state = hasState(protocolName) && STATE_NAME.test(words.peek() ?? '') ? words.peek() : undefined;
  if (state !== undefined) words.next++;
  return { family, protocolName, protocolNumber, timeoutSeconds, state, next: words.next };
}

function hasState(protocolName: string): boolean {
  return isNamedProtocol(protocolName) ? NAMED_PROTOCOLS[protocolName].stateful : true;
}

function readFamily(words: HeadWords): 'ipv4' | 'ipv6' | undefined {
  const word = words.peek();
  // "unknown  N" is the family only if a protocol name follows. Otherwise it is the protocol.
  const unknownFamily = word === 'unknown' && words.isDecimal(1) && PROTOCOL_NAME.test(words.peek(2) ?? '');
  if (word !== 'ipv4' && word !== 'ipv6' && !(unknownFamily && !STATE_NAME.test(words.peek(2) ?? ''))) {
    return undefined;
  }
  words.next++;
  if (words.isDecimal()) words.unsigned('l3', 65535);
  return word === 'unknown' ? undefined : word;
}

function readProtocol(
  reader: LineReader,
  tokens: TokenList,
  words: HeadWords,
): Pick<LineHead, 'protocolName' | 'protocolNumber'> {
  const protocolName = words.peek();
  if (protocolName === undefined || !PROTOCOL_NAME.test(protocolName)) {
    const index = words.next;
    if (index < tokens.count) {
      const [start, end] = [tokens.start(index), tokens.end(index)];
      const isEvent = /^\[(?:NEW|UPDATE|DESTROY)\]$/.test(reader.text(start, end));
      reader.fault('not-conntrack', 'line', start, end, isEvent ? EVENT_EXPECTED : PROTOCOL_EXPECTED);
    } else reader.faultAtEnd('not-conntrack', 'line', PROTOCOL_EXPECTED);
    return { protocolName: '', protocolNumber: 0 };
  }
  const index = words.next++;
  if (words.isDecimal() && reader.bytes[tokens.start(words.next)] !== BYTE.minus) {
    return { protocolName, protocolNumber: words.unsigned('l4', 255) };
  }
  if (isNamedProtocol(protocolName)) {
    return { protocolName, protocolNumber: NAMED_PROTOCOLS[protocolName].number };
  }
  reader.fault('not-conntrack', 'line', tokens.start(index), tokens.end(index), PROTOCOL_EXPECTED);
  return { protocolName, protocolNumber: 0 };
}
