import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FORMATS, render } from '../../src/render/index.js';
import {
  arbitraryMeasuredRow,
  arbitraryRow,
  chunksOf,
  exampleRow,
  textOf,
} from '../support/row-arbitrary.js';

for (const format of FORMATS) {
  test(`${format}: control characters never get through, whatever a name holds`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(arbitraryRow), fc.array(arbitraryMeasuredRow)),
        fc.constantFrom(undefined, 80),
        fc.boolean(),
        async (rows, columns, rates) => {
          const text = await textOf(render(format, rows, { human: true, limit: 0, columns, rates }));
          assert.doesNotMatch(text, /[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
          assert.doesNotMatch(text, /\r(?!\n)/);
          if (format !== 'csv') assert.doesNotMatch(text, /\r/);
        },
      ),
    );
  });

  test(`${format}: a long listing comes in chunks of some size that end at a line end`, async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => exampleRow({ connections: index }));
    const chunks = await chunksOf(render(format, rows, { human: false, limit: 0 }));
    assert.ok(chunks.length > 5);
    for (const chunk of chunks) assert.match(chunk, /\n$/);
    for (const chunk of chunks.slice(0, -1)) assert.ok(chunk.length >= 65_536 && chunk.length < 66_500);
  });
}
