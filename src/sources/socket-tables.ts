import { readFileSync } from 'node:fs';
import type { Diagnostic, UnreadableDiagnostic } from '../diagnostics.js';
import { systemCode, systemReason } from '../errors.js';
import { TCP, UDP } from '../flows/connection.js';
import { SocketEvidence } from '../flows/evidence.js';
import { MalformedLines } from './malformed-lines.js';
import type { ProcFs } from './procfs.js';
import { SocketReader } from './read-sockets.js';

/** What the socket tables of a network namespace say. */
export interface SocketTables {
  evidence: SocketEvidence;
  diagnostics: Diagnostic[];
}

/** The tables, the one that every kernel has first; the others are missing where IPv6 is. */
const TABLES = [
  { file: 'tcp', protocolNumber: TCP },
  { file: 'tcp6', protocolNumber: TCP },
  { file: 'udp', protocolNumber: UDP },
  { file: 'udp6', protocolNumber: UDP },
] as const;

/**
 * Reads `net/{tcp,tcp6,udp,udp6}`.
 * @returns the diagnostic instead where not even the first table can be read.
 */
export function readSocketTables(procfs: ProcFs, strict: boolean): SocketTables | UnreadableDiagnostic {
  const evidence = new SocketEvidence();
  const diagnostics: Diagnostic[] = [];
  for (const { file, protocolNumber } of TABLES) {
    const path = procfs.net(file);
    const table = readTable(path);
    if (table === undefined) continue;
    if ('code' in table) {
      if (file === 'tcp') return table;
      diagnostics.push(table);
    } else {
      const malformed = new MalformedLines(path, strict);
      new SocketReader(protocolNumber, evidence, malformed).read(table);
      diagnostics.push(...malformed.diagnostics());
    }
  }
  return { evidence, diagnostics };
}

function readTable(path: string): Buffer | UnreadableDiagnostic | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const isOptional = !path.endsWith('/tcp') && systemCode(error) === 'ENOENT';
    return isOptional ? undefined : { code: 'sockets-unreadable', path, reason: systemReason(error) };
  }
}
