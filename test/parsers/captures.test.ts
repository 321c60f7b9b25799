/** Real captures: what the kernel and `conntrack` printed is read, and printed again to the byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatConntrackEntry, parseConntrackLine } from '../../parsers/index.js';

function lines(name: string): string[] {
  const text = readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

for (const [name, style] of [
  ['linux-6.18/nf_conntrack', 'nf_conntrack'],
  ['proc-web-server/net/nf_conntrack', 'nf_conntrack'],
  ['linux-6.18/conntrack-L.txt', 'conntrack'],
  ['linux-6.18/conntrack-L-extended-id-ktimestamp-labels.txt', 'conntrack-extended'],
] as const) {
  test(`${name}: each line reads and prints the same`, () => {
    for (const line of lines(name)) {
      assert.equal(formatConntrackEntry(parseConntrackLine(line), style), line);
    }
  });
}
