import { sanitizeText } from '../../../model/sanitize.js';
import { ATTRIBUTE_HEADER_BYTES, attributeLength, attributeType, payloadText } from './attribute.js';
import { readU32 } from './byte-order.js';
import { errnoText, isPermission, malformed, NetlinkError } from '../netlink-error.js';
import { align, MESSAGE_FLAG, MESSAGE_HEADER_BYTES, type MessageHeader } from './message.js';

/** `NLMSGERR_ATTR_MSG`: the extended acknowledgement's text. */
const ATTR_MSG = 1;
const ERRNO_BYTES = 4;

/**
 * The error in an `NLMSG_ERROR` or `NLMSG_DONE`; undefined if it reports success (an acknowledgement, or a dump's good end).
 *
 * `struct nlmsgerr` is the negated errno, then the header of the request. The request's payload follows unless `NLM_F_CAPPED` is
 * set. An `NLMSG_DONE` has the errno alone. With `NLM_F_ACK_TLVS` the attributes of the extended acknowledgement come last.
 * @throws NetlinkError `malformed` for a message that is cut
 */
export function readKernelError(
  view: DataView,
  header: MessageHeader,
  kind: 'error' | 'done',
  asked: string,
): NetlinkError | undefined {
  const { bodyAt, end, flags } = header;
  const room = end - bodyAt;
  // Dumps of kernels before 2.6.20 end in an empty NLMSG_DONE.
  if (kind === 'done' && room === 0) return undefined;
  if (room < ERRNO_BYTES) throw malformed(`${room} bytes where an error number has to be`, bodyAt);
  // The number is signed: kernels send -errno, and some dumps end in a positive length.
  const errno = -(readU32(view, bodyAt) | 0);
  if (errno <= 0) return undefined;
  let tlvsAt = bodyAt + ERRNO_BYTES;
  if (kind === 'error') {
    if (room < ERRNO_BYTES + MESSAGE_HEADER_BYTES) {
      throw malformed(`an error of ${room} bytes, without the request's header`, bodyAt);
    }
    const echoed = (flags & MESSAGE_FLAG.capped) !== 0 ? MESSAGE_HEADER_BYTES : readU32(view, tlvsAt);
    if (echoed < MESSAGE_HEADER_BYTES || echoed > end - tlvsAt) {
      throw malformed(`an error that repeats ${echoed} bytes of the request`, tlvsAt);
    }
    tlvsAt += align(echoed);
  }
  const detail = (flags & MESSAGE_FLAG.ackTlvs) === 0 ? undefined : extendedText(view, tlvsAt, end);
  const text = `${asked}: ${errnoText(errno)}${detail === undefined ? '' : `: ${sanitizeText(detail)}`}`;
  return new NetlinkError(isPermission(errno) ? 'not-permitted' : 'refused', text, { errno });
}

function extendedText(view: DataView, start: number, end: number): string | undefined {
  let text: string | undefined;
  for (let at = start; at < end;) {
    const length = attributeLength(view, at, end);
    if (attributeType(view, at) === ATTR_MSG) {
      text = payloadText(view, at + ATTRIBUTE_HEADER_BYTES, length - ATTRIBUTE_HEADER_BYTES);
    }
    at += align(length);
  }
  return text;
}
