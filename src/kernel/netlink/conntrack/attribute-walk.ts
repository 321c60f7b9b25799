import {
  ATTRIBUTE_HEADER_BYTES,
  attributeLength,
  attributeType,
  expectPayload,
} from '../message/attribute.js';
import { align } from '../message/message.js';

/** The offset of a field that the message does not have. */
export const ABSENT = -1;

/** Steps through attributes and notes the places of their headers. The headers alone decide the layout. */
export class AttributeWalk {
  /** Offsets of headers, from `base`. */
  readonly headers: number[] = [];
  readonly view: DataView;
  readonly base: number;

  constructor(view: DataView, base: number) {
    this.view = view;
    this.base = base;
  }

  /**
   * Visits the attributes from `start` to `end` with type, offset of the payload from `base`, and payload length.
   * @throws NetlinkError `malformed`
   */
  each(start: number, end: number, visit: (type: number, at: number, length: number) => void): void {
    for (let at = start; at < end;) {
      const length = attributeLength(this.view, this.base + at, this.base + end);
      this.headers.push(at);
      visit(
        attributeType(this.view, this.base + at),
        at + ATTRIBUTE_HEADER_BYTES,
        length - ATTRIBUTE_HEADER_BYTES,
      );
      at += align(length);
    }
  }

  /** Checks that a payload has the bytes of its type. @returns its offset @throws NetlinkError `malformed` */
  fixed(name: string, at: number, length: number, bytes: number): number {
    expectPayload(name, this.base + at, length, bytes);
    return at;
  }
}
