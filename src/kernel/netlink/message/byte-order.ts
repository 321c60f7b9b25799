import { endianness } from 'node:os';
import type { Counter } from '../../../../parsers/counter.js';

/**
 * The headers of messages and attributes are in this host's byte order. So are the structures of sock_diag; the payloads of
 * ctnetlink are in network order.
 */
export const HOST_IS_LITTLE_ENDIAN: boolean = endianness() === 'LE';

const TWO_TO_32 = 0x100000000;
/** From this high word on, a double is not exact: 2^53 / 2^32. */
const INEXACT_HIGH = 0x200000;

/** An unsigned 16-bit number in host order. */
export function readU16(view: DataView, at: number): number {
  return view.getUint16(at, HOST_IS_LITTLE_ENDIAN);
}

/** An unsigned 32-bit number in host order. */
export function readU32(view: DataView, at: number): number {
  return view.getUint32(at, HOST_IS_LITTLE_ENDIAN);
}

/** An unsigned 64-bit number in host order. */
export function readU64(view: DataView, at: number): Counter {
  const first = view.getUint32(at, HOST_IS_LITTLE_ENDIAN);
  const second = view.getUint32(at + 4, HOST_IS_LITTLE_ENDIAN);
  return HOST_IS_LITTLE_ENDIAN ? joinWords(second, first) : joinWords(first, second);
}

/** An unsigned 64-bit number in network order. */
export function readU64Network(view: DataView, at: number): Counter {
  return joinWords(view.getUint32(at), view.getUint32(at + 4));
}

function joinWords(high: number, low: number): Counter {
  return high < INEXACT_HIGH ? high * TWO_TO_32 + low : (BigInt(high) << 32n) | BigInt(low);
}
