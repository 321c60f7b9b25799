/** The bytes with a meaning in the line formats. */
export const BYTE = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  blank: 0x20,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  equals: 0x3d,
  leftBracket: 0x5b,
  rightBracket: 0x5d,
  underscore: 0x5f,
} as const;

/**
 * True for bytes that separate fields: blank, tab, and the line ends CR and LF. Copies made through serial lines or on
 * Windows add CR.
 */
export function isBlank(byte: number | undefined): boolean {
  return byte === BYTE.blank || byte === BYTE.tab || byte === BYTE.carriageReturn || byte === BYTE.newline;
}

/** The unsigned decimal number at `[start, end)`, exact up to 15 digits; -1 if there is none or it is longer. */
export function readShortDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = (bytes[index] ?? 0) - BYTE.zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
