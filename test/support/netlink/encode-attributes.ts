import { HOST_IS_LITTLE_ENDIAN } from '../../../src/kernel/netlink/message/byte-order.js';
import { ATTRIBUTE_HEADER_BYTES } from '../../../src/kernel/netlink/message/attribute.js';
import { align } from '../../../src/kernel/netlink/message/message.js';

/** `NLA_F_NESTED` */
const NESTED_FLAG = 0x8000;

/** An attribute to be built: bytes, or the attributes nested in it. */
export interface Attribute {
  type: number;
  payload: Uint8Array | readonly Attribute[];
}

/** The bytes of the attributes, one after the other, each padded. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  return Buffer.concat(attributes.map(encodeAttribute));
}

function encodeAttribute({ type, payload }: Attribute): Uint8Array {
  const isNested = !(payload instanceof Uint8Array);
  const inner = isNested ? encodeAttributes(payload) : payload;
  const length = ATTRIBUTE_HEADER_BYTES + inner.length;
  const bytes = new Uint8Array(align(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, HOST_IS_LITTLE_ENDIAN);
  view.setUint16(2, isNested ? type | NESTED_FLAG : type, HOST_IS_LITTLE_ENDIAN);
  bytes.set(inner, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}
