import { loadLibC } from '../kernel/netlink/socket/libc.js';

/** `struct pollfd`: descriptor, events, revents. */
const POLLFD_BYTES = 8;
const REVENTS_AT = 6;
/** `POLLERR | POLLHUP`: the kernel sets one of them on a pipe or socket whose other end is closed. */
const IS_GONE = 0x08 | 0x10;

/**
 * Makes a test for whether the reader of a pipe has gone. Node.js learns that from a failed write only, and a command that has
 * nothing to write would run on for ever. Without koffi the test is always false.
 */
export async function openReaderProbe(fd: number): Promise<() => boolean> {
  try {
    const libc = await loadLibC();
    const descriptors = new Int16Array(POLLFD_BYTES / 2);
    new Int32Array(descriptors.buffer)[0] = fd;
    const memory = new Uint8Array(descriptors.buffer);
    return () => libc.poll(memory, 1, 0) > 0 && ((descriptors[REVENTS_AT / 2] ?? 0) & IS_GONE) !== 0;
  } catch {
    return () => false;
  }
}
