import fc from 'fast-check';
import { SOCKET_STYLES, type SocketStyle } from '../socket/format-socket.js';
import { counter, s32, u16, u32, u8 } from './numbers.js';

/**
 * The text of a row as a kernel prints it, in a table of one style or of any. It has no line end and is no header.
 *
 * It is not made by `formatSocketEntry`, so it tests parser and printer: `format(parse(line), style)` is the same line.
 *
 * Source: the `%` formats of `get_tcp4_sock`, `get_timewait4_sock`, `udp4_format_sock` and their IPv6 counterparts.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(socketLine('udp'), (line) => formatSocketEntry(parseSocketLine(line), 'udp') === line),
 * );
 * ```
 */
export function socketLine(style?: SocketStyle): fc.Arbitrary<string> {
  if (style === undefined) return fc.oneof(...SOCKET_STYLES.map((each) => socketLine(each)));
  const isTcp = style.startsWith('tcp');
  const slotWidth = isTcp || style === 'raw' ? 4 : 5;
  const lineWidth = style === 'tcp' ? 149 : style === 'udp' || style === 'udplite' ? 127 : 0;
  const row = fc.tuple(
    u32().map((slot) => `${String(slot).padStart(slotWidth)}:`),
    end(style),
    end(style),
    hex(u8(), 2),
    pairOf(hex(u32(), 8), hex(u32(), 8)),
    pairOf(hex(fc.nat(4), 2), hex(counter(), 8)),
    hex(u32(), 8),
    u32().map((uid) => String(uid).padStart(5)),
    fc.nat(20).map((probes) => String(probes).padStart(8)),
    counter().map(String),
    s32().map(String),
    fc.constantFrom('0000000000000000', '00000000946961ce', 'ffff8c7a0dee0000', '(____ptrval____)'),
    isTcp ? tcpTail() : u32().map((drops) => [String(drops)]),
  );
  return row.map((fields) => fields.flat().join(' ').padEnd(lineWidth));
}

/** `0100007F:0016`: the address as words in the host's order, the port as a number. */
function end(style: SocketStyle): fc.Arbitrary<string> {
  const digits = fc.oneof(fc.constant('00000000'), hex(u32(), 8), fc.constant('FFFF0000'));
  const words = style.endsWith('6') ? 4 : 1;
  const address = fc.array(digits, { minLength: words, maxLength: words }).map((texts) => texts.join(''));
  return pairOf(address, hex(u16(), 4));
}

/** The columns of TCP; none in TIME_WAIT and SYN_RECV. */
function tcpTail(): fc.Arbitrary<string[]> {
  const full = fc.tuple(counter(), counter(), u32(), u32(), s32());
  return fc.oneof(
    full.map((values) => values.map(String)),
    fc.constant<string[]>([]),
  );
}

function hex(value: fc.Arbitrary<number | bigint>, width: number): fc.Arbitrary<string> {
  return value.map((number) => number.toString(16).toUpperCase().padStart(width, '0'));
}

function pairOf(left: fc.Arbitrary<string>, right: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(left, right).map((sides) => sides.join(':'));
}
