import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FlowStat, HostFlow } from '../../../src/render/host-flow.js';
import type { Finished } from './commands.js';
import type { Host } from './network.js';
import { atRest, type Counted } from './table.js';

/** The main module of the program. */
export const MAIN: string = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const TRIES = 30;

/** Runs hostflow in a host. */
export function hostflow(host: Host, flags: readonly string[], input = ''): Finished {
  return host.try(process.execPath, [MAIN, ...flags], input);
}

/** The rows that `--json` printed. */
export function rowsOf({ stdout, stderr }: Finished): HostFlow[] {
  try {
    return JSON.parse(stdout) as HostFlow[];
  } catch {
    throw new Error(`not JSON: ${JSON.stringify(stdout)}; stderr: ${stderr}`);
  }
}

/** A listing and the kernel's table, which was the same before and after. */
export interface Settled extends Finished {
  table: string;
}

/**
 * Runs hostflow with `-n --json` and more flags until nothing moved in the kernel's table meanwhile: late acknowledgements
 * make it move. Asserts that the listings by netlink and by files are the same. @returns the one by netlink
 */
export async function settled(host: Host, flags: readonly string[] = []): Promise<Settled> {
  const all = ['-n', '--json', ...flags];
  for (let tries = 0; tries < TRIES; tries++) {
    const table = host.table();
    const byNetlink = hostflow(host, [...all, '--source', 'netlink']);
    const byFiles = hostflow(host, [...all, '--source', 'procfs']);
    if (atRest(table) === atRest(host.table())) {
      assertSame(byNetlink, byFiles);
      return { ...byNetlink, table };
    }
    await sleep(100);
  }
  throw new Error(`the table of ${host.namespace} never came to rest`);
}

/** The two ways say the same, but that `--source procfs` tells no bytes of sockets. */
function assertSame(byNetlink: Finished, byFiles: Finished): void {
  assert.equal(byNetlink.status, byFiles.status);
  const withoutSocketBytes = (row: HostFlow): HostFlow =>
    row.source === 'sockets' ? { ...row, stat: null } : row;
  assert.deepEqual(sorted(rowsOf(byNetlink).map(withoutSocketBytes)), sorted(rowsOf(byFiles)));
  const aboutTable = (stderr: string): string[] =>
    stderr.split('\n').filter((line) => !/bytes of sockets|so sockets are shown/.test(line));
  assert.deepEqual(aboutTable(byNetlink.stderr), aboutTable(byFiles.stderr));
}

/** {@link settled}, which must succeed without a word on stderr. */
export async function settledRows(
  host: Host,
  flags: readonly string[] = [],
): Promise<{ table: string; rows: HostFlow[] }> {
  const listing = await settled(host, flags);
  assert.equal(listing.stderr, '');
  assert.equal(listing.status, 0);
  return { table: listing.table, rows: rowsOf(listing) };
}

/** The counters as the end sees them that opened the connection. */
export function statOfInitiator({ original, reply }: Counted): FlowStat {
  return {
    total_inbound_packets: reply.packets,
    total_inbound_bytes: reply.bytes,
    total_outbound_packets: original.packets,
    total_outbound_bytes: original.bytes,
  };
}

/** The counters as the end sees them that accepted the connection. */
export function statOfResponder({ original, reply }: Counted): FlowStat {
  return statOfInitiator({ original: reply, reply: original });
}

/** The exact part of the rows of sockets. Packets are left out: they depend on how the payload was cut up. */
export function payloadsOf(rows: readonly HostFlow[]): { inbound: unknown; outbound: unknown }[] {
  return rows.map(({ stat, source }) => {
    assert.equal(source, 'sockets');
    assert.ok(stat !== null && stat.total_inbound_packets > 0 && stat.total_outbound_packets > 0);
    return { inbound: stat.total_inbound_bytes, outbound: stat.total_outbound_bytes };
  });
}

/** Rows without their counters. */
export function withoutStat(rows: readonly HostFlow[]): Partial<HostFlow>[] {
  return rows.map((row) => {
    const copy: Partial<HostFlow> = { ...row };
    delete copy.stat;
    return copy;
  });
}

/** Rows in an order of our own: the program's order is other tests' business. */
export function sorted(rows: readonly HostFlow[]): HostFlow[] {
  const key = (row: HostFlow): string =>
    JSON.stringify([
      row.direction,
      row.protocol,
      row.local,
      row.peer,
      row.via,
      row.source,
      row.stat === null,
    ]);
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
