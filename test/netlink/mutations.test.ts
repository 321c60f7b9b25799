/** Damaged messages give a result or a NetlinkError; any other exception, a read out of bounds included, fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { capture, Decoder, skipCaptures } from '../support/netlink/capture-decoder.js';
import { mutate, randomFrom } from '../support/netlink/mutate-bytes.js';

const NAMES = ['conntrack.bin', 'error.bin', 'tcp.bin', 'tcp6.bin', 'udp.bin', 'udp6.bin'];

function survives(decoder: Decoder, bytes: Uint8Array): 'decoded' | 'refused' {
  try {
    decoder.decode(bytes);
    return 'decoded';
  } catch (error) {
    assert.ok(error instanceof NetlinkError, String(error));
    assert.match(error.message, /^[^\n]{10,}$/);
    return 'refused';
  }
}

test('damaged dumps', { skip: skipCaptures }, () => {
  const dumps = NAMES.map(capture);
  const decoder = new Decoder();
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...dumps), fc.nat(), (dump, seed) => {
      seen.add(survives(decoder, mutate(dump, randomFrom(seed))));
    }),
    { numRuns: 2000 },
  );
  assert.deepEqual([...seen].sort(), ['decoded', 'refused']);
});

test("a message stays one line whatever the kernel's own words are", { skip: skipCaptures }, () => {
  const words = 'failed policy';
  const dump = capture('error.bin');
  const at = Buffer.from(dump.buffer).indexOf(words);
  assert.ok(at > 0);
  dump[at + words.indexOf(' ')] = '\n'.charCodeAt(0);
  assert.throws(() => {
    new Decoder().decode(dump);
  }, /: Attribute failedpolicy validation$/);
});

test('a dump cut anywhere but between messages is malformed', { skip: skipCaptures }, () => {
  const dump = capture('conntrack.bin');
  const decoder = new Decoder();
  const view = new DataView(dump.buffer);
  const starts = new Set<number>();
  for (let at = 0; at < dump.length; at += view.getUint32(at, true)) starts.add(at);
  for (let end = 0; end < dump.length; end++) {
    assert.equal(
      survives(decoder, dump.slice(0, end)),
      starts.has(end) ? 'decoded' : 'refused',
      `cut at ${end}`,
    );
  }
});

test('a layout that is known changes nothing: fresh and used decoders agree', { skip: skipCaptures }, () => {
  const dump = capture('conntrack.bin');
  const used = new Decoder();
  used.decode(dump);
  const outcome = (decoder: Decoder, bytes: Uint8Array): unknown => {
    try {
      return decoder.decode(bytes);
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const bytes = mutate(dump, randomFrom(seed));
      assert.deepEqual(outcome(used, bytes), outcome(new Decoder(), bytes));
    }),
    { numRuns: 500 },
  );
});

test('random bytes', () => {
  const decoder = new Decoder();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void survives(decoder, bytes)));
});
