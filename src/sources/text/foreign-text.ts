import { either, option } from '../../model/errors.js';

/** The kinds of line that a reader takes. */
export type LineKind = 'entries' | 'events';

/** What begins an entry or an event, as opposed to a name that happens to stand in a line. */
const ENTRY = /^(?:ipv[46] +\d+ )?(?:tcp|udp|udplite|icmp|icmpv6|sctp|dccp|gre|unknown) +\d+ /;
const EVENT = /^ *(?:\[\d+\.\d+ *\]\s*)?\[(?:NEW|UPDATE|DESTROY)\] /;

/** What other programs put in front of a line: quotes of mails, numbers of `grep -n`, the heads of syslog and the journal. */
const PREFIXES: readonly RegExp[] = [
  /^(?:[>|] ?)+/,
  /^(?:[^\s:]+:)?\d+:/,
  /^(?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ (?:[^\s:]+: ?)?/,
];

/**
 * The entry or event behind something that another program put in front of it. Undefined if nothing known is in front, or something
 * else behind it.
 */
export function behindPrefix(line: string): string | undefined {
  for (const prefix of PREFIXES) {
    const [before] = prefix.exec(line) ?? [];
    if (before === undefined) continue;
    const rest = line.slice(before.length);
    if (ENTRY.test(rest) || EVENT.test(rest)) return rest;
  }
  return undefined;
}

/** A kind of text that is none of conntrack, by its first bytes. */
const BY_BYTES: readonly (readonly [start: readonly number[], name: string])[] = [
  [[0x1f, 0x8b], 'compressed by gzip; decompress it first (zcat)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed by zstd; decompress it first (zstdcat)'],
  [[0xfd, 0x37, 0x7a, 0x58], 'compressed by xz; decompress it first (xzcat)'],
  [[0x42, 0x5a, 0x68], 'compressed by bzip2; decompress it first (bzcat)'],
  [[0xff, 0xfe], 'UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)'],
  [[0xfe, 0xff], 'UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)'],
  [[0xd4, 0xc3, 0xb2, 0xa1], 'a capture of packets, which has no connections'],
  [[0xa1, 0xb2, 0xc3, 0xd4], 'a capture of packets, which has no connections'],
  [[0x0a, 0x0d, 0x0d, 0x0a], 'a capture of packets, which has no connections'],
];

const EVENTS_HINT = (): string =>
  `these are events (conntrack -E); ${either({
    library: 'a snapshot needs a table (conntrack -L)',
    command: 'hostflow measure --input FILE adds them up, and hostflow watch --stdin records them',
  })}`;
const TABLE_HINT = (): string =>
  `this is a table, not events; ${either({
    library: 'events come from conntrack -E',
    command: 'hostflow --input FILE lists it',
  })}`;

const TEXTS: readonly (readonly [pattern: RegExp, hint: (kind: LineKind) => string | undefined])[] = [
  [/\u001b\[/, () => "it has colour codes; take them out first (sed 's/\\x1b\\[[0-9;]*m//g')"],
  [
    /\u00a0/,
    () => "it has non-breaking blanks, as web pages do; replace them first (sed 's/\\xc2\\xa0/ /g')",
  ],
  [/^\(\ufffd\/\ufffd/, () => 'it is compressed by zstd; decompress it first (zstdcat)'],
  [/^\u001f\ufffd/, () => 'it is compressed by gzip; decompress it first (zcat)'],
  [
    /^\ufffd\ufffd.?\u0000|^.?\u0000.\u0000/,
    () => 'it is UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)',
  ],
  [/\[(?:NEW|UPDATE|DESTROY)\] /, (kind) => (kind === 'entries' ? EVENTS_HINT() : undefined)],
  [ENTRY, (kind) => (kind === 'events' ? TABLE_HINT() : undefined)],
  [/^\s*<(?:\?xml|conntrack|flow)/, () => 'it is XML; leave out -o xml'],
  [/^-A -/, () => 'it comes from conntrack -o save; leave that option out'],
  [
    /^\s*(?:sl +local_address|\d+: [0-9A-F]{8,32}:[0-9A-F]{4} )/,
    () => 'it is a table of sockets, such as /proc/net/tcp',
  ],
  [/^(?:Netid|State) +|^Proto Recv-Q|^Active Internet/, () => 'it is the output of ss or netstat'],
  [/^\s*(?:\[\s*)?\{|^\s*\[\s*$/, () => `it is JSON; ${option('input')} takes conntrack text`],
];

/** Names a text that is not what was expected, and the remedy; undefined for any other text. */
export function nameForeignText(line: Uint8Array | string, kind: LineKind): string | undefined {
  const bytes = typeof line === 'string' ? Buffer.from(line) : line;
  const binary = BY_BYTES.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (binary !== undefined) return `it is ${binary[1]}`;
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
  for (const [pattern, hint] of TEXTS) {
    const named = pattern.test(text) ? hint(kind) : undefined;
    if (named !== undefined) return named;
  }
  return undefined;
}
