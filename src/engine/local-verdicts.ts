import type { AddressSet } from '../model/address-set.js';
import type { AddressIds } from './address-ids.js';
import { isLoopbackAddress } from '../model/private-addresses.js';

const UNKNOWN = 0;
const FOREIGN = 1;
const LOCAL = 2;
const LOOPBACK = 3;

/** Tells which addresses of a table are local. Each address is looked up once. */
export class LocalVerdicts {
  private readonly addresses: AddressIds;
  private readonly local: AddressSet;
  private verdicts = new Uint8Array(64);

  constructor(addresses: AddressIds, local: AddressSet) {
    this.addresses = addresses;
    this.local = local;
  }

  isLocal(id: number): boolean {
    return this.verdict(id) >= LOCAL;
  }

  /** True if an address is local and no loopback address. */
  isOwn(id: number): boolean {
    return this.verdict(id) === LOCAL;
  }

  private verdict(id: number): number {
    const known = id < this.verdicts.length ? (this.verdicts[id] ?? UNKNOWN) : UNKNOWN;
    return known === UNKNOWN ? this.judge(id) : known;
  }

  private judge(id: number): number {
    while (id >= this.verdicts.length) {
      const grown = new Uint8Array(this.verdicts.length * 2);
      grown.set(this.verdicts);
      this.verdicts = grown;
    }
    const verdict = !this.isInSet(id)
      ? FOREIGN
      : isLoopbackAddress(this.addresses.text(id))
        ? LOOPBACK
        : LOCAL;
    this.verdicts[id] = verdict;
    return verdict;
  }

  private isInSet(id: number): boolean {
    return this.addresses.isIpv6(id)
      ? this.local.has(this.addresses.text(id))
      : this.local.hasIpv4(this.addresses.ipv4Word(id));
  }
}
