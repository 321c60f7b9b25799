import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeConntrackText } from '../../bench/place/conntrack-text.js';
import { entryOf, LOCAL_ADDRESS, type Extent, type MadeEntry } from '../../bench/place/entries.js';
import { parseConntrackLine } from '../../parsers/index.js';
import { snapshot } from '../../src/index.js';

function entriesOf(extent: Extent): MadeEntry[] {
  return Array.from({ length: extent.entries }, (_, index) => entryOf(index, extent));
}

/** The key of an entry's host flow, made from the tuple alone. */
function flowKey({ protocol, source, destination, destinationPort }: MadeEntry): string {
  const isActive = source === LOCAL_ADDRESS;
  return [protocol, isActive, isActive ? destination : source, destinationPort].join(' ');
}

for (const extent of [
  { entries: 12_000, flows: 4000 },
  { entries: 300_000, flows: 300_000 },
  { entries: 7, flows: 3 },
]) {
  test(`${extent.entries} made entries are of ${extent.flows} host flows, and no two have the same tuple`, () => {
    const entries = entriesOf(extent);
    const tuples = entries.map((entry) => `${flowKey(entry)} ${entry.sourcePort}`);
    assert.equal(new Set(tuples).size, extent.entries);
    assert.equal(new Set(entries.map(flowKey)).size, extent.flows);
  });
}

test('the text made of them is conntrack text, with their values in it', async () => {
  const extent = { entries: 1000, flows: 100 };
  const directory = mkdtempSync(join(tmpdir(), 'hostflow-'));
  const path = join(directory, 'text');
  try {
    writeConntrackText(path, extent);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const entries = entriesOf(extent);
    assert.equal(lines.length, extent.entries);
    for (const [index, line] of lines.entries()) {
      const { original, reply, originalCounters, replyCounters } = parseConntrackLine(line);
      const made = entries[index];
      assert.equal(original.source, made?.source);
      assert.equal(reply.destination, made?.source);
      assert.deepEqual(originalCounters, { packets: made?.packets, bytes: made?.bytes });
      assert.deepEqual(replyCounters, { packets: made?.replyPackets, bytes: made?.replyBytes });
    }
    const { flows, warnings } = await snapshot({ input: path, local: [LOCAL_ADDRESS], names: false });
    assert.equal(flows.length, extent.flows);
    assert.deepEqual(warnings, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
