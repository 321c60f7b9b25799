import { withName } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import { resolvePeerNames } from './resolve-names.js';

/** Looks up the names of addresses. Addresses without a name are left out. Never rejects. */
export type LookUp = (addresses: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** The most addresses that are remembered. The number of peers is up to the internet, so it must be bounded. */
const MOST_ADDRESSES = 10_000;

/** The names of addresses over time. An address is looked up once, for as long as it is remembered. */
export class NameCache {
  /** The names found so far, by address. */
  readonly known: Map<string, string> = new Map<string, string>();
  /** The addresses that were looked up, the oldest first. */
  private readonly asked = new Set<string>();
  private readonly find: LookUp;

  constructor(find: LookUp = (addresses) => resolvePeerNames(addresses)) {
    this.find = find;
  }

  /** The given addresses that were not looked up yet. */
  missing(addresses: Iterable<string>): string[] {
    return [...new Set(addresses)].filter((address) => !this.asked.has(address));
  }

  /** Looks up those of the given addresses that were not looked up yet. */
  async lookUp(addresses: Iterable<string>): Promise<void> {
    const missing = this.missing(addresses);
    if (missing.length === 0) return;
    for (const address of missing) this.asked.add(address);
    this.forgetOldest();
    for (const [address, name] of await this.find(missing)) {
      // A look-up that ran beside this one can have made it forget the address.
      if (this.asked.has(address)) this.known.set(address, name);
    }
  }

  /** The row with the name of its peer. */
  named(row: FlowRow): FlowRow {
    return withName(row, this.known);
  }

  private forgetOldest(): void {
    for (const address of this.asked) {
      if (this.asked.size <= MOST_ADDRESSES) return;
      this.asked.delete(address);
      this.known.delete(address);
    }
  }
}
