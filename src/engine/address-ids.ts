import { formatIpAddress, parseIpAddress } from '../../parsers/address.js';
import { ADDRESS_RANK } from '../model/end-ranks.js';
import { IntTuples } from './int-tuples.js';
import { compareColumns, sortPositions } from '../model/sort-positions.js';

const IPV4_BYTES = 4;
/**
 * The number of texts that are kept. Local addresses are printed again and again, most others once or twice. All texts would take
 * more memory than the flows.
 */
const RECENT_TEXTS = 1024;

/**
 * Gives IP addresses small numbers, so that adding up a table compares and hashes no text. An address has the same id in every
 * spelling. An IPv4-mapped address differs from the IPv4 address.
 */
export class AddressIds {
  private readonly ipv4 = new IntTuples(1);
  private readonly ipv6 = new IntTuples(4);
  private readonly word = new Int32Array(1);
  private readonly words = new Int32Array(4);
  /** The texts that were made last. The text of an id is at `id % RECENT_TEXTS`, if `textIds` has that id there. */
  private readonly texts: string[] = Array<string>(RECENT_TEXTS).fill('');
  private readonly textIds = new Int32Array(RECENT_TEXTS).fill(-1);
  /** The place of each address of `ipv6` in the order of the numbers. Made on demand. */
  private ipv6Places: Uint32Array = new Uint32Array();

  /** The id of an IPv4 address. @param word its four bytes in network order, as one integer */
  idOfIpv4(word: number): number {
    this.word[0] = word;
    return this.ipv4.add(this.word) * 2;
  }

  /** The id of an IPv6 address: its sixteen bytes in network order, as four integers from `words[start]` on. */
  idOfIpv6(words: Int32Array, start: number): number {
    for (let index = 0; index < 4; index++) this.words[index] = words[start + index] ?? 0;
    return this.ipv6.add(this.words) * 2 + 1;
  }

  /** The id of the address in network order at `at`. @param bytes 4 or 16 */
  idAt(view: DataView, at: number, bytes: number): number {
    if (bytes === IPV4_BYTES) return this.idOfIpv4(view.getInt32(at));
    for (let index = 0; index < 4; index++) this.words[index] = view.getInt32(at + index * 4);
    return this.idOfIpv6(this.words, 0);
  }

  /** The id of an address in any spelling. @throws RangeError for text that is no address */
  idOfText(text: string): number {
    const bytes = parseIpAddress(text);
    if (bytes === undefined) throw new RangeError(`not an IP address: ${JSON.stringify(text)}`);
    return this.idAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
  }

  /** The number of addresses. */
  get count(): number {
    return this.ipv4.count + this.ipv6.count;
  }

  /** The id of an address that has the id `id` in the table `other`. */
  adopt(other: AddressIds, id: number): number {
    if (!other.isIpv6(id)) return this.idOfIpv4(other.ipv4Word(id));
    for (let index = 0; index < 4; index++) this.words[index] = other.ipv6.get(id >> 1, index);
    return this.idOfIpv6(this.words, 0);
  }

  isIpv6(id: number): boolean {
    return (id & 1) === 1;
  }

  /** The IPv4 address with this id, as one integer. */
  ipv4Word(id: number): number {
    return this.ipv4.get(id >> 1, 0);
  }

  /** The {@link ADDRESS_RANK} of the address among those of the table. It holds until another address is added. */
  rank(id: number): number {
    if (!this.isIpv6(id)) return ADDRESS_RANK.firstIpv4 + (this.ipv4Word(id) >>> 0);
    if (this.ipv6Places.length !== this.ipv6.count) this.ipv6Places = this.orderIpv6();
    return ADDRESS_RANK.firstIpv6 + (this.ipv6Places[id >> 1] ?? 0);
  }

  private orderIpv6(): Uint32Array {
    const columns = [0, 1, 2, 3].map((word) => ({
      key: (index: number) => this.ipv6.get(index, word) >>> 0,
      descending: false,
    }));
    const order = sortPositions(this.ipv6.count, columns, (a, b) => compareColumns(columns, a, b));
    const places = new Uint32Array(order.length);
    for (const [place, index] of order.entries()) places[index] = place;
    return places;
  }

  /** The canonical text (RFC 5952). */
  text(id: number): string {
    const place = id % RECENT_TEXTS;
    if (this.textIds[place] === id) return this.texts[place] ?? '';
    const text = this.format(id);
    this.textIds[place] = id;
    this.texts[place] = text;
    return text;
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
