import { mkdirSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { parseIpAddress } from '../../parsers/address.js';
import { letEveryoneRead, temporaryDirectory } from './temporary-directory.js';

/** The addresses of the tests' host, besides loopback. */
export const OWN = '10.0.1.9';
export const OWN_IPV6 = 'fd77::9';

const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.1.0
        /24 link UNICAST
     |-- ${OWN}
        /32 host LOCAL
     |-- 127.0.0.0
        /8 host LOCAL
`;
const IF_INET6 = `00000000000000000000000000000001 01 80 10 80       lo
fd770000000000000000000000000009 02 40 00 80     eth0
`;
const SOCKET_HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A file with the given text in a directory of its own. */
export function fileOf(text: string | Uint8Array): string {
  const path = join(temporaryDirectory(), 'input.txt');
  writeFileSync(path, text);
  return path;
}

/** Lines of text as the tables of the kernel have them. */
export function lines(...entries: readonly string[]): string {
  return entries.map((line) => `${line}\n`).join('');
}

/** The contents of a fake `/proc`, beside this host's addresses. */
export interface FakeHost {
  /** Lines of `net/nf_conntrack`. Without them, there is no such file. */
  conntrack?: readonly string[];
  /** Rows of the socket tables. */
  tcp?: readonly string[];
  tcp6?: readonly string[];
  udp?: readonly string[];
  /** Further files, or other texts for those above, by path. `undefined` leaves one out. */
  files?: Readonly<Record<string, string | undefined>>;
}

/** Builds a fake `/proc` that every user may read and returns its path. */
export function fakeProc({ conntrack, tcp = [], tcp6 = [], udp = [], files = {} }: FakeHost): string {
  const root = temporaryDirectory();
  const all: Record<string, string | undefined> = {
    'net/fib_trie': FIB_TRIE,
    'net/if_inet6': IF_INET6,
    'net/tcp': SOCKET_HEADER + lines(...tcp),
    'net/tcp6': SOCKET_HEADER + lines(...tcp6),
    'net/udp': SOCKET_HEADER + lines(...udp),
    'net/nf_conntrack': conntrack === undefined ? undefined : lines(...conntrack),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  letEveryoneRead(root);
  return root;
}

/** An end of a connection as the tests write it: `10.0.1.9:443` or `[fd77::9]:443`. */
type End = string;

function split(end: End): { address: string; port: string } {
  const match = /^\[?([^\]]*)\]?:(\d+)$/.exec(end);
  if (match === null) throw new Error(`not an end: ${end}`);
  return { address: match[1] ?? '', port: match[2] ?? '' };
}

/** The packets and bytes of one direction. */
type Traffic = readonly [packets: number | bigint, bytes: number | bigint];

/** The fields of an entry of `nf_conntrack`. */
export interface FakeEntry {
  protocol?: 'tcp' | 'udp';
  from: End;
  to: End;
  /** The ends of the reply where NAT changed them. */
  replyFrom?: End;
  replyTo?: End;
  /** Absent: accounting is off. */
  sent?: Traffic;
  received?: Traffic;
}

function acct(traffic: Traffic | undefined): string {
  return traffic === undefined ? '' : ` packets=${traffic[0]} bytes=${traffic[1]}`;
}

function tuple(from: End, to: End): string {
  const [source, destination] = [split(from), split(to)];
  return `src=${source.address} dst=${destination.address} sport=${source.port} dport=${destination.port}`;
}

/** A line of `/proc/net/nf_conntrack`. */
export function entry(fake: FakeEntry): string {
  const { protocol = 'tcp', from, to, replyFrom = to, replyTo = from, sent, received } = fake;
  const l3 = from.startsWith('[') ? 'ipv6     10' : 'ipv4     2';
  const l4 = protocol === 'tcp' ? 'tcp      6 431999 ESTABLISHED' : 'udp      17 30';
  const original = tuple(from, to) + acct(sent);
  return `${l3} ${l4} ${original} ${tuple(replyFrom, replyTo)}${acct(received)} [ASSURED] mark=0 zone=0 use=2`;
}

function socketAddress(end: End): string {
  const { address, port } = split(end);
  const bytes = Buffer.from(parseIpAddress(address) ?? []);
  const words = Array.from({ length: bytes.length / 4 }, (_, i) =>
    endianness() === 'LE' ? bytes.readUInt32LE(4 * i) : bytes.readUInt32BE(4 * i),
  );
  const text = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  return `${text}:${Number(port).toString(16).padStart(4, '0')}`.toUpperCase();
}

/** A row of `/proc/net/tcp` and its like. */
export function socket(local: End, remote: End, state: number): string {
  const st = state.toString(16).padStart(2, '0').toUpperCase();
  return `   0: ${socketAddress(local)} ${socketAddress(remote)} ${st} 00000000:00000000 00:00000000 00000000     0        0 10824 1 000000001f33612b 100 0 0 10 0`;
}

const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;

export function listening(local: End): string {
  return socket(local, local.startsWith('[') ? '[::]:0' : '0.0.0.0:0', TCP_LISTEN);
}

export function established(local: End, remote: End): string {
  return socket(local, remote, TCP_ESTABLISHED);
}
