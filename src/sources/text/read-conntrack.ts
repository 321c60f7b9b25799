import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { beforeTrailer, isConntrackNoise } from '../../../parsers/conntrack/noise.js';
import { ConntrackLineParser } from '../../../parsers/conntrack/parse-entry.js';
import { ConntrackScanner, DECLINED } from '../../../parsers/conntrack/scan-entry.js';
import { ParseError, type ParseResult } from '../../../parsers/parse-error.js';
import { lineTooLong, LineSplitter, type LineSink } from '../../../parsers/lines.js';
import { behindPrefix } from './foreign-text.js';
import type { MalformedLines } from './malformed-lines.js';

/** The receiver of entries. */
export interface ConntrackConsumer {
  /** Takes malformed lines: counts them, or ends the reading. */
  readonly malformed: MalformedLines;
  entry(entry: ConntrackEntry): void;
  /** Takes an entry without an object: `line` is valid until the call returns. Without this method, every line gets an object. */
  scanned?(line: ConntrackScanner): void;
}

/** Reads conntrack text and hands each entry to a consumer. */
class ConntrackReader implements LineSink {
  private readonly parser = new ConntrackLineParser();
  private readonly splitter = new LineSplitter(this);
  private readonly scanner = new ConntrackScanner();
  private readonly consumer: ConntrackConsumer;
  private readonly malformed: MalformedLines;
  /** The beginning of an entry that conntrack's closing message cut in two. */
  private interrupted: string | undefined;

  constructor(consumer: ConntrackConsumer) {
    this.consumer = consumer;
    this.malformed = consumer.malformed;
  }

  push(chunk: Uint8Array): void {
    this.splitter.push(chunk);
  }

  end(): void {
    this.splitter.end();
    if (this.interrupted !== undefined) {
      this.take(this.parseText(this.interrupted), this.interrupted, false);
      this.interrupted = undefined;
    }
  }

  quick(bytes: Buffer, start: number): number {
    if (this.interrupted !== undefined || this.consumer.scanned === undefined) return DECLINED;
    const end = this.scanner.scan(bytes, start);
    if (end !== DECLINED) this.consumer.scanned(this.scanner);
    return end;
  }

  line(bytes: Buffer, start: number, end: number, terminated: boolean): void {
    if (this.interrupted === undefined) {
      const first = this.splitter.lineNumber === 1 && hasByteOrderMark(bytes, start) ? start + 3 : start;
      const result = this.parser.parse(bytes, first, end);
      const needsText = !result.ok || !terminated || mentionsTrailer(result.value);
      this.take(result, needsText ? bytes.toString('utf8', first, end) : '', terminated);
      return;
    }
    const text = this.interrupted + bytes.toString('utf8', start, end);
    this.interrupted = undefined;
    this.take(this.parseText(text), text, terminated);
  }

  tooLong(bytes: Buffer, start: number, end: number): void {
    const beginning = bytes.toString('utf8', start, Math.min(end, start + 200));
    this.malformed.add(this.splitter.lineNumber, lineTooLong(beginning), beginning);
  }

  private parseText(text: string): ParseResult<ConntrackEntry> {
    const bytes = Buffer.from(text, 'utf8');
    return this.parser.parse(bytes, 0, bytes.length);
  }

  private take(result: ParseResult<ConntrackEntry>, text: string, terminated: boolean): void {
    if (result.ok) {
      const interrupted = mentionsTrailer(result.value) ? beforeTrailer(text) : undefined;
      if (interrupted !== undefined) {
        this.interrupted = interrupted;
        return;
      }
      const error = terminated ? undefined : truncationOf(result.value, text);
      if (error === undefined) this.consumer.entry(result.value);
      else this.malformed.add(this.splitter.lineNumber, error);
      return;
    }
    if (isConntrackNoise(text)) return;
    const interrupted = beforeTrailer(text);
    if (interrupted === undefined) this.takeForeign(result.error, text, terminated);
    else this.interrupted = interrupted;
  }

  /** Takes a line that is no entry. It may be one behind something that another program put in front of it. */
  private takeForeign(error: ParseError, text: string, terminated: boolean): void {
    const rest = behindPrefix(text);
    const result = rest === undefined ? undefined : this.parseText(rest);
    if (result?.ok === true) this.take(result, rest ?? '', terminated);
    else this.malformed.add(this.splitter.lineNumber, error, text);
  }
}

/** True if an entry has conntrack's closing message in it. The entry then seems complete, but its rest is on the next line. */
function mentionsTrailer({ extra = [], securityContext = '', labels = [] }: ConntrackEntry): boolean {
  return [...extra, securityContext, ...labels].some((text) => text.includes('(conntrack-tools):'));
}

/** Editors on other systems put a byte order mark before UTF-8 text. */
function hasByteOrderMark(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
}

/**
 * Finds out if a last line without a line end was cut. Every dump has more behind the second tuple and its counters (`use=` at least).
 * A line that ends there may have lost digits, and its numbers cannot be trusted.
 */
export function truncationOf(entry: ConntrackEntry, text: string): ParseError | undefined {
  const { status, mark, securityMark, securityContext, zone, deltaTimeSeconds, use, id, extra } = entry;
  const rest = [mark, securityMark, securityContext, zone, deltaTimeSeconds, use, id, extra];
  const isWhole =
    status.assured || status.offload || status.hardwareOffload || rest.some((field) => field !== undefined);
  if (isWhole) return undefined;
  return new ParseError({
    code: 'truncated',
    field: 'line',
    column: text.length + 1,
    text: '',
    expected: 'the rest of the entry and a line end',
  });
}

/** Reads a conntrack dump from chunks of bytes. */
export async function readConntrack(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  consumer: ConntrackConsumer,
): Promise<void> {
  const reader = new ConntrackReader(consumer);
  for await (const chunk of chunks) reader.push(chunk);
  reader.end();
}
