import { BYTE } from './bytes.js';
import { type Cursor, digitOf, hexDigit } from './cursor.js';

const GROUPS = 8;
const MAPPED_WORD = 0xffff;

/** Reads an address into `words[index…]`, in network order; false if it does not have one of the common shapes. */
export function scanAddress(cursor: Cursor, isIpv6: boolean, words: Int32Array, index: number): boolean {
  return isIpv6 ? scanIpv6(cursor, words, index) : scanIpv4(cursor, words, index);
}

/** Reads dotted decimal without leading zeros. */
function scanIpv4(cursor: Cursor, words: Int32Array, index: number): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  let word = 0;
  for (let octets = 1; ; octets++) {
    let octet = digitOf(bytes[at++]);
    if (octet > 9) return false;
    // No digit may follow a leading zero. Such a digit is not consumed, and the checks after it fail on it.
    if (octet !== 0 && digitOf(bytes[at]) <= 9) {
      octet = octet * 10 + digitOf(bytes[at++]);
      if (digitOf(bytes[at]) <= 9) octet = octet * 10 + digitOf(bytes[at++]);
      if (octet > 255) return false;
    }
    word = (word << 8) | octet;
    if (octets === 4) break;
    if (bytes[at++] !== BYTE.dot) return false;
  }
  words[index] = word;
  cursor.at = at;
  return true;
}

/** Reads hexadecimal groups, with `::` for zeros. The text parser reads dotted tails and IPv4-mapped addresses. */
function scanIpv6(cursor: Cursor, words: Int32Array, index: number): boolean {
  words.fill(0, index, index + 4);
  const { bytes } = cursor;
  let groups = 0;
  let gap = -1;
  if (bytes[cursor.at] === BYTE.colon) {
    if (bytes[cursor.at + 1] !== BYTE.colon) return false;
    cursor.at += 2;
    gap = 0;
  }
  while (hexDigit(bytes[cursor.at]) >= 0) {
    if (groups === GROUPS || !scanGroup(cursor, words, index, groups++)) return false;
    if (bytes[cursor.at] !== BYTE.colon) break;
    cursor.at++;
    if (bytes[cursor.at] === BYTE.colon) {
      if (gap >= 0) return false;
      gap = groups;
      cursor.at++;
    } else if (hexDigit(bytes[cursor.at]) < 0) return false;
  }
  if (gap >= 0 ? groups === GROUPS : groups < GROUPS) return false;
  if (gap >= 0) openGap(words, index, gap, groups);
  return !(words[index] === 0 && words[index + 1] === 0 && words[index + 2] === MAPPED_WORD);
}

function scanGroup(cursor: Cursor, words: Int32Array, index: number, group: number): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  let value = 0;
  for (let digit = hexDigit(bytes[at]); digit >= 0; digit = hexDigit(bytes[++at])) {
    if (at - cursor.at === 4) return false;
    value = (value << 4) | digit;
  }
  putGroup(words, index, group, value);
  cursor.at = at;
  return true;
}

/** Moves the groups from `gap` on to the end, which leaves zeros in place of `::`. */
function openGap(words: Int32Array, index: number, gap: number, groups: number): void {
  for (let group = groups - 1, to = GROUPS - 1; group >= gap; group--, to--) {
    const value = groupAt(words, index, group);
    putGroup(words, index, group, 0);
    putGroup(words, index, to, value);
  }
}

function groupAt(words: Int32Array, index: number, group: number): number {
  const word = words[index + (group >> 1)] ?? 0;
  return (group & 1) === 0 ? word >>> 16 : word & 0xffff;
}

function putGroup(words: Int32Array, index: number, group: number, value: number): void {
  const at = index + (group >> 1);
  const word = words[at] ?? 0;
  words[at] = (group & 1) === 0 ? (word & 0xffff) | (value << 16) : (word & ~0xffff) | value;
}
