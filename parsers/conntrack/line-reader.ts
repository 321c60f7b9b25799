import { canonicalIpAddress } from '../address.js';
import { BYTE, readShortDecimal } from '../bytes.js';
import { COUNTER_MAX, counterFromBigint, type Counter } from '../counter.js';
import { ParseError, type ParseErrorCode } from '../parse-error.js';
import type { TupleNumberKey } from './tuple-draft.js';

type IpFamily = 'ipv4' | 'ipv6';

interface Fault {
  readonly code: ParseErrorCode;
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly expected: string;
}

/** The largest unsigned 32-bit number (`U32_MAX`): marks, ids, zones. */
export const U32_MAX = 4294967295;

/**
 * Reads values from the bytes of one line and remembers the first fault.
 *
 * Its callers need neither exceptions nor a check after each value. They ask for {@link error} once, at the end.
 */
export class LineReader {
  readonly bytes: Buffer;
  private readonly lineStart: number;
  private readonly lineEnd: number;
  private first: Fault | undefined;

  constructor(bytes: Buffer, lineStart: number, lineEnd: number) {
    this.bytes = bytes;
    this.lineStart = lineStart;
    this.lineEnd = lineEnd;
  }

  /** Records a fault at `[start, end)`, unless there is an earlier one. */
  fault(code: ParseErrorCode, field: string, start: number, end: number, expected: string): void {
    this.first ??= { code, field, start, end, expected };
  }

  /** Records that something is missing at the end of the line. */
  faultAtEnd(code: ParseErrorCode, field: string, expected: string): void {
    this.fault(code, field, this.lineEnd, this.lineEnd, expected);
  }

  /** The first fault as an error, or undefined. */
  error(): ParseError | undefined {
    if (this.first === undefined) return undefined;
    const { code, field, start, end, expected } = this.first;
    const column = this.text(this.lineStart, start).length + 1;
    return new ParseError({ code, field, column, text: this.text(start, end), expected });
  }

  text(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** Reads an unsigned decimal of at most `max`; 0 and a fault otherwise. */
  unsigned(field: string, start: number, end: number, max: number): number {
    const value = readShortDecimal(this.bytes, start, end);
    if (value >= 0 && value <= max) return value;
    const digits = this.text(start, end);
    const code = /^[0-9]+$/.test(digits) ? 'out-of-range' : 'invalid-number';
    this.fault(code, field, start, end, `a number from 0 to ${max}`);
    return 0;
  }

  /** Reads an unsigned 64-bit decimal; 0 and a fault otherwise. */
  counter(field: string, start: number, end: number): Counter {
    const short = readShortDecimal(this.bytes, start, end);
    if (short >= 0) return short;
    const digits = this.text(start, end);
    if (!/^[0-9]+$/.test(digits)) {
      this.fault('invalid-number', field, start, end, 'a decimal number');
      return 0;
    }
    // 2^64−1 has twenty digits. Longer texts are refused before BigInt, whose cost is not linear, sees them.
    const value = digits.length > 20 ? COUNTER_MAX + 1n : BigInt(digits);
    if (value > COUNTER_MAX) {
      this.fault('out-of-range', field, start, end, 'a number of at most 64 bits');
      return 0;
    }
    return counterFromBigint(value);
  }

  /** Reads a decimal of at most 64 bits with an optional minus, which old kernels print for late timers and marks. */
  signed(field: string, start: number, end: number): Counter {
    if (this.bytes[start] !== BYTE.minus || start >= end) return this.counter(field, start, end);
    const magnitude = this.counter(field, start + 1, end);
    return typeof magnitude === 'number' ? 0 - magnitude : -magnitude;
  }

  /** Reads a 32-bit mark: decimal, negative from old kernels, or in the `0x` form that people write. */
  mark(field: string, start: number, end: number): number {
    const short = readShortDecimal(this.bytes, start, end);
    if (short >= 0 && short <= U32_MAX) return short;
    const text = this.text(start, end);
    const value = /^(0x[0-9a-f]{1,8}|-[0-9]{1,10})$/i.test(text) ? Number(text) : NaN;
    if (value >= -2147483648 && value <= U32_MAX) return value === 0 ? 0 : value;
    this.fault(
      /^-?[0-9]+$/.test(text) ? 'out-of-range' : 'invalid-number',
      field,
      start,
      end,
      'a number of 32 bits',
    );
    return 0;
  }

  /** Reads a hexadecimal key of at most 32 bits, such as GRE's `0x4f`. */
  hexadecimal(field: string, start: number, end: number): number {
    const text = this.text(start, end);
    if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number(text);
    this.fault('invalid-number', field, start, end, 'a hexadecimal number such as 0x4f');
    return 0;
  }

  /** Reads a port, ICMP field or GRE key; 0 and a fault if there is none. */
  tupleNumber(key: TupleNumberKey, start: number, end: number): number {
    if (key === 'srckey' || key === 'dstkey' || key === 'protocol') return this.hexadecimal(key, start, end);
    const isByte = key === 'type' || key === 'code' || key === 'version';
    return this.unsigned(key, start, end, isByte ? 255 : 65535);
  }

  /**
   * Reads an address of `family`, or of any family if that is undefined. Returns canonical text and the line's family.
   */
  address(
    key: string,
    start: number,
    end: number,
    family: IpFamily | undefined,
  ): { address: string; family: IpFamily | undefined } {
    const address = canonicalIpAddress(this.text(start, end));
    if (address === undefined) {
      this.fault('invalid-address', key, start, end, 'an IPv4 or IPv6 address');
      return { address: '', family };
    }
    const own = address.includes(':') ? 'ipv6' : 'ipv4';
    if (family !== undefined && own !== family) {
      this.fault('mixed-families', key, start, end, `an ${family} address, as the line has before`);
    }
    return { address, family: family ?? own };
  }
}
