import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { isSocketHeader, tryParseSocketLine } from '../../parsers/socket/parse.js';
import type { SocketEntry } from '../../parsers/socket/socket.js';
import type { Diagnostic, UnreadableDiagnostic } from '../diagnostics.js';
import { systemCode, systemReason } from '../errors.js';
import { TCP, UDP } from '../flows/connection.js';
import { SocketEvidence } from '../flows/evidence.js';
import { MalformedLines } from './malformed-lines.js';
import type { ProcFs } from './procfs.js';

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

/** Sockets in these states are no connections (`include/net/tcp_states.h`). */
const NOT_CONNECTED = new Set([
  3 /* SYN_RECV */, 6 /* TIME_WAIT */, 7 /* CLOSE */, 10 /* LISTEN */, 12 /* NEW_SYN_RECV */,
]);
const SYN_SENT = 2;
const LISTEN = 10;
const CLOSE = 7;

/**
 * Reads `net/{tcp,tcp6,udp,udp6}`.
 * @returns the diagnostic instead where not even the first table can be read.
 */
export function readSocketTables(procfs: ProcFs, strict: boolean): SocketTables | UnreadableDiagnostic {
  const evidence = new SocketEvidence();
  const diagnostics: Diagnostic[] = [];
  for (const { file, protocolNumber } of TABLES) {
    const path = procfs.net(file);
    const text = readTable(path);
    if (typeof text === 'string') {
      const malformed = new MalformedLines(path, strict);
      for (const socket of parseTable(text, malformed)) addSocket(socket, protocolNumber, evidence);
      diagnostics.push(...malformed.diagnostics());
    } else if (text !== undefined) {
      if (file === 'tcp') return text;
      diagnostics.push(text);
    }
  }
  return { evidence, diagnostics };
}

function readTable(path: string): string | UnreadableDiagnostic | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isOptional = !path.endsWith('/tcp') && systemCode(error) === 'ENOENT';
    return isOptional ? undefined : { code: 'sockets-unreadable', path, reason: systemReason(error) };
  }
}

function* parseTable(text: string, malformed: MalformedLines): Generator<SocketEntry> {
  const options = { byteOrder: endianness() === 'BE' ? 'big' : 'little', unmapIpv4: true } as const;
  let lineNumber = 0;
  for (const line of text.split('\n')) {
    lineNumber++;
    if (line.trim() === '' || isSocketHeader(line)) continue;
    const result = tryParseSocketLine(line, options);
    if (result.ok) yield result.value;
    else malformed.add(lineNumber, result.error);
  }
}

function addSocket(socket: SocketEntry, protocolNumber: number, evidence: SocketEvidence): void {
  const { local, remote, stateNumber } = socket;
  // An unconnected UDP socket accepts from anyone: it is UDP's listener.
  const listens = stateNumber === (protocolNumber === TCP ? LISTEN : CLOSE) && remote.port === 0;
  const address = evidence.addresses.idOfText(local.address);
  if (listens) {
    if (local.port !== 0) evidence.addListener(protocolNumber, address, local.port);
  } else if (!NOT_CONNECTED.has(stateNumber) && remote.port !== 0) {
    evidence.addLive({
      protocolNumber,
      local: address,
      localPort: local.port,
      remote: evidence.addresses.idOfText(remote.address),
      remotePort: remote.port,
      isOpening: protocolNumber === TCP && stateNumber === SYN_SENT,
    });
  }
}
