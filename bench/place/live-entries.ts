import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, type Extent, type MadeEntry } from './entries.js';
import type { BenchNamespace } from './namespace.js';
import { compile } from './native.js';
import { Unavailable } from './unavailable.js';

/** Packet sizes that the interface can carry: mostly small, one in sixteen large. */
const SMALL_PACKET_BYTES = 1400;
const LARGE_PACKET_BYTES = 60_000;
const HEADER_BYTES = 40;

/**
 * The most entries that a namespace of this machine can hold.
 *
 * `nf_conntrack_max` and `nf_conntrack_buckets` are read-only in a namespace. Outside they belong to the whole machine,
 * so they are not changed.
 */
export function mostEntries(): number {
  return conntrackLimit('max') ?? Infinity;
}

/** A setting of the machine's connection tracking; undefined if the module is not loaded. */
export function conntrackLimit(name: 'max' | 'buckets'): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/net/netfilter/nf_conntrack_${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Adds entries to a namespace's table in one `conntrack --load-file`. Then sends a packet in each direction of each
 * entry, so that all have counters.
 * @returns a sentence about the part that failed, or undefined
 */
export function loadEntries(
  namespace: BenchNamespace,
  extent: Extent,
  directory: string,
): string | undefined {
  const before = namespace.entries();
  const commands = join(directory, `${namespace.name}.load`);
  const entries = Array.from({ length: extent.entries }, (_, index) => entryOf(index, extent));
  try {
    writeFileSync(commands, entries.map(loadLine).join(''));
    namespace.do('conntrack', ['--load-file', commands]);
  } catch (error) {
    throw new Unavailable(`conntrack --load-file (1.4.7 or later) failed: ${String(error)}`);
  } finally {
    rmSync(commands, { force: true });
  }
  const loaded = namespace.entries() - before;
  if (loaded !== extent.entries)
    throw new Unavailable(`${loaded} of ${extent.entries} entries were loaded into the table`);
  try {
    namespace.do(compile('send-packets', directory), [], entries.map(packetLine).join(''));
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) return `the live entries' counters are all 0: ${error.message}`;
    throw error;
  }
}

function loadLine(entry: MadeEntry): string {
  const { protocol, source, destination, sourcePort, destinationPort, timeoutSeconds } = entry;
  const original = `-s ${source} -d ${destination} -p ${protocol} --sport ${sourcePort} --dport ${destinationPort}`;
  const reply = `-r ${destination} -q ${source} --reply-port-src ${destinationPort} --reply-port-dst ${sourcePort}`;
  const state = protocol === 'tcp' ? ' --state ESTABLISHED' : '';
  return `-A -t ${timeoutSeconds} -u SEEN_REPLY,ASSURED ${original} ${reply}${state}\n`;
}

function packetLine(entry: MadeEntry): string {
  const { protocol, source, destination, sourcePort, destinationPort, bytes, replyBytes } = entry;
  const sizes = [bytes, replyBytes].map(packetBytes).join(' ');
  return `${protocol} ${source} ${destination} ${sourcePort} ${destinationPort} ${sizes}\n`;
}

function packetBytes(bytes: number): number {
  return HEADER_BYTES + (bytes % (bytes % 16 === 0 ? LARGE_PACKET_BYTES : SMALL_PACKET_BYTES));
}
