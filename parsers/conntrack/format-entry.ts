import {
  formatIpAddress,
  formatIpAddressFull,
  formatIpAddressGlibc,
  mapIpv4,
  parseIpAddress,
} from '../address.js';
import type { AnyTuple, ConntrackEntry, Counters } from './entry.js';

/**
 * The format to print: `/proc/net/nf_conntrack`, the older `/proc/net/ip_conntrack`, `conntrack -L`, or
 * `conntrack -L -o extended`.
 */
export type ConntrackStyle = 'nf_conntrack' | 'ip_conntrack' | 'conntrack' | 'conntrack-extended';

/**
 * Prints an entry as the kernel or `conntrack -L` does, without the line end. It is the inverse of
 * `parseConntrackLine`.
 *
 * Only the fields that are present are printed. Unknown fields come before `use=`, as in vendor kernels.
 * Addresses are printed as the style's source does. Text that is no address is printed unchanged.
 */
export function formatConntrackEntry(entry: ConntrackEntry, style: ConntrackStyle = 'nf_conntrack'): string {
  return [...headFields(entry, style), ...directionFields(entry, style), ...restFields(entry)].join(' ');
}

function headFields(entry: ConntrackEntry, style: ConntrackStyle): string[] {
  const withFamily = style === 'nf_conntrack' || style === 'conntrack-extended';
  const family = entry.family === 'ipv4' ? 'ipv4     2' : 'ipv6     10';
  const name = entry.protocol === 'unknown' ? (entry.protocolName ?? 'unknown') : entry.protocol;
  const fields = withFamily ? [family] : [];
  fields.push(`${name.padEnd(8)} ${entry.protocolNumber}`);
  if (entry.timeoutSeconds !== undefined) fields.push(String(entry.timeoutSeconds));
  const state = 'state' in entry ? entry.state : undefined;
  if (state !== undefined) fields.push(state);
  if (entry.protocol === 'gre' && entry.greTimeouts !== undefined) {
    const { timeoutSeconds, streamTimeoutSeconds } = entry.greTimeouts;
    fields.push(`timeout=${timeoutSeconds},`, `stream_timeout=${streamTimeoutSeconds}`);
  }
  return fields;
}

function directionFields(entry: ConntrackEntry, style: ConntrackStyle): string[] {
  const isProcfs = style === 'nf_conntrack' || style === 'ip_conntrack';
  const spelling: AddressSpelling = isProcfs ? 'full' : 'compressed';
  const fields = [...tupleFields(entry.original, entry.family, spelling)];
  if (entry.originalZone !== undefined) fields.push(`zone-orig=${entry.originalZone}`);
  fields.push(...counterFields(entry.originalCounters));
  if (entry.status.unreplied) fields.push('[UNREPLIED]');
  fields.push(...tupleFields(entry.reply, entry.family, spelling));
  if (entry.replyZone !== undefined) fields.push(`zone-reply=${entry.replyZone}`);
  fields.push(...counterFields(entry.replyCounters));
  return fields;
}

function counterFields(counters: Counters | undefined): string[] {
  return counters === undefined ? [] : [`packets=${counters.packets}`, `bytes=${counters.bytes}`];
}

function restFields(entry: ConntrackEntry): string[] {
  const fields: string[] = [];
  const add = (key: string, value: string | number | bigint | undefined): void => {
    if (value !== undefined) fields.push(`${key}=${value}`);
  };
  const extra = placesOf(entry);
  if (entry.status.hardwareOffload) fields.push('[HW_OFFLOAD]');
  if (entry.status.offload) fields.push('[OFFLOAD]');
  if (entry.status.assured) fields.push('[ASSURED]');
  if (entry.status.unconfirmed) fields.push('[UNCONFIRMED]');
  add('mark', entry.mark);
  add('secmark', entry.securityMark);
  fields.push(...extra.beforeContext);
  add('secctx', entry.securityContext);
  add('zone', entry.zone);
  add('delta-time', entry.deltaTimeSeconds);
  if (entry.startTime !== undefined) fields.push(`[start=${entry.startTime}]`);
  if (entry.stopTime !== undefined) fields.push(`[stop=${entry.stopTime}]`);
  add('helper', entry.helper);
  fields.push(...extra.beforeUse);
  add('use', entry.use);
  add('id', entry.id);
  if (entry.labels !== undefined)
    fields.push(entry.labels.length === 0 ? 'labels' : `labels=${entry.labels.join(',')}`);
  fields.push(...extra.atEnd);
  return fields;
}

const IS_BARE_WORD = /^[^[=][^=]*$/;
const IS_LAST_FIELD = /^(?:use=|id=|labels(?:=|$))/;

/**
 * Places unknown fields so that they are unknown again when read. A bare word after a security context would become
 * part of it, and the first `use=` is the field.
 */
function placesOf({
  extra = [],
  securityContext,
}: ConntrackEntry): Record<'beforeContext' | 'beforeUse' | 'atEnd', string[]> {
  const firstField = extra.findIndex((text) => !IS_BARE_WORD.test(text));
  const words = securityContext === undefined ? 0 : firstField < 0 ? extra.length : firstField;
  const lastField = extra.findIndex((text) => IS_LAST_FIELD.test(text));
  const end = lastField < 0 ? extra.length : lastField;
  return {
    beforeContext: extra.slice(0, Math.min(words, end)),
    beforeUse: extra.slice(Math.min(words, end), end),
    atEnd: extra.slice(end),
  };
}

/** The spelling of IPv6 addresses: `full` as in the kernel, `compressed` as in glibc's `inet_ntop`. */
export type AddressSpelling = 'full' | 'compressed';

/** The `key=value` fields of a tuple, with `prefix` before the keys `src` and `dst`. */
export function tupleFields(
  tuple: AnyTuple,
  family: 'ipv4' | 'ipv6',
  spelling: AddressSpelling,
  prefix = '',
): string[] {
  const source = addressText(tuple.source, family, spelling);
  const destination = addressText(tuple.destination, family, spelling);
  const fields = [`${prefix}src=${source}`, `${prefix}dst=${destination}`];
  if ('sourcePort' in tuple) fields.push(`sport=${tuple.sourcePort}`, `dport=${tuple.destinationPort}`);
  else if ('type' in tuple) fields.push(`type=${tuple.type}`, `code=${tuple.code}`, `id=${tuple.id}`);
  else if ('sourceKey' in tuple) {
    if (tuple.version !== undefined) fields.push(`version=${tuple.version}`);
    if (tuple.greProtocol !== undefined) fields.push(`protocol=0x${tuple.greProtocol.toString(16)}`);
    fields.push(`srckey=0x${tuple.sourceKey.toString(16)}`, `dstkey=0x${tuple.destinationKey.toString(16)}`);
  }
  return fields;
}

function addressText(address: string, family: 'ipv4' | 'ipv6', spelling: AddressSpelling): string {
  // If the parser unmapped the address, the line had it mapped.
  const bytes = parseIpAddress(family === 'ipv6' ? mapIpv4(address) : address);
  if (bytes === undefined) return address;
  if (spelling === 'full') return formatIpAddressFull(bytes);
  return bytes.length === 4 ? formatIpAddress(bytes) : formatIpAddressGlibc(bytes);
}
