import { unmapIpv4 } from '../address.js';
import type { ParseResult } from '../parse-error.js';
import type { AnyTuple, ConntrackProtocol } from './entry.js';
import { formatEventPrefix, readEventPrefix } from './event-line.js';
import { DraftReader } from './build.js';
import { ExpectationReader } from './expectation-reader.js';
import type { ConntrackExpectation } from './expectation.js';
import { tupleFields } from './format-entry.js';
import { LineReader } from './line-reader.js';
import type { ConntrackParseOptions } from './parse-entry.js';
import { protocolOfNumber } from './protocols.js';
import type { TupleDraft } from './tuple-draft.js';

/**
 * Parses one expectation: a line of `/proc/net/nf_conntrack_expect` or of the older `/proc/net/ip_conntrack_expect`, an
 * `EXPECTING:` line in `/proc/net/ip_conntrack` of 2.4 kernels, or a line of `conntrack -L expect` or `-E expect`.
 *
 * Never throws: a malformed line gives `{ ok: false, error }`.
 * Source: `exp_seq_show()` in net/netfilter/nf_conntrack_expect.c; `__snprintf_expect_default()` in
 * libnetfilter_conntrack.
 */
export function tryParseConntrackExpectation(
  line: string,
  options: ConntrackParseOptions = {},
): ParseResult<ConntrackExpectation> {
  const bytes = Buffer.from(line, 'utf8');
  const reader = new LineReader(bytes, 0, bytes.length);
  const prefix = readEventPrefix(reader, line);
  const fields = new ExpectationReader(reader, prefix?.next ?? 0, bytes.length);
  fields.read();
  const value = build(reader, fields, options.unmapIpv4 ?? false);
  if (prefix !== undefined) {
    value.type = prefix.type;
    if (prefix.timestamp !== undefined) value.timestamp = prefix.timestamp;
  }
  const error = reader.error();
  return error === undefined ? { ok: true, value } : { ok: false, error };
}

/** Like {@link tryParseConntrackExpectation}, but throws. @throws ParseError on a malformed line */
export function parseConntrackExpectation(
  line: string,
  options: ConntrackParseOptions = {},
): ConntrackExpectation {
  const result = tryParseConntrackExpectation(line, options);
  if (!result.ok) throw result.error;
  return result.value;
}

function build(reader: LineReader, fields: ExpectationReader, unmaps: boolean): ConntrackExpectation {
  const { tuple, mask, master } = fields.drafts;
  if (unmaps) [tuple, mask, master].forEach(unmapDraft);
  const draft = new DraftReader(reader, tuple, 'the expected connection');
  const base = {
    ...fields.single,
    family: fields.family ?? 'ipv4',
    flags: fields.flags,
    ...(isAbsent(mask) ? {} : { mask: tupleByKeys(reader, mask, 'the mask') }),
    ...(isAbsent(master) ? {} : { master: tupleByKeys(reader, master, 'the master connection') }),
    ...(fields.extra.length === 0 ? {} : { extra: fields.extra }),
  };
  const protocol = effectiveProtocol(base.protocolNumber, tuple);
  switch (protocol) {
    case 'icmp':
    case 'icmpv6':
      return { protocol, ...base, tuple: draft.icmp() };
    case 'gre':
      return { protocol, ...base, tuple: draft.gre() };
    case 'unknown':
      return { protocol, ...base, tuple: draft.addresses() };
    case 'tcp':
    case 'udp':
    case 'udplite':
    case 'sctp':
    case 'dccp':
      return { protocol, ...base, tuple: draft.ports() };
  }
}

function isAbsent({ src, dst }: TupleDraft): boolean {
  return src === undefined && dst === undefined;
}

/** Kernels that do not track GRE or DCCP (any longer) print their tuples without keys and ports. */
function effectiveProtocol(
  protocolNumber: number,
  { sport, dport, srckey, dstkey }: TupleDraft,
): ConntrackProtocol {
  const protocol = protocolOfNumber(protocolNumber);
  const isBare = [sport, dport, srckey, dstkey].every((field) => field === undefined);
  return isBare && (protocol === 'gre' || protocol === 'dccp') ? 'unknown' : protocol;
}

/** Master and mask may have another protocol than the expected connection. Only their keys show which. */
function tupleByKeys(reader: LineReader, draft: TupleDraft, owner: string): AnyTuple {
  const tuple = new DraftReader(reader, draft, owner);
  if (draft.sport !== undefined || draft.dport !== undefined) return tuple.ports();
  if (draft.type !== undefined || draft.code !== undefined || draft.id !== undefined) return tuple.icmp();
  if (draft.srckey !== undefined || draft.dstkey !== undefined) return tuple.gre();
  return tuple.addresses();
}

function unmapDraft(draft: TupleDraft): void {
  if (draft.src !== undefined) draft.src = unmapIpv4(draft.src);
  if (draft.dst !== undefined) draft.dst = unmapIpv4(draft.dst);
}

/**
 * The format to print: `/proc/net/nf_conntrack_expect`, the older `/proc/net/ip_conntrack_expect`, the `EXPECTING:`
 * lines in `/proc/net/ip_conntrack` of 2.4 kernels, or `conntrack -L expect`.
 */
export type ConntrackExpectationStyle =
  'nf_conntrack_expect' | 'ip_conntrack_expect' | 'ip_conntrack' | 'conntrack';

/**
 * Prints an expectation, without the line end. It is the inverse of `parseConntrackExpectation`.
 *
 * The fields that are present are printed in the style's spelling, after the prefix of the event, if there is one.
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
  // If nothing follows the tuple, the kernel still prints the blank after it.
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
