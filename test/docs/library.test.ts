import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testExamples } from './examples.js';
import { readText } from './markdown.js';

const PAGE = 'docs/library.md';
const examples = testExamples(PAGE);

test('the library guide has examples', () => {
  assert.ok(examples.length >= 3);
});

test('the library guide names every function that there is', async () => {
  const library = readText(PAGE);
  const names = Object.keys(await import('hostflow'));
  assert.deepEqual(
    names.filter((name) => !library.includes(name)),
    [],
  );
});
