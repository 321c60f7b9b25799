import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import type { ConntrackEvent } from '../../../parsers/conntrack/event.js';
import type { ParseError } from '../../../parsers/parse-error.js';
import { tryParseConntrackEvent } from '../../../parsers/conntrack/event-line.js';
import { conntrackEvents } from '../../../parsers/streams.js';
import { readFailure } from './read-chunks.js';
import { behindPrefix } from './foreign-text.js';
import { eventOfUlogd } from './ulogd-line.js';
import type { MalformedLines } from './malformed-lines.js';
import type { Account } from '../opened-account.js';
import { Accounting, type AccountedInterval } from '../../engine/accounting/accounting.js';
import type { FlowResolver } from '../flow-resolver.js';
import { entryCounters } from './read-entry.js';

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
  /** True if sockets may correct the direction of an event since they were read. */
  private areSocketsOld = false;
  /** The number of events that could be read. */
  private read = 0;

  constructor(stream: Readable, resolver: FlowResolver, malformed: MalformedLines) {
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
    if (this.areSocketsOld) await this.resolver.readSockets();
    this.areSocketsOld = false;
    return this.accounting.interval(performance.now());
  }

  async close(): Promise<void> {
    this.stream.destroy();
    await this.ended;
  }

  private async readAll(malformed: MalformedLines): Promise<void> {
    const onError = (error: ParseError, lineNumber: number, line: string): void => {
      const other = eventOfUlogd(line) ?? behindPrefix(line);
      const result = other === undefined ? undefined : tryParseConntrackEvent(other);
      if (result?.ok === true) this.take(result.value);
      else malformed.add(lineNumber, error, line);
    };
    for await (const event of conntrackEvents(this.stream, { onError })) this.take(event);
    malformed.demandAny(this.read);
  }

  private take({ type, entry, timestamp }: ConntrackEvent): void {
    this.read++;
    if (timestamp !== undefined) this.note(Number(timestamp.seconds) + timestamp.microseconds / 1e6);
    if (type !== 'DESTROY') return;
    this.areSocketsOld ||= this.resolver.isEntryInDoubt(entry);
    // Each end is reported once, so any unique identity will do.
    this.accounting.destroyed(`${this.told++}`, entry, entryCounters(entry));
  }

  private note(seconds: number): void {
    this.firstSeconds = Math.min(this.firstSeconds ?? seconds, seconds);
    this.lastSeconds = Math.max(this.lastSeconds ?? seconds, seconds);
  }

  /** The time between the first and the last event by their own timestamps; undefined if they have none. */
  get seconds(): number | undefined {
    if (this.firstSeconds === undefined || this.lastSeconds === undefined) return undefined;
    const seconds = this.lastSeconds - this.firstSeconds;
    return seconds > 0 ? seconds : undefined;
  }
}
