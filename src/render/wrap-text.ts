const ascii = /^[\0-\x7f]*$/;

/** True if every character is ASCII, and so one column wide on every terminal. */
export function isAscii(text: string): boolean {
  return ascii.test(text);
}

/** The mark for text that was left out. It is one column wide on every terminal. */
export const ELLIPSIS = '…';

/**
 * The most columns that a text takes on a terminal.
 *
 * A character outside ASCII counts as two columns. Some are that wide, and terminals differ in which. Such characters are rare in a
 * listing of addresses, so lines that break a little early do less harm than lines that run over.
 */
export function textWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  return isAscii(character) || character === ELLIPSIS ? 1 : 2;
}

/** The number of UTF-16 units that fit, at least one character, so that wrapping always ends. */
function fittingLength(text: string, width: number): number {
  let taken = 0;
  let length = 0;
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width && length > 0) break;
    length += character.length;
  }
  return length;
}

/** The place to break: at a blank, else behind a separator of an address or a name, else where the room ends. */
function breakPoint(text: string, fitting: number): number {
  if (text[fitting] === ' ') return fitting;
  const head = text.slice(0, fitting);
  const blank = head.lastIndexOf(' ');
  if (blank > 0) return blank + 1;
  const separator = Math.max(...[':', '.', '-', '/'].map((mark) => head.lastIndexOf(mark)));
  // A separator near the start would waste the line.
  return separator + 1 > fitting / 2 ? separator + 1 : fitting;
}

/** Breaks a text into lines of at most `width` columns. Only blanks at a break are lost. */
export function wrapText(text: string, width: number): string {
  if (text.length <= width && textWidth(text) <= width) return text;
  return text
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(paragraph, width))
    .join('\n');
}

function wrapParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (textWidth(rest) > width) {
    const end = breakPoint(rest, fittingLength(rest, width));
    if (end >= rest.length) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  lines.push(rest);
  return lines;
}
