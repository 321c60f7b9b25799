import fc from 'fast-check';
import { formatIpAddressFull, formatIpAddressGlibc } from '../address.js';
import type { ConntrackStyle } from '../conntrack/format-entry.js';
import { ctime, labels, securityContext, stateName, unknownField, isBareWord } from './conntrack-texts.js';
import { ipBytes, type IpFamily } from './ip-address.js';
import { counter, u16, u32, u8 } from './numbers.js';

/** Every program with a spelling of its own. */
const CONNTRACK_STYLES: readonly ConntrackStyle[] = [
  'nf_conntrack',
  'ip_conntrack',
  'conntrack',
  'conntrack-extended',
];

/**
 * The text of a line as a kernel or `conntrack -L` (with any `-o`) prints it, in one style or in any. No line end.
 *
 * It is not made by `formatConntrackEntry`, so it tests parser and printer: `format(parse(line), style)` is the same
 * line.
 *
 * Source: `ct_seq_show()` in net/netfilter/nf_conntrack_standalone.c; `__snprintf_conntrack_default()` in
 * libnetfilter_conntrack. Fields that neither prints yet stand before `use=`, as in vendor kernels.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackLine('conntrack'), (line) =>
 *     formatConntrackEntry(parseConntrackLine(line), 'conntrack') === line,
 *   ),
 * );
 * ```
 */
export function conntrackLine(style?: ConntrackStyle): fc.Arbitrary<string> {
  if (style === undefined) return fc.oneof(...CONNTRACK_STYLES.map((each) => conntrackLine(each)));
  const families: readonly IpFamily[] = style === 'ip_conntrack' ? ['ipv4'] : ['ipv4', 'ipv6'];
  return fc.oneof(...families.map((family) => lineOf(style, family)));
}

/** The fields of a part of the line, in order. */
type Fields = fc.Arbitrary<string[]>;

function lineOf(style: ConntrackStyle, family: IpFamily): fc.Arbitrary<string> {
  const fromKernel = style === 'nf_conntrack' || style === 'ip_conntrack';
  const prefixed = style === 'nf_conntrack' || style === 'conntrack-extended';
  const prefix = family === 'ipv4' ? 'ipv4     2' : 'ipv6     10';
  const address = ipBytes(family).map(fromKernel ? formatIpAddressFull : formatIpAddressGlibc);
  const body = fc.oneof(...protocolLines(fromKernel, fc.tuple(key('src', address), key('dst', address))));
  return fc
    .tuple(body, fromKernel ? kernelFields(style) : libraryFields())
    .map((parts) => [...(prefixed ? [prefix] : []), ...parts.flat()].join(' '));
}

/** The line from the protocol to the reply's counters, for each form of a tuple. */
function protocolLines(fromKernel: boolean, ends: Fields): Fields[] {
  const timeout = optional(fc.nat(432000).map(String));
  const state = optional(stateName());
  const ports = fc.tuple(key('sport', u16()), key('dport', u16()));
  const icmp = fc.tuple(key('type', u8()), key('code', u8()), key('id', u16()));
  const greKey = u16().map((value) => `0x${value.toString(16)}`);
  const gre = fc.tuple(key('srckey', greKey), key('dstkey', greKey));
  const own = fc
    .tuple(u16(), u16())
    .map(([once, stream]) => [`timeout=${once},`, `stream_timeout=${stream}`]);
  const none: Fields = fc.constant<string[]>([]);
  const stateful = ['tcp      6', 'sctp     132', 'dccp     33'];
  const stateless = ['udp      17', 'udplite  136'];
  return [
    inOrder(fc.constantFrom(...stateful).map(only), timeout, state, directions(ends, ports)),
    inOrder(fc.constantFrom(...stateless).map(only), timeout, directions(ends, ports)),
    inOrder(fc.constantFrom('icmp     1', 'icmpv6   58').map(only), timeout, directions(ends, icmp)),
    inOrder(fc.constant(['gre      47']), timeout, fromKernel ? own : none, directions(ends, gre)),
    inOrder(
      u8().map((number) => [`unknown  ${number}`]),
      timeout,
      directions(ends, none),
    ),
  ];
}

/** Both tuples, with counters after both or after neither. */
function directions(ends: Fields, rest: Fields): Fields {
  const tuple = inOrder(ends, rest);
  const counters = fc.tuple(key('packets', counter()), key('bytes', counter()));
  const unreplied = optional(fc.constant('[UNREPLIED]'));
  const originalZone = optional(key('zone-orig', u16()));
  const replyZone = optional(key('zone-reply', u16()));
  return fc.oneof(
    inOrder(tuple, originalZone, unreplied, tuple, replyZone),
    inOrder(tuple, originalZone, counters, unreplied, tuple, replyZone, counters),
  );
}

function kernelFields(style: 'nf_conntrack' | 'ip_conntrack'): Fields {
  const zone = style === 'nf_conntrack' ? optional(key('zone', u16())) : fc.constant<string[]>([]);
  return inOrder(
    optional(fc.constantFrom('[HW_OFFLOAD]', '[OFFLOAD]', '[ASSURED]')),
    optional(key('mark', u32())),
    // A kernel prints only one of the two.
    fc.oneof(
      fc.constant<string[]>([]),
      key('secmark', u32()).map(only),
      key('secctx', securityContext()).map(only),
    ),
    zone,
    optional(key('delta-time', counter())),
    unknownFields(),
    key('use', u32()).map(only),
  );
}

function libraryFields(): Fields {
  return inOrder(
    optional(fc.constantFrom('[HW_OFFLOAD]', '[OFFLOAD]', '[ASSURED]')),
    optional(key('mark', u32())),
    optional(key('secmark', u32())),
    optional(key('secctx', securityContext())),
    optional(key('zone', u16())),
    optional(key('delta-time', counter())),
    optional(ctime().map((time) => `[start=${time}]`)),
    optional(ctime().map((time) => `[stop=${time}]`)),
    optional(key('helper', fc.constantFrom('ftp', 'Q.931', 'netbios-ns'))),
    unknownFields(),
    optional(key('use', u32())),
    optional(key('id', u32())),
    optional(labels().map((names) => (names.length === 0 ? 'labels' : `labels=${names.join(',')}`))),
  );
}

/** Unknown fields whose first is no bare word: after a security context it would become part of that. */
function unknownFields(): Fields {
  return fc
    .array(unknownField(), { maxLength: 2 })
    .filter(([first]) => first === undefined || !isBareWord(first));
}

function key(name: string, value: fc.Arbitrary<string | number | bigint>): fc.Arbitrary<string> {
  return value.map((text) => `${name}=${text}`);
}

function optional(field: fc.Arbitrary<string>): Fields {
  return fc.option(field.map(only), { nil: [] });
}

function only(field: string): string[] {
  return [field];
}

function inOrder(...parts: readonly Fields[]): Fields {
  return fc.tuple(...parts).map((fields) => fields.flat());
}
