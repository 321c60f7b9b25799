import type { BodyReader } from './body.js';
import type {
  AddressTuple,
  ConntrackEntry,
  Counters,
  EntryBase,
  GreTuple,
  IcmpTuple,
  PortTuple,
} from './entry.js';
import type { LineHead } from './head.js';
import type { LineReader } from './line-reader.js';
import { isNamedProtocol, type ProtocolName } from './protocols.js';
import type { TupleDraft } from './tuple-draft.js';

/** Builds the entry. Records a fault in `reader` if something is missing or contradictory. */
export function buildEntry(reader: LineReader, head: LineHead, body: BodyReader): ConntrackEntry {
  const original = new DraftReader(reader, body.original, 'the original direction');
  const reply = new DraftReader(reader, body.reply, 'the reply direction');
  const base = buildBase(head, body, original, reply);
  const state = head.state === undefined ? {} : { state: head.state };
  const name = effectiveProtocol(head, body);
  switch (name) {
    case 'tcp':
    case 'sctp':
    case 'dccp':
      return { protocol: name, ...state, ...base, original: original.ports(), reply: reply.ports() };
    case 'udp':
    case 'udplite':
      return { protocol: name, ...base, original: original.ports(), reply: reply.ports() };
    case 'icmp':
    case 'icmpv6':
      return { protocol: name, ...base, original: original.icmp(), reply: reply.icmp() };
    case 'gre':
      return {
        protocol: 'gre',
        ...base,
        ...greTimeouts(reader, body),
        original: original.gre(),
        reply: reply.gre(),
      };
    case 'unknown':
      return {
        protocol: 'unknown',
        ...(head.protocolName === 'unknown' ? {} : { protocolName: head.protocolName }),
        ...state,
        ...base,
        original: original.addresses(),
        reply: reply.addresses(),
      };
  }
}

/** libnetfilter_conntrack printed DCCP without ports until 2009. */
function effectiveProtocol(head: LineHead, body: BodyReader): ProtocolName | 'unknown' {
  if (!isNamedProtocol(head.protocolName)) return 'unknown';
  if (
    head.protocolName === 'dccp' &&
    body.original.sport === undefined &&
    body.original.dport === undefined
  ) {
    return 'unknown';
  }
  return head.protocolName;
}

function buildBase(
  head: LineHead,
  body: BodyReader,
  original: DraftReader,
  reply: DraftReader,
): Omit<EntryBase<AddressTuple>, 'original' | 'reply'> {
  return {
    family: body.family ?? 'ipv4',
    protocolNumber: head.protocolNumber,
    ...(head.timeoutSeconds === undefined ? {} : { timeoutSeconds: head.timeoutSeconds }),
    ...counters(body, original, reply),
    status: body.status,
    ...body.fields,
    ...(body.extra.length === 0 ? {} : { extra: body.extra }),
  };
}

function counters(
  body: BodyReader,
  original: DraftReader,
  reply: DraftReader,
): Pick<EntryBase<AddressTuple>, 'originalCounters' | 'replyCounters'> {
  const seen = [body.original.packets, body.original.bytes, body.reply.packets, body.reply.bytes];
  const present = seen.filter((counter) => counter !== undefined).length;
  if (present === 0) return {};
  if (present === 1 && body.original.bytes !== undefined) {
    // The layer7 patch of 2.4 kernels ends its lines with a byte count of its own, which is no accounting.
    body.extra.push(`bytes=${body.original.bytes}`);
    return {};
  }
  return { originalCounters: original.counters(), replyCounters: reply.counters() };
}

function greTimeouts(
  reader: LineReader,
  body: BodyReader,
): { greTimeouts?: { timeoutSeconds: number; streamTimeoutSeconds: number } } {
  const { timeoutSeconds, streamTimeoutSeconds } = body.greTimeouts;
  if (timeoutSeconds === undefined && streamTimeoutSeconds === undefined) return {};
  if (timeoutSeconds === undefined)
    reader.faultAtEnd('missing-field', 'timeout', '"timeout=" beside "stream_timeout="');
  if (streamTimeoutSeconds === undefined) {
    reader.faultAtEnd('missing-field', 'stream_timeout', '"stream_timeout=" beside "timeout="');
  }
  return {
    greTimeouts: { timeoutSeconds: timeoutSeconds ?? 0, streamTimeoutSeconds: streamTimeoutSeconds ?? 0 },
  };
}

/** Returns a draft's values. A missing value is a fault at the end of the line. */
export class DraftReader {
  private readonly reader: LineReader;
  private readonly draft: TupleDraft;
  private readonly owner: string;

  /** `owner` names the owner of the draft in messages: `the original direction`. */
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
