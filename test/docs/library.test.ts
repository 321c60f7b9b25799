import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { codeBlocks, readText, ROOT, sectionOf } from './markdown.js';

// Inside the package, so that `hostflow` is found by its own name, as in a program that depends on it.
const CACHE = fileURLToPath(new URL('dist/test/', ROOT));
mkdirSync(CACHE, { recursive: true });
const directory = mkdtempSync(join(CACHE, 'docs-library-'));
after(() => {
  rmSync(directory, { recursive: true });
});

const library = readText('docs/library.md');
const blocks = codeBlocks(library);
const languages: Readonly<Record<string, string>> = { js: 'mjs' };

for (const [index, block] of blocks.entries()) {
  const [language = '', word] = block.info.split(' ');
  if (word !== 'runnable') continue;
  void test(`docs/library.md, line ${block.line}: the example runs and prints what is shown`, () => {
    const extension = languages[language];
    assert.ok(extension !== undefined, `an example in ${language} can be run`);
    const file = join(directory, `${block.line}.${extension}`);
    writeFileSync(file, block.text);
    const run = spawnSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8' });
    assert.equal(run.stderr, '');
    assert.equal(run.status, 0);
    const shown = blocks[index + 1];
    if (shown?.info === 'text') assert.equal(run.stdout, shown.text);
  });
}

void test('every block of code in the library guide is run', () => {
  const code = blocks.filter(({ info }) => info !== 'text');
  assert.ok(code.length > 5);
  assert.deepEqual(
    code.filter(({ info }) => !info.endsWith(' runnable')),
    [],
  );
});

void test('the library guide names every function that there is', async () => {
  for (const [heading, module] of [
    ['## `hostflow`: `snapshot(options)`', await import('hostflow')],
    ['## `hostflow/parsers`', await import('hostflow/parsers')],
  ] as const) {
    const text = sectionOf(library, heading);
    assert.deepEqual(
      Object.keys(module).filter((name) => !text.includes(name)),
      [],
    );
  }
});
