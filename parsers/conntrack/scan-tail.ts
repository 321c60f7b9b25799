import { BYTE, isBlank } from '../bytes.js';
import { type Cursor, NO_NUMBER, spelling } from '../cursor.js';
import { U32_MAX } from './line-reader.js';

const MARK = spelling(' mark=');
const USE = spelling(' use=');
const ZONE = spelling(' zone=');
const ID = spelling(' id=');
const SECURITY_CONTEXT = spelling(' secctx=');
const HELPER = spelling(' helper=');
const DELTA_TIME = spelling(' delta-');
const DELTA_TIME_END = spelling('time=');

/**
 * Passes over what follows the reply: flags and keys that change nothing about a connection, checking their values.
 * False where anything else is there; else the cursor is at the newline.
 */
export function skipTail(cursor: Cursor): boolean {
  if (!isBlank(cursor.byte)) return false;
  for (;;) {
    const { byte } = cursor;
    if (byte === BYTE.newline) return true;
    if (byte === BYTE.leftBracket) {
      if (!skipFlag(cursor)) return false;
    } else if (!isBlank(byte)) return false;
    else if (!skipField(cursor)) cursor.at++;
    else if (!isBlank(cursor.byte)) return false;
  }
}

/** Any flag: none that may stand here matters, and an unknown one is no fault. */
function skipFlag(cursor: Cursor): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  while (bytes[at] !== BYTE.rightBracket) {
    if (bytes[at] === BYTE.newline) return false;
    at++;
  }
  cursor.at = at + 1;
  return true;
}

/** Passes over a blank and a known field behind it; false where none is there. A wrong value leaves the cursor at its `=`. */
function skipField(cursor: Cursor): boolean {
  if (cursor.take(MARK) || cursor.take(USE) || cursor.take(ZONE) || cursor.take(ID)) {
    skipNumber(cursor, U32_MAX);
  } else if (cursor.take(SECURITY_CONTEXT) || cursor.take(HELPER)) {
    // A text that holds blanks leaves bare words behind it, which are declined.
    while (!isBlank(cursor.byte)) cursor.at++;
  } else if (cursor.take(DELTA_TIME) && cursor.take(DELTA_TIME_END)) skipNumber(cursor, Infinity);
  else return false;
  return true;
}

function skipNumber(cursor: Cursor, max: number): void {
  const start = cursor.at;
  const value = cursor.exact();
  if (value === NO_NUMBER || value > max) cursor.at = start - 1;
}
