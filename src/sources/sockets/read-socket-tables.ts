import { readFileSync } from 'node:fs';
import type { Diagnostic, SocketBytes } from '../../model/diagnostics.js';
import type { Unreadable } from '../../model/unreadable.js';
import { systemCode, systemReason } from '../../model/errors.js';
import { TCP, UDP } from '../../engine/connection.js';
import type { AddressIds } from '../../engine/address-ids.js';
import { SocketEvidence } from '../../engine/evidence.js';
import { ephemeralPortsOf, EPHEMERAL_PORTS_FILE } from '../ephemeral-ports.js';
import { MalformedLines } from '../text/malformed-lines.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';
import { SocketReader } from './read-sockets.js';
import { SourceFailure, type SocketTables } from '../source.js';

/** The tables. Every kernel has the first. Some of the others are missing without IPv6. */
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/** A file of `net/`. */
export type SocketTableName = (typeof TABLES)[number];

/** Reads the sockets in `net/{tcp,tcp6,udp,udp6}`. @throws SourceFailure if the first table cannot be read */
export function readSocketTables(procfs: ProcFs, strict: boolean, addresses?: AddressIds): SocketTables {
  const evidence = new SocketEvidence(addresses);
  evidence.ephemeralPorts = ephemeralPortsOf(procfs.sysctl(EPHEMERAL_PORTS_FILE) ?? '');
  const diagnostics: Diagnostic[] = [];
  const bytes: SocketBytes = { known: false };
  for (const table of TABLES) {
    const failure = readSocketTable(procfs, table, evidence, strict, diagnostics);
    if (failure === undefined) continue;
    if (table === 'tcp') throw new SourceFailure(failure);
    diagnostics.push({ code: 'sockets-unreadable', failure });
  }
  return { evidence, bytes, diagnostics };
}

/** Reads one table. @returns the failure, if it cannot be read; a table that the kernel does not have is no failure */
export function readSocketTable(
  procfs: ProcFs,
  table: SocketTableName,
  evidence: SocketEvidence,
  strict: boolean,
  diagnostics: Diagnostic[],
): Unreadable | undefined {
  const path = procfs.net(table);
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    if (table !== 'tcp' && systemCode(error) === 'ENOENT') return undefined;
    return { code: 'sockets-unreadable', path, reason: systemReason(error) };
  }
  const malformed = new MalformedLines(path, strict);
  new SocketReader(table.startsWith('tcp') ? TCP : UDP, evidence, malformed).read(text);
  diagnostics.push(...malformed.diagnostics());
  return undefined;
}
