import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { test } from 'node:test';
import { Consumer, MANIFEST, ROOT } from './consumer.js';

const { package: unpacked } = new Consumer([]);

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(directory.length + 1))
    .map((path) => path.split(sep).join('/'));
}

test('the tarball holds what a user needs, and nothing else', () => {
  const modules = ['parsers', 'src'].flatMap((directory) =>
    filesUnder(join(ROOT, directory)).map((path) => `dist/${directory}/${path.replace(/\.ts$/, '')}`),
  );
  const expected = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
    ...modules.flatMap((module) => [`${module}.d.ts`, `${module}.js`]),
  ];
  assert.deepEqual(filesUnder(unpacked).sort(), expected.sort());
});

test('no file of the tarball names a source map', () => {
  for (const path of filesUnder(unpacked)) {
    assert.doesNotMatch(readFileSync(join(unpacked, path), 'utf8'), /sourceMappingURL/, path);
  }
});

test('every path that package.json names is in the tarball', () => {
  const exported = Object.values(MANIFEST.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  for (const path of [...exported, ...Object.values(MANIFEST.bin)]) {
    assert.ok(existsSync(join(unpacked, path)), path);
  }
});
