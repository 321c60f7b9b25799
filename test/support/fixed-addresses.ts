import { AddressSet } from '../../src/model/address-set.js';
import type { AddressSource } from '../../src/sources/source.js';

/** A source of addresses that never change. */
export function fixedAddresses(...own: string[]): AddressSource {
  return {
    name: 'fixed',
    dump: () => ({ own: new AddressSet(own), groups: new AddressSet(), isTransparent: false }),
  };
}
