import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);

test('no two files of src/ and parsers/ have the same name', () => {
  const places = new Map<string, string[]>();
  for (const folder of ['src', 'parsers']) {
    for (const path of readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: 'utf8' })) {
      const name = basename(path);
      if (!name.endsWith('.ts') || name === 'index.ts') continue;
      places.set(name, [...(places.get(name) ?? []), `${folder}/${path}`]);
    }
  }
  assert.deepEqual(
    [...places.values()].filter((paths) => paths.length > 1),
    [],
    'rename one after the thing that only it is about',
  );
});
