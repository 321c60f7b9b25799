import { ELLIPSIS, textWidth } from '../render/wrap-text.js';

/** The part of a text's start that fits. */
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

/** Cuts the end of a text that is too long. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? '' : `${head(text, width - 1).trimEnd()}${ELLIPSIS}`;
}

/** Cuts the middle of a text that is too long. An address keeps its network and its port. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 3) return cutEnd(text, width);
  const tailWidth = Math.ceil((width - 1) / 2);
  const reversed = Array.from(text).reverse().join('');
  const tail = Array.from(head(reversed, tailWidth)).reverse().join('');
  return `${head(text, width - 1 - tailWidth)}${ELLIPSIS}${tail}`;
}

/** Fills a text with blanks up to the width. */
export function pad(text: string, width: number, alignment: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return alignment === 'right' ? blanks + text : text + blanks;
}

/** Shortens the sizes in a text: `1.05G` for `1.05 GiB`. */
export function tightSize(text: string): string {
  return text.replace(/ ([A-Z])(?:iB)?/g, '$1');
}
