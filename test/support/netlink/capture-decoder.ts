import { endianness } from 'node:os';
import { readFileSync } from 'node:fs';
import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { conntrackEntryOf } from './entry-of-record.js';
import { CONNTRACK_MESSAGE } from '../../../src/kernel/netlink/conntrack/dump-entries.js';
import { ConntrackRecord } from '../../../src/kernel/netlink/conntrack/conntrack-record.js';
import { SeenEntries } from '../../../src/kernel/netlink/conntrack/seen-entries.js';
import { DumpReader, type DumpState } from '../../../src/kernel/netlink/message/dump-reader.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../src/kernel/netlink/inet-diag/dump-sockets.js';
import { DiagRecord } from '../../../src/kernel/netlink/inet-diag/diag-record.js';
import { diagSocketOf, type DiagSocket } from './socket-of-record.js';

/** The captures are of a little-endian host, whose headers another cannot read. */
export const skipCaptures: string | false =
  endianness() === 'LE' ? false : 'the captures are of a little-endian host';

/** The sequence number that the captures' requests had. */
export const SEQUENCE = 1;

/** A file of fixtures/netlink/linux-6.18. */
export function capture(name: string): Uint8Array {
  return new Uint8Array(
    readFileSync(new URL(`../../../../fixtures/netlink/linux-6.18/${name}`, import.meta.url)),
  );
}

/** Its lines, for the texts of /proc. */
export function captureLines(name: string): string[] {
  return new TextDecoder()
    .decode(capture(name))
    .split('\n')
    .filter((line) => line !== '');
}

/** The contents of a dump. */
export interface Decoded {
  state: DumpState;
  entries: ConntrackEntry[];
  sockets: DiagSocket[];
}

/** Decodes dumps wholly: every field of every message is read. Its layouts are kept from dump to dump, as in a process that runs on. */
export class Decoder {
  private readonly record = new ConntrackRecord();
  private readonly diag = new DiagRecord();
  private readonly seen = new SeenEntries();
  private readonly nowMilliseconds: number;

  constructor(nowMilliseconds = 0) {
    this.nowMilliseconds = nowMilliseconds;
  }

  /** @throws NetlinkError */
  decode(bytes: Uint8Array): Decoded {
    const entries: ConntrackEntry[] = [];
    const sockets: DiagSocket[] = [];
    const reader = new DumpReader(SEQUENCE, 'test', (view, { type, bodyAt, end }) => {
      if (type === SOCK_DIAG_BY_FAMILY) {
        this.diag.read(view, bodyAt, end);
        sockets.push(diagSocketOf(this.diag));
      } else if (type === CONNTRACK_MESSAGE.new) {
        this.record.read(view, bodyAt, end);
        this.seen.seeAgain(this.record);
        entries.push(conntrackEntryOf(this.record, { nowMilliseconds: this.nowMilliseconds }));
      }
    });
    // A view of these bytes alone: a read beyond them throws a RangeError.
    reader.push(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
    return { state: reader.state, entries, sockets };
  }
}
