import type { AddressIds } from '../../engine/address-ids.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';

const IPV6_BYTES = 16;
const MAPPED_BYTES = 12;
/** The third of the four words of an IPv4-mapped address; the two before it are 0. */
const MAPPED_WORD = 0xffff;

/** The id of the address at `at`; an IPv4-mapped one is the IPv4 one. */
export function addressAt(addresses: AddressIds, { view, addressBytes }: DiagRecord, at: number): number {
  const isMapped =
    addressBytes === IPV6_BYTES &&
    view.getInt32(at) === 0 &&
    view.getInt32(at + 4) === 0 &&
    view.getInt32(at + 8) === MAPPED_WORD;
  return isMapped
    ? addresses.idAt(view, at + MAPPED_BYTES, IPV6_BYTES - MAPPED_BYTES)
    : addresses.idAt(view, at, addressBytes);
}
