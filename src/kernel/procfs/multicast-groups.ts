import { formatIpAddress } from '../../../parsers/address.js';
import { HOST_IS_LITTLE_ENDIAN } from '../netlink/message/byte-order.js';

/**
 * The joined IPv4 groups in the text of `/proc/net/igmp`, each once (`igmp_mc_seq_show`). A line of a group begins with two or more
 * tabs and the address, as a hexadecimal word in the byte order of the host.
 */
export function parseIgmp(text: string, isLittleEndian: boolean = HOST_IS_LITTLE_ENDIAN): string[] {
  const groups = new Set<string>();
  for (const [, digits = ''] of text.matchAll(/^\t+([0-9A-F]{8}) /gim)) {
    const bytes = Buffer.from(digits, 'hex');
    groups.add(formatIpAddress(isLittleEndian ? bytes.reverse() : bytes));
  }
  return [...groups];
}

/**
 * The joined IPv6 groups in the text of `/proc/net/igmp6`, each once (`igmp6_mc_seq_show`). A line has the index and name of the
 * interface, then the address as 32 hexadecimal digits in network order.
 */
export function parseIgmp6(text: string): string[] {
  const groups = new Set<string>();
  for (const [, digits = ''] of text.matchAll(/^\d+ +\S+ +([0-9a-f]{32}) /gim)) {
    groups.add(formatIpAddress(Buffer.from(digits, 'hex')));
  }
  return [...groups];
}
