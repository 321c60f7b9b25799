/**
 * Decodes a million mutated real messages. Each must give a result or a NetlinkError.
 * `npm run fuzz:netlink [-- COUNT [SEED]]`
 */
import { NetlinkError } from '../src/kernel/netlink/netlink-error.js';
import { readU32 } from '../src/kernel/netlink/message/byte-order.js';
import { align } from '../src/kernel/netlink/message/message.js';
import { capture, Decoder } from '../test/support/netlink/capture-decoder.js';
import { mutate, randomFrom } from '../test/support/netlink/mutate-bytes.js';

const [count = 1_000_000, seed = Date.now() >>> 0] = process.argv.slice(2).map(Number);

/** Splits a capture into its messages. */
function messages(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = align(readU32(view, at));
    found.push(bytes.subarray(at, at + length));
    at += length;
  }
  return found;
}

const originals = ['conntrack.bin', 'error.bin', 'tcp.bin', 'tcp6.bin', 'udp.bin', 'udp6.bin'].flatMap(
  (name) => messages(capture(name)),
);
const random = randomFrom(seed);
const decoder = new Decoder();
let decoded = 0;
const refused = new Map<string, number>();
// Most messages end in an error, and recording its stack would take most of the time.
Error.stackTraceLimit = 0;
const started = performance.now();
for (let run = 0; run < count; run++) {
  const original = originals[random() % originals.length];
  if (original === undefined) throw new Error('no captures');
  const bytes = mutate(original, random);
  try {
    decoder.decode(bytes);
    decoded++;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.message === '') {
      console.error(`seed ${seed}, run ${run}: ${Buffer.from(bytes).toString('hex')}`);
      throw error;
    }
    refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `${count} messages in ${seconds} s (seed ${seed}): ${decoded} decoded; refused:`,
  Object.fromEntries(refused),
);
