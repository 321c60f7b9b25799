import { ELLIPSIS, textWidth } from '../render/wrap-text.js';

/** As much of a text's start as fits. */
function head(text: string, width: number): string {
  let taken = 0;
  let result = '';
  for (const character of text) {
    taken += textWidth(character);
    if (taken > width) break;
    result += character;
  }
  return result;
}

/** A text that is too long loses its end. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? '' : `${head(text, width - 1).trimEnd()}${ELLIPSIS}`;
}

/** A text that is too long loses its middle: of an address, the network and the port remain. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 3) return cutEnd(text, width);
  const tailWidth = Math.ceil((width - 1) / 2);
  const reversed = Array.from(text).reverse().join('');
  const tail = Array.from(head(reversed, tailWidth)).reverse().join('');
  return `${head(text, width - 1 - tailWidth)}${ELLIPSIS}${tail}`;
}

/** The text with blanks up to the width. */
export function pad(text: string, width: number, alignment: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return alignment === 'right' ? blanks + text : text + blanks;
}

/** The sizes in a text without their blanks and `iB`: `1.05G` for `1.05 GiB`. */
export function tightSize(text: string): string {
  return text.replace(/ ([A-Z])(?:iB)?/g, '$1');
}
