import { formatConntrackEntry } from '../../../parsers/index.js';
import type {
  ConntrackEntry,
  ConntrackEvent,
  ConntrackExpectation,
  SocketEntry,
} from '../../../parsers/index.js';

/** The result of any parser. */
export type Parsed = ConntrackEntry | ConntrackEvent | ConntrackExpectation | SocketEntry;

/**
 * True if a print can express a value that was read from any line whatsoever. A print has its fields in its source's order, so
 * unknown ones (`extra`) move, and some then mean something else:
 *
 * - a repeated tuple field of expectations, which then stands in another tuple;
 * - a bare word right behind a repeated security context or label, which then is part of it;
 * - a protocol by the name of a family, in a style that does not begin with the family;
 * - a bare word in an expectation without a helper, which then is the helper;
 * - `[USERSPACE]` inside an event's record, glued to other text, which then stands free; a program's name that ends in CR.
 *
 * No line that a kernel or conntrack prints has any of these.
 */
export function isSayable(value: Parsed): boolean {
  if ('userspace' in value || 'entry' in value) return isSayableEvent(value);
  if ('kind' in value) return true;
  return 'status' in value ? isSayableEntry(value) : isSayableExpectation(value);
}

const REPEATED_IN_EXPECTATION =
  /^(?:(?:mask-|master-)?(?:src|dst)|[sd]port|type|code|id|(?:src|dst)key|version|protocol|zone|(?:\S+)?class|use|helper)=/;
const TAKES_WORDS = /^(?:secctx|labels)=/;

function isSayableEntry(entry: ConntrackEntry): boolean {
  const { extra = [] } = entry;
  if (entry.protocol === 'unknown' && /^ipv[46]$/.test(entry.protocolName ?? '')) return false;
  return !swallowsWords(extra);
}

function isSayableEvent({ entry, userspace }: ConntrackEvent): boolean {
  if (formatConntrackEntry(entry).includes('[USERSPACE]')) return false;
  return isSayableEntry(entry) && userspace?.programName?.endsWith('\r') !== true;
}

function isSayableExpectation({ extra = [], helper }: ConntrackExpectation): boolean {
  if (helper === undefined && extra.some(isBareWord)) return false;
  return !extra.some((field) => REPEATED_IN_EXPECTATION.test(field)) && !swallowsWords(extra);
}

function swallowsWords(extra: readonly string[]): boolean {
  return extra.some((field, index) => isBareWord(field) && TAKES_WORDS.test(extra[index - 1] ?? ''));
}

function isBareWord(field: string | undefined): boolean {
  return field !== undefined && !field.startsWith('[') && !field.includes('=') && field !== 'labels';
}
