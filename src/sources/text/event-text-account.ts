import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import type { ConntrackEvent } from '../../../parsers/conntrack/event.js';
import type { ParseError } from '../../../parsers/parse-error.js';
import { tryParseConntrackEvent } from '../../../parsers/conntrack/event-line.js';
import { conntrackEvents } from '../../../parsers/streams.js';
import { readFailure } from './read-chunks.js';
import type { Diagnostic } from '../../model/diagnostics.js';
import { behindPrefix } from './foreign-text.js';
import { truncationOf } from './read-conntrack.js';
import { wholeLines } from './whole-lines.js';
import { eventOfUlogd } from './ulogd-line.js';
import type { MalformedLines } from './malformed-lines.js';
import type { Account } from '../opened-account.js';
import { Accounting, type AccountedInterval } from '../../engine/accounting/accounting.js';
import type { FlowResolver } from '../flow-resolver.js';
import { entryCounters } from './read-entry.js';

/** One day in 1970, in seconds. */
const FIRST_TIME = 86_400;

/**
 * Keeps account of the connections that end, from the text of `conntrack -E`. Only its `[DESTROY]` lines have counters. So a
 * connection counts when it ends, with everything it ever carried.
 */
export class EventTextAccount implements Account {
  readonly ended: Promise<void>;
  private readonly stream: Readable;
  private readonly resolver: FlowResolver;
  private readonly accounting: Accounting<ConntrackEntry>;
  private failure: Error | undefined;
  private firstSeconds: number | undefined;
  private lastSeconds: number | undefined;
  private told = 0;
  private areAllTimed = true;
  /** True if the text was read to its end. */
  isAtEnd = false;
  private readonly isGiven: boolean;
  /** True if sockets may correct the direction of an event since they were read. */
  private areSocketsOld = false;
  /** The number of events that could be read. */
  private read = 0;

  /** @param isGiven true if the local addresses were given by hand */
  constructor(stream: Readable, resolver: FlowResolver, malformed: MalformedLines, isGiven: boolean) {
    this.isGiven = isGiven;
    this.stream = stream;
    this.resolver = resolver;
    this.accounting = new Accounting({
      resolve: resolver.resolveEntry,
      onForget: resolver.release,
      hasEvents: true,
    });
    // There is no table, so the base is empty. Every connection that ends from now on counts.
    this.accounting.beginDump(Date.now());
    this.accounting.endDump({ complete: true });
    this.accounting.eventsProcessed();
    this.ended = this.readAll(malformed).catch((error: unknown) => {
      this.failure = readFailure('the events', error);
    });
  }

  // Asynchronous, as the interface demands.
  async interval(): Promise<AccountedInterval> {
    if (this.failure !== undefined) throw this.failure;
    await this.resolver.prepare();
    if (this.areSocketsOld) {
      // Before the reading: an event that comes meanwhile wants another one.
      this.areSocketsOld = false;
      await this.resolver.readSockets();
    }
    return this.accounting.interval(performance.now());
  }

  async close(): Promise<void> {
    this.stream.destroy();
    await this.ended;
  }

  private async readAll(malformed: MalformedLines): Promise<void> {
    const onError = (error: ParseError, lineNumber: number, line: string): void => {
      const event = parseForeign(line);
      if (event === undefined) malformed.add(lineNumber, error, line);
      else this.take(event);
    };
    let takeTail: () => void = () => undefined;
    const whole = Readable.from(
      wholeLines(this.stream, (line, lineNumber) => {
        takeTail = () => {
          this.takeTail(line, (error) => {
            malformed.add(lineNumber, error, line);
          });
        };
      }),
    );
    for await (const event of conntrackEvents(whole, { onError })) this.take(event);
    takeTail();
    this.isAtEnd = true;
    malformed.demandAny(this.read);
  }

  /** Takes a last line without a line end, unless it may have lost digits. */
  private takeTail(tail: string, onError: (error: ParseError) => void): void {
    if (tail.trim() === '') return;
    const result = tryParseConntrackEvent(tail);
    const event = result.ok ? result.value : parseForeign(tail);
    // A line of ulogd ends in a blank.
    const cut =
      event === undefined || eventOfUlogd(tail) !== undefined ? undefined : truncationOf(event.entry, tail);
    if (event !== undefined && cut === undefined) this.take(event);
    else onError(cut ?? (result as { error: ParseError }).error);
  }

  private take({ type, entry, timestamp }: ConntrackEvent): void {
    this.read++;
    const time = timestamp === undefined ? 0 : Number(timestamp.seconds) + timestamp.microseconds / 1e6;
    // The time since the boot, as the kernel's log has it, tells nothing.
    if (time >= FIRST_TIME) this.note(time);
    else if (type === 'DESTROY') this.areAllTimed = false;
    if (type !== 'DESTROY') return;
    this.areSocketsOld ||= this.resolver.isEntryInDoubt(entry);
    // Each end is reported once, so any unique identity will do.
    this.accounting.destroyed(`${this.told++}`, entry, entryCounters(entry));
  }

  private note(seconds: number): void {
    this.firstSeconds = Math.min(this.firstSeconds ?? seconds, seconds);
    this.lastSeconds = Math.max(this.lastSeconds ?? seconds, seconds);
  }

  /** The notices about events that tell less than they could. */
  get notices(): Diagnostic[] {
    if (this.read > 0 && this.told === 0) return [{ code: 'no-ends' }];
    return this.told === 0 || this.resolver.touchesLocal
      ? []
      : [{ code: 'no-local-address', given: this.isGiven }];
  }

  /** The time between the first and the last event by their own timestamps; undefined unless all ends have one. */
  get seconds(): number | undefined {
    if (!this.areAllTimed || this.firstSeconds === undefined || this.lastSeconds === undefined)
      return undefined;
    const seconds = this.lastSeconds - this.firstSeconds;
    return seconds > 0 ? seconds : undefined;
  }
}

/** The event in a line of ulogd, or behind what another program put in front of it; undefined for any other line. */
function parseForeign(line: string): ConntrackEvent | undefined {
  const text = eventOfUlogd(line) ?? behindPrefix(line);
  const result = text === undefined ? undefined : tryParseConntrackEvent(text);
  return result?.ok === true ? result.value : undefined;
}
