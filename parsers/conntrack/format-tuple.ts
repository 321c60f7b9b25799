import {
  formatIpAddress,
  formatIpAddressFull,
  formatIpAddressGlibc,
  mapIpv4,
  parseIpAddress,
} from '../address.js';
import type { AnyTuple } from './entry.js';

/** How IPv6 addresses are spelled: `full` as the kernel does, `compressed` as `inet_ntop` of glibc does. */
export type AddressSpelling = 'full' | 'compressed';

/** The `key=value` fields of a tuple, each key with `prefix` before its `src` and `dst`. */
export function tupleFields(
  tuple: AnyTuple,
  family: 'ipv4' | 'ipv6',
  spelling: AddressSpelling,
  prefix = '',
): string[] {
  const source = addressText(tuple.source, family, spelling);
  const destination = addressText(tuple.destination, family, spelling);
  const fields = [`${prefix}src=${source}`, `${prefix}dst=${destination}`];
  if ('sourcePort' in tuple) fields.push(`sport=${tuple.sourcePort}`, `dport=${tuple.destinationPort}`);
  else if ('type' in tuple) fields.push(`type=${tuple.type}`, `code=${tuple.code}`, `id=${tuple.id}`);
  else if ('sourceKey' in tuple) {
    if (tuple.version !== undefined) fields.push(`version=${tuple.version}`);
    if (tuple.greProtocol !== undefined) fields.push(`protocol=0x${tuple.greProtocol.toString(16)}`);
    fields.push(`srckey=0x${tuple.sourceKey.toString(16)}`, `dstkey=0x${tuple.destinationKey.toString(16)}`);
  }
  return fields;
}

function addressText(address: string, family: 'ipv4' | 'ipv6', spelling: AddressSpelling): string {
  // Unmapped on request when it was read: the line had it mapped.
  const bytes = parseIpAddress(family === 'ipv6' ? mapIpv4(address) : address);
  if (bytes === undefined) return address;
  if (spelling === 'full') return formatIpAddressFull(bytes);
  return bytes.length === 4 ? formatIpAddress(bytes) : formatIpAddressGlibc(bytes);
}
