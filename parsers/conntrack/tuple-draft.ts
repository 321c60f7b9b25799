import { canonicalIpAddress } from '../address.js';
import type { Counter } from '../counter.js';
import type { AddressTuple, Counters, GreTuple, IcmpTuple, PortTuple } from './entry.js';
import type { LineReader } from './line-reader.js';

/** What has been read of one direction; keys as the line spells them. */
export interface TupleDraft {
  src?: string;
  dst?: string;
  sport?: number;
  dport?: number;
  type?: number;
  code?: number;
  id?: number;
  srckey?: number;
  dstkey?: number;
  version?: number;
  protocol?: number;
  packets?: Counter;
  bytes?: Counter;
}

/** The fields of a draft that are plain numbers. */
export type TupleNumberKey = Exclude<keyof TupleDraft, 'src' | 'dst' | 'packets' | 'bytes'>;

/** A port, ICMP field or GRE key; 0 and a fault where it is none. */
export function readTupleNumber(reader: LineReader, key: TupleNumberKey, start: number, end: number): number {
  if (key === 'srckey' || key === 'dstkey' || key === 'protocol') return reader.hexadecimal(key, start, end);
  const isByte = key === 'type' || key === 'code' || key === 'version';
  return reader.unsigned(key, start, end, isByte ? 255 : 65535);
}

/** An address of the line's `family`, or of any while that is undefined: as canonical text, with the family it has. */
export function readTupleAddress(
  reader: LineReader,
  key: string,
  start: number,
  end: number,
  family: 'ipv4' | 'ipv6' | undefined,
): { address: string; family: 'ipv4' | 'ipv6' | undefined } {
  const address = canonicalIpAddress(reader.text(start, end));
  if (address === undefined) {
    reader.fault('invalid-address', key, start, end, 'an IPv4 or IPv6 address');
    return { address: '', family };
  }
  const own = address.includes(':') ? 'ipv6' : 'ipv4';
  if (family !== undefined && own !== family) {
    reader.fault('mixed-families', key, start, end, `an ${family} address, as the line has before`);
  }
  return { address, family: family ?? own };
}

/** Hands out a draft's values; a missing one is a fault at the end of the line. */
export class DraftReader {
  private readonly reader: LineReader;
  private readonly draft: TupleDraft;
  private readonly owner: string;

  /** `owner` is what the draft is of, for messages: `the original direction`. */
  constructor(reader: LineReader, draft: TupleDraft, owner: string) {
    this.reader = reader;
    this.draft = draft;
    this.owner = owner;
  }

  addresses(): AddressTuple {
    const { src, dst } = this.draft;
    if (src === undefined) this.missing('src');
    else if (dst === undefined) this.missing('dst');
    return { source: src ?? '', destination: dst ?? '' };
  }

  ports(): PortTuple {
    const { source, destination } = this.addresses();
    const sourcePort = this.number('sport');
    return { source, destination, sourcePort, destinationPort: this.number('dport') };
  }

  icmp(): IcmpTuple {
    return {
      ...this.addresses(),
      type: this.number('type'),
      code: this.number('code'),
      id: this.number('id'),
    };
  }

  gre(): GreTuple {
    const { version, protocol } = this.draft;
    return {
      ...this.addresses(),
      sourceKey: this.number('srckey'),
      destinationKey: this.number('dstkey'),
      ...(version === undefined ? {} : { version }),
      ...(protocol === undefined ? {} : { greProtocol: protocol }),
    };
  }

  counters(): Counters {
    const { packets, bytes } = this.draft;
    if (packets === undefined) this.missing('packets');
    else if (bytes === undefined) this.missing('bytes');
    return { packets: packets ?? 0, bytes: bytes ?? 0 };
  }

  private number(field: 'sport' | 'dport' | 'type' | 'code' | 'id' | 'srckey' | 'dstkey'): number {
    const value = this.draft[field];
    if (value === undefined) this.missing(field);
    return value ?? 0;
  }

  private missing(field: string): void {
    this.reader.faultAtEnd('missing-field', field, `"${field}=" of ${this.owner}`);
  }
}
