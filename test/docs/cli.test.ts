import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { codeBlocks, readText, ROOT } from './markdown.js';

const MAIN = fileURLToPath(new URL('dist/src/cli/main.js', ROOT));
const COMMAND = /^\$ (?:hostflow|npm start --) (.*)\n/;

function hostflow(args: readonly string[]): { status: number | null; stderr: string; stdout: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: ROOT, encoding: 'utf8', input: '' });
}

/** The long flags in a text. */
function longFlags(text: string): string[] {
  return [...new Set(text.match(/(?<![\w-])--[a-z]+(?:-[a-z]+)*/g))].sort();
}

for (const path of ['README.md', 'docs/cli.md', 'docs/directions.md', 'docs/recipes.md']) {
  const examples = codeBlocks(readText(path)).filter(({ info }) => info === 'console');
  test(`${path} has examples`, () => {
    assert.ok(examples.length > 0);
  });
  for (const { text, line } of examples) {
    test(`${path}, line ${line}: the command prints what is shown`, () => {
      const command = COMMAND.exec(text);
      assert.ok(command !== null, 'a console block begins with a hostflow command');
      const args = (command[1] ?? '').split(' ');
      const { stderr, stdout, status } = hostflow(args);
      assert.equal(stderr + stdout.replaceAll('\r\n', '\n'), text.slice(command[0].length));
      assert.equal(status, 0);
    });
  }
}

test('docs/cli.md describes every flag of --help, and no other', () => {
  const described = [...readText('docs/cli.md').matchAll(/\*\*`([^`]+)`\*\*/g)].map((match) => match[1]);
  const { stdout } = hostflow(['--help']);
  const inHelp = stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm);
  assert.deepEqual(longFlags(described.join(' ')), [...new Set([...inHelp].map((match) => match[1]))].sort());
});

test('the documentation names no flag that there is not', () => {
  const { stdout } = hostflow(['--help']);
  const known = new Set([...longFlags(stdout), '--aport', '--pport']);
  const named = longFlags(readText('docs/cli.md').replaceAll('npm start --silent', ''));
  assert.deepEqual(
    named.filter((flag) => !known.has(flag)),
    [],
  );
});
