/** `hostflow/parsers` is light: an import of it loads few files and packages. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { Consumer, MANIFEST, MODULES } from './consumer.js';

/** The packages that a module may load, for those that have to be light. */
const LIGHT: Readonly<Record<string, readonly string[]>> = {
  'hostflow/parsers': ['split2'],
  'hostflow/parsers/arbitraries': ['fast-check', 'split2'],
};

/** All that importing a file loads: the package's own files, and what it names besides. */
function graphOf(file: string, files = new Set<string>(), others = new Set<string>()) {
  if (files.has(file)) return { files, others };
  files.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) graphOf(join(file, '..', fileName), files, others);
    else others.add(fileName);
  }
  return { files, others };
}

for (const module of MODULES) {
  const allowed = LIGHT[module];
  if (allowed === undefined) continue;
  const project = new Consumer(allowed);

  test(`${module} imports ${allowed.join(', ')} and Node.js's own modules, and nothing from src/`, () => {
    const target = MANIFEST.exports[`.${module.slice('hostflow'.length)}`];
    assert.ok(typeof target === 'object' && target['default'] !== undefined);
    const { files, others } = graphOf(join(project.package, target['default']));
    const outside = [...files].filter((file) => !file.startsWith(join(project.package, 'dist/parsers')));
    assert.deepEqual(outside, []);
    assert.deepEqual(
      [...others].filter((name) => !name.startsWith('node:') && !allowed.includes(name)),
      [],
    );
  });

  test(`${module} loads where there is no src/, and no package but ${allowed.join(', ')}`, () => {
    rmSync(join(project.package, 'dist/src'), { recursive: true });
    const { status, stderr } = project.runModule('light.mjs', `import '${module}';`);
    assert.deepEqual([status, stderr], [0, '']);
    // It is a proof because commander and table are out of reach in this project.
    const heavy = project.runModule('heavy.mjs', `import 'commander';`);
    assert.match(heavy.stderr, /ERR_MODULE_NOT_FOUND/);
  });
}
