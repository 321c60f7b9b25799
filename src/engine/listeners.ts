import type { AddressIds } from './address-ids.js';
import { IntTuples } from './int-tuples.js';

const PORTS = 65536;

/** The ends on which connections are accepted. */
export class Listeners {
  private readonly addresses: AddressIds;
  /** Tuples of protocol with port, and address. */
  private readonly ends = new IntTuples(2);
  /** By port: 1 if anything listens on it. Most ports have no listener, so most searches end here. */
  private readonly ports = new Uint8Array(PORTS);
  private readonly end = new Int32Array(2);
  private readonly anyIpv4: number;
  private readonly anyIpv6: number;

  /** @param addresses the table for the addresses of listeners */
  constructor(addresses: AddressIds) {
    this.addresses = addresses;
    this.anyIpv4 = addresses.idOfText('0.0.0.0');
    this.anyIpv6 = addresses.idOfText('::');
  }

  /** Adds a listener on a port of one address, or of all if the address is unspecified. */
  add(protocolNumber: number, address: number, port: number): void {
    this.ports[port] = 1;
    this.ends.add(this.key(protocolNumber, address, port));
  }

  /** True if there is a listener on this address and port, or on the wildcard (`::` takes IPv4 too). */
  has(protocolNumber: number, address: number, port: number): boolean {
    return (
      this.ports[port] === 1 &&
      (this.hasExactly(protocolNumber, address, port) ||
        this.hasExactly(protocolNumber, this.anyIpv6, port) ||
        (!this.addresses.isIpv6(address) && this.hasExactly(protocolNumber, this.anyIpv4, port)))
    );
  }

  /** The same listeners with the ids of another table. @param old the table of their present ids */
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
