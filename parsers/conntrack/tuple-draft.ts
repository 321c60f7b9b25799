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

/** Hands out a draft's values; a missing one is a fault at the end of the line. */
export class DraftReader {
  private readonly reader: LineReader;
  private readonly draft: TupleDraft;
  private readonly direction: 'original' | 'reply';

  constructor(reader: LineReader, draft: TupleDraft, direction: 'original' | 'reply') {
    this.reader = reader;
    this.draft = draft;
    this.direction = direction;
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
    this.reader.faultAtEnd('missing-field', field, `"${field}=" of the ${this.direction} direction`);
  }
}
