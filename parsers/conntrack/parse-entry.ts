import type { ParseResult } from '../parse-error.js';
import { BodyReader } from './body.js';
import { buildEntry } from './build.js';
import type { ConntrackEntry } from './entry.js';
import { readHead } from './head.js';
import { LineReader } from './line-reader.js';
import { isNamedProtocol, NAMED_PROTOCOLS } from './protocols.js';
import { TokenList } from './tokens.js';

/** Options for parsing conntrack lines. */
export interface ConntrackParseOptions {
  /** Converts `::ffff:10.0.0.1` to `10.0.0.1`; off by default. The entry's `family` remains that of the line. */
  unmapIpv4?: boolean;
}

/**
 * Parses conntrack lines from bytes and reuses its memory from line to line, for readers of whole tables.
 * {@link tryParseConntrackLine} does the same for one line of text.
 */
export class ConntrackLineParser {
  private readonly tokens = new TokenList();
  private readonly unmaps: boolean;

  constructor(options: ConntrackParseOptions = {}) {
    this.unmaps = options.unmapIpv4 ?? false;
  }

  /**
   * Parses the entry at `[start, end)` of `bytes`, which contains no line end. Never throws.
   * `lineStart` is the position from which errors count columns, if the entry is only the rest of a line.
   */
  parse(bytes: Buffer, start: number, end: number, lineStart: number = start): ParseResult<ConntrackEntry> {
    const reader = new LineReader(bytes, lineStart, end);
    this.tokens.fill(bytes, start, end);
    if (this.tokens.count === 0 && this.tokens.unterminatedFlag < 0) {
      reader.fault('empty-line', 'line', lineStart, lineStart, 'a conntrack entry');
    }
    const head = readHead(reader, this.tokens);
    const form = isNamedProtocol(head.protocolName) ? NAMED_PROTOCOLS[head.protocolName].tuple : 'none';
    const body = new BodyReader(reader, this.tokens, form, head.family, this.unmaps);
    body.read(head.next);
    const value = buildEntry(reader, head, body);
    const error = reader.error();
    return error === undefined ? { ok: true, value } : { ok: false, error };
  }
}

/**
 * Parses one line of `/proc/net/nf_conntrack`, `/proc/net/ip_conntrack` or `conntrack -L` (any `-o`), of any kernel.
 *
 * Fields are read by key, not by position. Unknown fields are kept in `extra`.
 * Never throws: a malformed line gives `{ ok: false, error }`, with code, field, column and text of the first fault.
 * Source: `ct_seq_show()` in net/netfilter/nf_conntrack_standalone.c; `__snprintf_conntrack_default()` in
 * libnetfilter_conntrack.
 */
export function tryParseConntrackLine(
  line: string,
  options: ConntrackParseOptions = {},
): ParseResult<ConntrackEntry> {
  const bytes = Buffer.from(line, 'utf8');
  return new ConntrackLineParser(options).parse(bytes, 0, bytes.length);
}

/** Like {@link tryParseConntrackLine}, but throws. @throws ParseError on a malformed line */
export function parseConntrackLine(line: string, options: ConntrackParseOptions = {}): ConntrackEntry {
  const result = tryParseConntrackLine(line, options);
  if (!result.ok) throw result.error;
  return result.value;
}
