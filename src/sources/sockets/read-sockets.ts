import { endianness } from 'node:os';
import { lineTooLong, LineSplitter, type LineSink } from '../../../parsers/lines.js';
import { isSocketHeader, tryParseSocketLine } from '../../../parsers/socket/parse-socket.js';
import { DECLINED, SocketScanner } from '../../../parsers/socket/scan-socket.js';
import type { SocketEvidence } from '../../engine/evidence.js';
import type { MalformedLines } from '../text/malformed-lines.js';
import { noteSocket } from './note-socket.js';

const BYTE_ORDER = endianness() === 'BE' ? 'big' : 'little';
/** The third of the four words of an IPv4-mapped address. The two words before it are 0. */
const MAPPED_WORD = 0xffff;

/** Reads a socket table into `evidence`. Malformed lines go to `malformed`. */
export class SocketReader implements LineSink {
  private readonly splitter = new LineSplitter(this);
  private readonly scanner = new SocketScanner(BYTE_ORDER);
  private readonly protocolNumber: number;
  private readonly evidence: SocketEvidence;
  private readonly malformed: MalformedLines;

  constructor(protocolNumber: number, evidence: SocketEvidence, malformed: MalformedLines) {
    this.protocolNumber = protocolNumber;
    this.evidence = evidence;
    this.malformed = malformed;
  }

  read(table: Uint8Array): void {
    this.splitter.push(table);
    this.splitter.end();
  }

  quick(bytes: Buffer, start: number): number {
    const { scanner } = this;
    const end = scanner.scan(bytes, start);
    if (end === DECLINED) return end;
    const { stateNumber, localPort, remotePort } = scanner;
    this.add(stateNumber, this.scannedAddress(0), localPort, this.scannedAddress(4), remotePort);
    return end;
  }

  line(bytes: Buffer, start: number, end: number): void {
    const line = bytes.toString('utf8', start, end);
    if (line.trim() === '' || isSocketHeader(line)) return;
    const result = tryParseSocketLine(line, { byteOrder: BYTE_ORDER, unmapIpv4: true });
    if (!result.ok) {
      this.malformed.add(this.splitter.lineNumber, result.error);
      return;
    }
    const { local, remote, stateNumber } = result.value;
    const { addresses } = this.evidence;
    const [localId, remoteId] = [addresses.idOfText(local.address), addresses.idOfText(remote.address)];
    this.add(stateNumber, localId, local.port, remoteId, remote.port);
  }

  tooLong(bytes: Buffer, start: number, end: number): void {
    const beginning = bytes.toString('utf8', start, Math.min(end, start + 200));
    this.malformed.add(this.splitter.lineNumber, lineTooLong(beginning));
  }

  /** The id of the address from `addresses[start]` on. An IPv4-mapped address becomes the IPv4 address. */
  private scannedAddress(start: number): number {
    const { isIpv6, addresses: words } = this.scanner;
    const { addresses } = this.evidence;
    if (!isIpv6) return addresses.idOfIpv4(words[start] ?? 0);
    const isMapped = words[start] === 0 && words[start + 1] === 0 && words[start + 2] === MAPPED_WORD;
    return isMapped ? addresses.idOfIpv4(words[start + 3] ?? 0) : addresses.idOfIpv6(words, start);
  }

  private add(
    stateNumber: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
  ): void {
    const { protocolNumber, evidence } = this;
    noteSocket(evidence, protocolNumber, stateNumber, [local, localPort], [remote, remotePort]);
  }
}
