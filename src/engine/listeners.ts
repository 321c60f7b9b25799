import type { AddressIds } from './address-ids.js';
import { IntTuples } from './int-tuples.js';

const PORTS = 65536;

/** The ends on which connections are accepted. */
export class Listeners {
  private readonly addresses: AddressIds;
  /** Protocol with port, and address. */
  private readonly ends = new IntTuples(2);
  /** By port: 1 where anything listens on it. Most ports of most entries have no listener: so much for those. */
  private readonly ports = new Uint8Array(PORTS);
  private readonly end = new Int32Array(2);
  private readonly anyIpv4: number;
  private readonly anyIpv6: number;

  /** `addresses` is where the ids of addresses come from. */
  constructor(addresses: AddressIds) {
    this.addresses = addresses;
    this.anyIpv4 = addresses.idOfText('0.0.0.0');
    this.anyIpv6 = addresses.idOfText('::');
  }

  /** Adds a port on which connections are accepted, on one address or, where it is the unspecified one, on all of them. */
  add(protocolNumber: number, address: number, port: number): void {
    this.ports[port] = 1;
    this.ends.add(this.key(protocolNumber, address, port));
  }

  /** Whether connections to this end are accepted: by a listener on its address, or on the wildcard (`::` takes IPv4 too). */
  has(protocolNumber: number, address: number, port: number): boolean {
    return (
      this.ports[port] === 1 &&
      (this.hasExactly(protocolNumber, address, port) ||
        this.hasExactly(protocolNumber, this.anyIpv6, port) ||
        (!this.addresses.isIpv6(address) && this.hasExactly(protocolNumber, this.anyIpv4, port)))
    );
  }

  /** The same listeners with the ids of another table of addresses; `old` is the one that theirs come from. */
  movedTo(addresses: AddressIds, old: AddressIds): Listeners {
    const moved = new Listeners(addresses);
    for (let index = 0; index < this.ends.count; index++) {
      const end = this.ends.get(index, 0);
      moved.add(end >>> 16, addresses.adopt(old, this.ends.get(index, 1)), end & 0xffff);
    }
    return moved;
  }

  private hasExactly(protocolNumber: number, address: number, port: number): boolean {
    return this.ends.find(this.key(protocolNumber, address, port)) >= 0;
  }

  private key(protocolNumber: number, address: number, port: number): Int32Array {
    this.end[0] = (protocolNumber << 16) | port;
    this.end[1] = address;
    return this.end;
  }
}
