import fc from 'fast-check';
import { formatIpAddressFull, formatIpAddressGlibc } from '../address.js';
import type { ConntrackExpectationStyle } from '../conntrack/expectation-line.js';
import { eventPrefix } from './conntrack-event-line.js';
import { helperName } from './conntrack-expectation.js';
import { ipBytes, type IpFamily } from './ip-address.js';
import { u16, u32, u8 } from './numbers.js';

const STYLES: readonly ConntrackExpectationStyle[] = [
  'nf_conntrack_expect',
  'ip_conntrack_expect',
  'ip_conntrack',
  'conntrack',
];

/**
 * The text of an expectation as a kernel or `conntrack -L expect` prints it, in one style or in any. No line end.
 *
 * It is not made by `formatConntrackExpectation`, so it tests both parser and printer: `format(parse(line), style)` is
 * the same line.
 *
 * Source: `exp_seq_show()` in net/netfilter/nf_conntrack_expect.c; `__snprintf_expect_default()` in
 * libnetfilter_conntrack.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackExpectationLine('conntrack'), (line) =>
 *     formatConntrackExpectation(parseConntrackExpectation(line), 'conntrack') === line,
 *   ),
 * );
 * ```
 */
export function conntrackExpectationLine(style?: ConntrackExpectationStyle): fc.Arbitrary<string> {
  if (style === undefined) return fc.oneof(...STYLES.map((each) => conntrackExpectationLine(each)));
  const families: readonly IpFamily[] = style.startsWith('ip_') ? ['ipv4'] : ['ipv4', 'ipv6'];
  return fc.oneof(
    ...families.map((family) => (style === 'conntrack' ? library(family) : procfs(style, family))),
  );
}

/** Makes the text of a tuple; `prefix` comes before its `src` and `dst`. */
type TupleText = (prefix: string) => fc.Arbitrary<string>;

/** Protocol numbers and the text of their tuples. */
interface Protocol {
  numbers: readonly number[];
  tuple: TupleText;
}

function protocols(address: fc.Arbitrary<string>): Protocol[] {
  const ports = fc
    .tuple(u16(), u16())
    .map(([source, destination]) => ` sport=${source} dport=${destination}`);
  const icmp = fc.tuple(u8(), u8(), u16()).map(([type, code, id]) => ` type=${type} code=${code} id=${id}`);
  const gre = fc
    .tuple(u16(), u16())
    .map(([source, destination]) => ` srckey=0x${source.toString(16)} dstkey=0x${destination.toString(16)}`);
  const tuple =
    (rest: fc.Arbitrary<string>): TupleText =>
    (prefix) =>
      fc.tuple(address, address, rest).map(([source, destination, text]) => {
        return `${prefix}src=${source} ${prefix}dst=${destination}${text}`;
      });
  return [
    { numbers: [6, 17, 33, 132, 136], tuple: tuple(ports) },
    { numbers: [1, 58], tuple: tuple(icmp) },
    { numbers: [47], tuple: tuple(gre) },
    { numbers: [0, 2, 33, 47, 255], tuple: tuple(fc.constant('')) },
  ];
}

function optional(text: fc.Arbitrary<string | number>, before: string): fc.Arbitrary<string> {
  return fc.option(
    text.map((value) => `${before}${value}`),
    { nil: '' },
  );
}

function flags(): fc.Arbitrary<string> {
  return fc.subarray(['PERMANENT', 'INACTIVE', 'USERSPACE']).map((words) => words.join(','));
}

/** An expectation of procfs. The blank after the tuple is there even if nothing follows. */
function procfs(
  style: Exclude<ConntrackExpectationStyle, 'conntrack'>,
  family: IpFamily,
): fc.Arbitrary<string> {
  const address = ipBytes(family).map((bytes) => formatIpAddressFull(bytes));
  const timeout = fc.oneof(fc.nat(3600).map(String), fc.constant('-'));
  const policy = fc.tuple(helperName(), optional(helperName(), '/')).map((parts) => parts.join(''));
  const tail = fc
    .tuple(flags(), fc.option(policy, { nil: '' }))
    .map((words) => words.filter((text) => text !== '').join(' '));
  return fc.oneof(
    ...protocols(address).map(({ numbers, tuple }) =>
      fc
        .tuple(timeout, u32(), fc.constantFrom(...numbers), tuple(''), tail)
        .map(([left, use, number, text, rest]) => {
          switch (style) {
            case 'nf_conntrack_expect':
              return `${left} l3proto = ${family === 'ipv4' ? 2 : 10} proto=${number} ${text} ${rest}`;
            case 'ip_conntrack_expect':
              return `${left} proto=${number} ${text} `;
            case 'ip_conntrack':
              return `EXPECTING: ${left} use=${use} proto=${number} ${text} `;
          }
        }),
    ),
  );
}

function library(family: IpFamily): fc.Arbitrary<string> {
  const address = ipBytes(family).map((bytes) => formatIpAddressGlibc(bytes));
  const forms = protocols(address);
  const tail = fc
    .tuple(
      optional(u16(), ' zone='),
      flags().map((words) => (words === '' ? '' : ` ${words}`)),
      optional(fc.nat(3), ' class='),
      optional(helperName(), ' helper='),
    )
    .map((parts) => parts.join(''));
  const head = fc.tuple(
    fc.option(eventPrefix('blanks'), { nil: '' }),
    fc.option(
      fc.nat(3600).map((seconds) => `${seconds} `),
      { nil: '' },
    ),
  );
  const master = fc.oneof(...forms.map(({ tuple }) => tuple('master-')));
  return fc.oneof(
    ...forms.map(({ numbers, tuple }) =>
      fc
        .tuple(head, fc.constantFrom(...numbers), tuple(''), tuple('mask-'), master, tail)
        .map(
          ([before, number, text, mask, main, rest]) =>
            `${before.join('')}proto=${number} ${text} ${mask} ${main}${rest}`,
        ),
    ),
  );
}
