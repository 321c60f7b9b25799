import { stripVTControlCharacters } from 'node:util';

const printableAscii = /^[ -~]*$/;

/**
 * C0, DEL and C1 (`Cc`), bidi controls and other invisible format characters (`Cf`), lone surrogates (`Cs`) and the two
 * Unicode line breaks (`Zl`, `Zp`): what can move a cursor, reorder a line or hide in it, and carries no text.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text from outside, fit for a terminal: without escape sequences and control characters.
 *
 * Every renderer passes every name through here, machine formats too, since those end up on terminals as well.
 */
export function sanitizeText(text: string): string {
  // Almost every address and name is plain ASCII, and a listing may hold 200,000 of them.
  if (printableAscii.test(text)) return text;
  return stripVTControlCharacters(text).replace(unprintable, '');
}
