import { AddressSet } from '../model/address-set.js';
import type { AddressIds } from './address-ids.js';
import { isLoopbackAddress } from '../model/private-addresses.js';

const UNKNOWN = 0;
const FOREIGN = 1;
const GROUP = 2;
const LOCAL = 3;
const LOOPBACK = 4;

/** The addresses of a host, and those that count as local. */
export interface LocalAddresses {
  /** The host's own, local routes included. */
  readonly own: AddressSet;
  /** Its broadcast addresses, and the multicast groups that it has joined. It receives what is sent to them. */
  readonly groups: AddressSet;
  /** True if a route directs packets to foreign addresses to this host, as transparent proxies need it. */
  readonly isTransparent: boolean;
  /** The addresses that were given by hand. They alone are local then. */
  readonly given: AddressSet | undefined;
}

/** Tells which addresses of a table are local. Each address is looked up once. */
export class LocalVerdicts {
  private readonly addresses: AddressIds;
  private readonly local: AddressSet;
  private readonly groups: AddressSet;
  private verdicts = new Uint8Array(64);
  private readonly unspecified: readonly [ipv4: number, ipv6: number];

  /** @param groups the addresses that are local for received datagrams only */
  constructor(addresses: AddressIds, local: AddressSet, groups: AddressSet = new AddressSet()) {
    this.addresses = addresses;
    this.local = local;
    this.groups = groups;
    this.unspecified = [addresses.idOfText('0.0.0.0'), addresses.idOfText('::')];
  }

  isLocal(id: number): boolean {
    return this.verdict(id) >= LOCAL;
  }

  /** True if the host receives what is sent to an address: it is local, or one of its groups. */
  receives(id: number): boolean {
    return this.verdict(id) >= GROUP;
  }

  /** True for `0.0.0.0` and `::`. */
  isUnspecified(id: number): boolean {
    return this.unspecified.includes(id);
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
    const verdict = this.verdictOf(id);
    this.verdicts[id] = verdict;
    return verdict;
  }

  private verdictOf(id: number): number {
    if (this.isIn(this.local, id)) return isLoopbackAddress(this.addresses.text(id)) ? LOOPBACK : LOCAL;
    return this.isIn(this.groups, id) ? GROUP : FOREIGN;
  }

  private isIn(set: AddressSet, id: number): boolean {
    return this.addresses.isIpv6(id)
      ? set.has(this.addresses.text(id))
      : set.hasIpv4(this.addresses.ipv4Word(id));
  }
}

/** The verdicts on what counts as local, and on the host's own addresses. They are the same unless addresses were given. */
export function verdictsOn(
  addresses: AddressIds,
  { own, groups, isTransparent, given }: LocalAddresses,
): { local: LocalVerdicts; own: LocalVerdicts; isTransparent: boolean } {
  const ownVerdicts = new LocalVerdicts(addresses, own, groups);
  if (given === undefined) return { own: ownVerdicts, local: ownVerdicts, isTransparent };
  // The host's groups are those of its own addresses.
  const local = new LocalVerdicts(addresses, given, given.holdsAnyOf(own) ? groups : undefined);
  return { own: ownVerdicts, local, isTransparent };
}
