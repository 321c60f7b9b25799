import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { beforeTrailer, isConntrackNoise } from '../../../parsers/conntrack/noise.js';
import { ConntrackLineParser } from '../../../parsers/conntrack/parse-entry.js';
import { ConntrackScanner, DECLINED } from '../../../parsers/conntrack/scan-entry.js';
import { ParseError, type ParseResult } from '../../../parsers/parse-error.js';
import { lineTooLong, LineSplitter, type LineSink } from '../../../parsers/lines.js';
import type { MalformedLines } from './malformed-lines.js';

/** Where entries go. */
export interface ConntrackConsumer {
  /** Where malformed lines are counted, or end the reading. */
  readonly malformed: MalformedLines;
  entry(entry: ConntrackEntry): void;
  /** The same for a line that needs no object; `line` holds it until the call returns. Without this, every line gets one. */
  scanned?(line: ConntrackScanner): void;
}

/** Reads conntrack text, handing each entry on; malformed lines are counted in its `malformed`, or end the reading there. */
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
    this.malformed.add(this.splitter.lineNumber, lineTooLong(beginning));
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
    if (interrupted === undefined) this.malformed.add(this.splitter.lineNumber, result.error);
    else this.interrupted = interrupted;
  }
}

/** Whether conntrack's closing message fell into an entry that reads as whole without what was behind it. */
function mentionsTrailer({ extra = [], securityContext = '', labels = [] }: ConntrackEntry): boolean {
  return [...extra, securityContext, ...labels].some((text) => text.includes('(conntrack-tools):'));
}

/** Editors on other systems put a byte order mark before UTF-8 text. */
function hasByteOrderMark(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
}

/**
 * A last line without a newline that ends in its second tuple or counters may have lost digits there: every dump has
 * more behind them (`use=` at least), so such a line was cut, and its numbers cannot be trusted.
 */
function truncationOf(entry: ConntrackEntry, text: string): ParseError | undefined {
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
