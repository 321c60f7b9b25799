import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const ROOT = new URL('../../../', import.meta.url);

/** The rules about walls alone: they need no types, so a snippet takes milliseconds. */
const eslint = new ESLint({
  cwd: fileURLToPath(ROOT),
  ruleFilter: ({ ruleId }) => ruleId.startsWith('walls/') || ruleId === 'no-restricted-globals',
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: false } },
  },
});

/** The rules that a snippet breaks, as part of a new file. */
async function broken(path: string, code: string): Promise<{ rules: string[]; messages: string[] }> {
  const [result] = await eslint.lintText(code, { filePath: fileURLToPath(new URL(path, ROOT)) });
  const messages = result?.messages ?? [];
  return {
    rules: messages.map(({ ruleId, message }) => ruleId ?? message),
    messages: messages.map(({ message }) => message),
  };
}

/** The rooms of today, top to bottom. Each may import from those that stand in its list. */
const HOUSE: Readonly<Record<string, readonly string[]>> = {
  cli: ['live', 'library', 'render', 'sources', 'names', 'engine', 'kernel', 'model'],
  live: ['library', 'render', 'sources', 'names', 'engine', 'kernel', 'model'],
  library: ['render', 'sources', 'names', 'engine', 'kernel', 'model'],
  render: ['model'],
  sources: ['names', 'engine', 'kernel', 'model'],
  names: ['model'],
  engine: ['model'],
  kernel: ['model'],
  model: [],
};
const ROOMS = Object.keys(HOUSE);

test('every folder of src/ is a room with walls', () => {
  const folders = readdirSync(new URL('src/', ROOT), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(new Set(folders), new Set(ROOMS));
});

for (const [room, below] of Object.entries(HOUSE)) {
  test(`${room}/ sees the rooms below, parsers/, and no other`, async () => {
    const path = `src/${room}/folder/new.ts`;
    for (const other of ROOMS.filter((name) => name !== room)) {
      const { rules } = await broken(path, `import { x } from '../../${other}/x.js';`);
      assert.deepEqual(rules, below.includes(other) ? [] : [`walls/${room}`], other);
    }
    const outside = [
      '../../index.js',
      '../../../test/support/fake-host.js',
      '../../../parsers/arbitraries/index.js',
    ];
    for (const other of outside) {
      assert.deepEqual((await broken(path, `import '${other}';`)).rules, [`walls/${room}`], other);
    }
    const inside = `import './x.js'; import '../x.js'; import '../../../parsers/counter.js';`;
    assert.deepEqual((await broken(path, inside)).rules, []);
  });
}

test('every way to name a module is seen', async () => {
  const ways = [
    `import type { X } from '../cli/x.js';`,
    `export { x } from '../cli/x.js';`,
    `export * from '../cli/x.js';`,
    `export const x = await import('../cli/x.js');`,
    `export type X = import('../cli/x.js').X;`,
  ];
  for (const way of ways)
    assert.deepEqual((await broken('src/model/new.ts', way)).rules, ['walls/model'], way);
});

test('a message names the room, and where code goes instead', async () => {
  const { messages } = await broken('src/engine/new.ts', `import '../kernel/netlink/asker.js';`);
  assert.match(
    messages[0] ?? '',
    /^engine\/ is pure.*src\/kernel\/netlink\/asker\.ts.*into sources\/.*into model\/\.$/,
  );
});

test('pure rooms load nothing of Node.js, neither wait nor look at the clock', async () => {
  for (const room of ['engine', 'model', 'render']) {
    const path = `src/${room}/new.ts`;
    assert.deepEqual((await broken(path, `import 'node:fs';`)).rules, [`walls/${room}`]);
    assert.deepEqual((await broken(path, `setTimeout(() => performance.now());`)).rules.length, 2, room);
  }
});

test('a package belongs to one room', async () => {
  for (const [name, owner] of [
    ['commander', 'cli'],
    ['table', 'render'],
    ['koffi', 'kernel'],
  ] as const) {
    for (const room of ROOMS) {
      const { rules } = await broken(`src/${room}/new.ts`, `import '${name}';`);
      assert.deepEqual(rules, room === owner ? [] : [`walls/${room}`], `${room} ${name}`);
    }
  }
});

test('only src/cli/main.ts touches process', async () => {
  for (const room of ROOMS) {
    assert.deepEqual((await broken(`src/${room}/new.ts`, `process.exit();`)).rules, [
      'no-restricted-globals',
    ]);
  }
  assert.deepEqual((await broken('src/cli/main.ts', `process.exit();`)).rules, []);
});

test('the face of the library takes values from library/ and model/, and types from below', async () => {
  const of = async (code: string): Promise<string[]> => (await broken('src/index.ts', code)).rules;
  assert.deepEqual(await of(`export { x } from './library/x.js'; export { y } from './model/y.js';`), []);
  assert.deepEqual(await of(`export type { X } from './render/x.js';`), []);
  assert.deepEqual(await of(`export { type X } from './sources/x.js';`), []);
  assert.deepEqual(await of(`export { x, type X } from './render/x.js';`), ['walls/index.ts']);
  assert.deepEqual(await of(`export type { X } from './cli/x.js';`), ['walls/index.ts']);
});

test('parsers/ stands alone, and fast-check is for its arbitraries', async () => {
  const code = `import '../src/model/x.js'; import '../test/support/x.js'; import 'node:fs'; import 'fast-check'; import './arbitraries/x.js';`;
  assert.deepEqual((await broken('parsers/new.ts', code)).rules, Array(5).fill('walls/parsers'));
  assert.deepEqual((await broken('parsers/new.ts', `import 'split2'; import 'node:stream';`)).rules, []);
  const arbitrary = `import 'fast-check'; import '../counter.js';`;
  assert.deepEqual((await broken('parsers/arbitraries/new.ts', arbitrary)).rules, []);
  const wrong = `import '../../src/model/x.js';`;
  assert.deepEqual((await broken('parsers/arbitraries/new.ts', wrong)).rules, ['walls/parsers/arbitraries']);
});

test('a file of src/ stands in a room', async () => {
  assert.deepEqual((await broken('src/flows/new.ts', '')).rules, ['walls/rooms']);
  assert.deepEqual((await broken('src/new.ts', '')).rules.includes('walls/rooms'), true);
});
