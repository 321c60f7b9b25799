import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { entryOf, type Extent, type MadeEntry } from './entries.js';
import { ROOT } from '../repository.js';

const CAPTURE = new URL('fixtures/linux-6.18/conntrack-L.txt', ROOT);
const CHUNK_CHARACTERS = 1 << 20;

/** The text between the rewritten fields. */
type Template = readonly string[];

/** Matches the rewritten fields: timeout, then addresses, ports and counters of both directions. */
const REWRITTEN =
  /^(\w+ +\d+ )\d+( [^=]*?src=)[\d.]+( dst=)[\d.]+( sport=)\d+( dport=)\d+( packets=)[1-9]\d*( bytes=)\d+( src=)[\d.]+( dst=)[\d.]+( sport=)\d+( dport=)\d+( packets=)[1-9]\d*( bytes=)\d+( .*)$/;

/**
 * Writes a file in the format of `conntrack -L`: lines with traffic from the real capture (`fixtures/`), with other
 * addresses, ports, counters and timeouts.
 */
export function writeConntrackText(path: string, extent: Extent): void {
  const templates = readTemplates();
  const fd = openSync(path, 'w');
  try {
    let text = '';
    for (let index = 0; index < extent.entries; index++) {
      const entry = entryOf(index, extent);
      const ofProtocol = templates[entry.protocol];
      text += conntrackLine(ofProtocol[entry.flow % ofProtocol.length] ?? [], entry);
      if (text.length < CHUNK_CHARACTERS) continue;
      writeSync(fd, text);
      text = '';
    }
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/** The lines of the capture that can be rewritten, by protocol. */
function readTemplates(): Record<MadeEntry['protocol'], readonly Template[]> {
  const templates: Record<MadeEntry['protocol'], Template[]> = { tcp: [], udp: [] };
  for (const line of readFileSync(CAPTURE, 'utf8').split('\n')) {
    const [, ...parts] = REWRITTEN.exec(line) ?? [];
    const protocol = /^(?:tcp|udp)(?= )/.exec(line)?.[0] as MadeEntry['protocol'] | undefined;
    if (parts.length > 0 && protocol !== undefined) templates[protocol].push(parts);
  }
  if (templates.tcp.length === 0 || templates.udp.length === 0)
    throw new Error(`no lines to rewrite in ${CAPTURE.href}`);
  return templates;
}

/** One line with the entry's values, including its line end. */
function conntrackLine(template: Template, entry: MadeEntry): string {
  const { source, destination, sourcePort, destinationPort } = entry;
  const values = [
    entry.timeoutSeconds,
    source,
    destination,
    sourcePort,
    destinationPort,
    entry.packets,
    entry.bytes,
    destination,
    source,
    destinationPort,
    sourcePort,
    entry.replyPackets,
    entry.replyBytes,
    '\n',
  ];
  let line = '';
  for (let index = 0; index < values.length; index++)
    line += `${template[index] ?? ''}${values[index] ?? ''}`;
  return line;
}
