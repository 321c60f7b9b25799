import { formatEventPrefix } from './event-prefix.js';
import type { ConntrackExpectation } from './expectation.js';
import { tupleFields } from './format-tuple.js';

/**
 * Whose text to print: `/proc/net/nf_conntrack_expect`, the older `/proc/net/ip_conntrack_expect`, the `EXPECTING:`
 * lines in `/proc/net/ip_conntrack` of kernels 2.4, or `conntrack -L expect`.
 */
export type ConntrackExpectationStyle =
  'nf_conntrack_expect' | 'ip_conntrack_expect' | 'ip_conntrack' | 'conntrack';

/**
 * Prints an expectation, without the line end: the inverse of `parseConntrackExpectation`.
 *
 * Prints what the expectation has, in the style's spelling; an event's prefix comes first where it has one.
 */
export function formatConntrackExpectation(
  expectation: ConntrackExpectation,
  style: ConntrackExpectationStyle = 'nf_conntrack_expect',
): string {
  const { type, timestamp, tuple, mask, master, family, extra = [] } = expectation;
  const spelling = style === 'conntrack' ? 'compressed' : 'full';
  const fields = [...headFields(expectation, style), ...tupleFields(tuple, family, spelling)];
  if (mask !== undefined) fields.push(...tupleFields(mask, family, spelling, 'mask-'));
  if (master !== undefined) fields.push(...tupleFields(master, family, spelling, 'master-'));
  // The kernel leaves the blank behind the tuple where nothing follows it.
  const tail = [...tailFields(expectation, style), ...extra];
  const line = [...fields, ...(tail.length === 0 && style !== 'conntrack' ? [''] : tail)].join(' ');
  return type === undefined ? line : formatEventPrefix(type, timestamp, 'blanks') + line;
}

function headFields(
  { timeoutSeconds, use, family, protocolNumber }: ConntrackExpectation,
  style: ConntrackExpectationStyle,
): string[] {
  const fields = style === 'ip_conntrack' ? ['EXPECTING:'] : [];
  if (timeoutSeconds !== undefined) fields.push(String(timeoutSeconds));
  else if (style !== 'conntrack') fields.push('-');
  if (use !== undefined) fields.push(`use=${use}`);
  if (style === 'nf_conntrack_expect') fields.push(`l3proto = ${family === 'ipv4' ? 2 : 10}`);
  fields.push(`proto=${protocolNumber}`);
  return fields;
}

function tailFields(
  { flags, zone, class: policyClass, helper, policy, mask, master }: ConntrackExpectation,
  style: ConntrackExpectationStyle,
): string[] {
  const fields: string[] = [];
  if (zone !== undefined) fields.push(`zone=${zone}`);
  const words = [
    flags.permanent ? 'PERMANENT' : '',
    flags.inactive ? 'INACTIVE' : '',
    flags.userspace ? 'USERSPACE' : '',
  ].filter((word) => word !== '');
  if (words.length > 0) fields.push(words.join(','));
  if (policyClass !== undefined) fields.push(`class=${policyClass}`);
  if (helper !== undefined) {
    const name = policy === undefined ? helper : `${helper}/${policy}`;
    const isBare = style !== 'conntrack' && mask === undefined && master === undefined;
    fields.push(isBare ? name : `helper=${name}`);
  }
  return fields;
}
