import { stripVTControlCharacters } from 'node:util';

const printableAscii = /^[ -~]*$/;

/**
 * C0, DEL and C1 (`Cc`), bidi controls and other invisible format characters (`Cf`), lone surrogates (`Cs`) and the two
 * Unicode line breaks (`Zl`, `Zp`). They can move a cursor, reorder a line or hide in it, and carry no text.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Removes escape sequences and control characters from text that comes from outside.
 *
 * Every renderer cleans every name here. Machine formats do too, as they end up on terminals as well.
 */
export function sanitizeText(text: string): string {
  // Almost every address and name is plain ASCII, and a listing may hold 200,000 of them.
  if (printableAscii.test(text)) return text;
  return stripVTControlCharacters(text).replace(unprintable, '');
}
