import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import type { ConntrackEvent } from '../../../parsers/conntrack/event.js';
import type { ParseError } from '../../../parsers/parse-error.js';
import { conntrackEvents } from '../../../parsers/streams.js';
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
  private told = 0;

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
    this.ended = this.read(malformed).catch((error: unknown) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  // Asynchronous, as the interface demands.
  async interval(): Promise<AccountedInterval> {
    if (this.failure !== undefined) throw this.failure;
    await this.resolver.prepare();
    return this.accounting.interval(performance.now());
  }

  async close(): Promise<void> {
    this.stream.destroy();
    await this.ended;
  }

  private async read(malformed: MalformedLines): Promise<void> {
    const onError = (error: ParseError, lineNumber: number): void => {
      malformed.add(lineNumber, error);
    };
    for await (const event of conntrackEvents(this.stream, { onError })) this.take(event);
  }

  private take({ type, entry }: ConntrackEvent): void {
    if (type !== 'DESTROY') return;
    // Each end is reported once, so any unique identity will do.
    this.accounting.destroyed(`${this.told++}`, entry, entryCounters(entry));
  }
}
