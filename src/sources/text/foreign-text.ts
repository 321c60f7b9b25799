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
  // Bytes that are no UTF-8 read U+FFFD.
  [/^\u001f\ufffd/, () => 'it is compressed by gzip; decompress it first (zcat)'],
  [/^\(\ufffd\/\ufffd/, () => 'it is compressed by zstd; decompress it first (zstdcat)'],
  [/^\ufffd7zX/, () => 'it is compressed by xz; decompress it first (xzcat)'],
  [/^BZh/, () => 'it is compressed by bzip2; decompress it first (bzcat)'],
  [/^(?:\ufffd\u00f2\ufffd|\ufffd{4})/, () => 'it is a capture of packets, which has no connections'],
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
export function nameForeignText(line: string, kind: LineKind): string | undefined {
  for (const [pattern, hint] of TEXTS) {
    const named = pattern.test(line) ? hint(kind) : undefined;
    if (named !== undefined) return named;
  }
  return undefined;
}
