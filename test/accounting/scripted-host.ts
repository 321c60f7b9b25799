import type { Counter } from '../../parsers/counter.js';
import { Accounting, type AccountingOptions } from '../../src/engine/accounting/accounting.js';
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
  readonly accounting: Accounting<Entry, Entry>;
  resolved: Entry[] = [];
  private time = 0;

  constructor(options: Partial<AccountingOptions<Entry, Entry>> = {}) {
    this.accounting = new Accounting<Entry, Entry>({
      hasEvents: true,
      resolve: (entry) => {
        this.resolved.push(entry);
        return { key: entry, flow: entry, inbound: entry === entry.toUpperCase() ? 'original' : 'reply' };
      },
      ...options,
    });
  }

  begin(): void {
    this.accounting.beginDump((this.time += 1000));
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

  /** Outbound bytes by flow; `-` where unknown. */
  get totals(): { [flow: string]: Counter | '-' } {
    const { flows } = this.accounting.interval();
    return Object.fromEntries(
      flows.map(({ flow, total }) => [total ? flow : `${flow}?`, total ? total.outbound.bytes : '-']),
    );
  }

  get losses(): [endedUnseen: number, eventLosses: number, resynchronisations: number] {
    const { endedUnseen, eventLosses, resynchronisations } = this.accounting.interval().losses;
    return [endedUnseen, eventLosses, resynchronisations];
  }
}
