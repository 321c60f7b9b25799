import { addCounters, type Counter } from '../../parsers/counter.js';
import {
  Accounting,
  type AccountedInterval,
  type AccountingOptions,
} from '../../src/engine/accounting/accounting.js';
import type { Losses } from '../../src/model/losses.js';
import { FlowNames } from '../support/simulated-kernel/flow-names.js';
import type { EntryCounters } from '../../src/engine/accounting/tracked-entry.js';

/** The name of an entry's flow is the entry; names in capitals are passive. */
export type Entry = string;
export interface EntryRecord {
  identity: string;
  entry: Entry;
  counters: EntryCounters | undefined;
}

/** An entry that sent bytes, and got one for every hundred, in packets of one. */
export function record(identity: string, sent?: Counter, entry = 'a'): EntryRecord {
  const counters =
    sent === undefined
      ? undefined
      : { original: { packets: 1, bytes: sent }, reply: { packets: 1, bytes: BigInt(sent) / 100n } };
  return { identity, entry, counters };
}

/** Feeds the engine one call after the other. */
export class Host {
  readonly accounting: Accounting<Entry>;
  readonly flows: FlowNames = new FlowNames();
  resolved: Entry[] = [];
  private time = 0;
  private clock = 0;
  private readonly sums = new Map<string, Counter | '-'>();

  constructor(options: Partial<AccountingOptions<Entry>> = {}) {
    this.accounting = new Accounting<Entry>({
      hasEvents: true,
      resolve: (entry) => {
        this.resolved.push(entry);
        return {
          flow: this.flows.of(entry),
          inbound: entry === entry.toUpperCase() ? 'original' : 'reply',
        };
      },
      onForget: (flow) => {
        this.flows.release(flow);
      },
      ...options,
    });
  }

  begin(): void {
    this.accounting.beginDump((this.time += 1000));
  }

  /** Records of connections that are closed. */
  dumpedClosed(...records: EntryRecord[]): void {
    for (const { identity, entry, counters } of records)
      this.accounting.dumped(identity, entry, counters, false);
  }

  dumped(...records: EntryRecord[]): void {
    for (const { identity, entry, counters } of records) this.accounting.dumped(identity, entry, counters);
  }

  end(complete = true): void {
    this.accounting.endDump({ complete });
  }

  dump(...records: EntryRecord[]): void {
    this.begin();
    this.dumped(...records);
    this.end();
    this.accounting.eventsProcessed();
  }

  destroyed({ identity, entry, counters }: EntryRecord): void {
    this.accounting.destroyed(identity, entry, counters);
  }

  /** Closes an interval, some milliseconds after the one before. */
  interval(milliseconds = 1): AccountedInterval {
    return this.accounting.interval((this.clock += milliseconds));
  }

  /** Closes an interval and adds its outbound bytes to the sums of its flows. */
  private addInterval(): void {
    for (const { key, delta } of this.interval().rows) {
      const name = delta ? key.protocol : `${key.protocol}?`;
      const before = this.sums.get(name) ?? 0;
      this.sums.set(name, delta && before !== '-' ? addCounters(before, delta.outbound.bytes) : '-');
    }
  }

  /** The sum of all outbound bytes since the start by flow; `-` where unknown. */
  get totals(): { [flow: string]: Counter | '-' } {
    this.addInterval();
    return Object.fromEntries(this.sums);
  }

  get losses(): [endedUnseen: number, eventLosses: number, resynchronisations: number] {
    const { endedUnseen, eventLosses, resynchronisations } = this.lossRecord;
    return [endedUnseen, eventLosses, resynchronisations];
  }

  /** The losses. No deltas are lost to {@link totals}. */
  get lossRecord(): Losses {
    this.addInterval();
    return this.interval().losses;
  }
}
