import { formatIpAddress, parseIpAddress } from '../../parsers/address.js';
import { IntTuples } from './int-tuples.js';

const IPV4_BYTES = 4;

/**
 * IP addresses by small numbers, so that adding a table up compares and hashes no text. The same address has the same id,
 * whatever it came as; an IPv4-mapped one is not the IPv4 one.
 */
export class AddressTable {
  private readonly ipv4 = new IntTuples(1);
  private readonly ipv6 = new IntTuples(4);
  private readonly word = new Int32Array(1);
  private readonly words = new Int32Array(4);
  /** Of each family's addresses, made when first asked for. */
  private readonly texts: readonly [string[], string[]] = [[], []];

  /** The id of an IPv4 address: its four bytes in network order, as one integer. */
  idOfIpv4(word: number): number {
    this.word[0] = word;
    const index = this.ipv4.add(this.word);
    if (index === this.texts[0].length) this.texts[0].push('');
    return index * 2;
  }

  /** The id of an IPv6 address: its sixteen bytes in network order, as the four integers from `words[start]` on. */
  idOfIpv6(words: Int32Array, start: number): number {
    for (let index = 0; index < 4; index++) this.words[index] = words[start + index] ?? 0;
    const index = this.ipv6.add(this.words);
    if (index === this.texts[1].length) this.texts[1].push('');
    return index * 2 + 1;
  }

  /** The id of the address whose 4 or 16 bytes, in network order, start at `at`. */
  idAt(view: DataView, at: number, length: number): number {
    if (length === IPV4_BYTES) return this.idOfIpv4(view.getInt32(at));
    for (let index = 0; index < 4; index++) this.words[index] = view.getInt32(at + index * 4);
    return this.idOfIpv6(this.words, 0);
  }

  /** As {@link idAt}, of an array. */
  idOfBytes(bytes: Uint8Array, start: number, length: number): number {
    if (length === IPV4_BYTES) return this.idOfIpv4(wordAt(bytes, start));
    for (let index = 0; index < 4; index++) this.words[index] = wordAt(bytes, start + index * 4);
    return this.idOfIpv6(this.words, 0);
  }

  /** The id of an address in any spelling. @throws RangeError for text that is no address */
  idOfText(text: string): number {
    const bytes = parseIpAddress(text);
    if (bytes === undefined) throw new RangeError(`not an IP address: ${JSON.stringify(text)}`);
    return this.idOfBytes(bytes, 0, bytes.length);
  }

  isIpv6(id: number): boolean {
    return (id & 1) === 1;
  }

  /** The IPv4 address with this id, as one integer. */
  ipv4Word(id: number): number {
    return this.ipv4.get(id >> 1, 0);
  }

  /** The canonical text (RFC 5952). */
  text(id: number): string {
    const texts = this.texts[this.isIpv6(id) ? 1 : 0];
    return (texts[id >> 1] ||= this.format(id));
  }

  private format(id: number): string {
    if (!this.isIpv6(id)) {
      const word = this.ipv4Word(id);
      return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
    }
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < 4; index++) view.setInt32(index * 4, this.ipv6.get(id >> 1, index));
    return formatIpAddress(bytes);
  }
}

/** Four bytes in network order as one integer; by hand, since a `DataView` would be an object for each address. */
function wordAt(bytes: Uint8Array, start: number): number {
  let word = 0;
  for (let index = 0; index < 4; index++) word = (word << 8) | (bytes[start + index] ?? 0);
  return word;
}
