import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { hostflow } from '../support/run-in-memory.js';

/** Arguments that must be refused before anything is opened, each with its message. */
const WRONG: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
  [['measure', '--for', 'abc'], /^hostflow: --for: expected a duration such as .*, found "abc"$/],
  [['measure', '--for', '0'], /found "0"$/],
  [['measure', '--for', '-1s'], /found "-1s"$/],
  [['measure', '--for', '25d'], /to 24d/],
  [
    ['measure', '--for', '1s', '--', 'true'],
    /^hostflow: --for and a command contradict each other, .*; leave out --for$/,
  ],
  [['measure', '--foo'], /^hostflow: unknown option '--foo'/],
  [['measure', '--interval', '1s'], /^hostflow: unknown option '--interval'/],
  [['measure', '--output', ''], /^hostflow: --output: expected a file, found ""$/],
  [
    ['measure', '--proc', '/proc', '--', 'true'],
    /on a live host only; leave out --proc, --input or --stdin$/,
  ],
  [['watch', '--interval', '0'], /^hostflow: --interval: expected a duration .*\(100ms to 24d\), found "0"$/],
  [['watch', '--interval', '99ms'], /found "99ms"$/],
  [['watch', '--for', '1s'], /^hostflow: unknown option '--for'/],
  [
    ['watch', '--format', 'table'],
    /^hostflow: --format table needs a terminal and a live host; give --format ndjson or --format csv$/,
  ],
  [
    ['watch', '--format', 'table', '--stdin'],
    /^hostflow: --format table needs a terminal and a live host; give --format ndjson or --format csv$/,
  ],
  [['watch', '--format', 'json'], /^hostflow: --format json is one document, .*; give --format ndjson$/],
  [['watch', '--verbose'], /^hostflow: unknown option '--verbose'/],
  [['watch', '-b'], /^hostflow: unknown option '-b'/],
  [['watch', '--human'], /^hostflow: unknown option '--human'/],
  [['measure', '--verbose'], /^hostflow: unknown option '--verbose'/],
  [['watch', '--proc', '/proc'], /on a live host only; leave out --proc, --input or --stdin$/],
  [['watch', 'eth0'], /^hostflow: too many arguments/],
];

for (const [argv, message] of WRONG) {
  test(`measure and watch: ${argv.join(' ')}: a usage error in words`, async () => {
    const [name = '', ...flags] = argv;
    const { code, stdout, stderr } = await hostflow([name, '--numeric', ...flags], { isCommand: true });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr.split('\n')[0] ?? '', message);
  });
}

test('measure and watch: a usage error leaves the file of --output as it is', async () => {
  const output = join(temporaryDirectory(), 'listing');
  const argv = ['measure', '--output', output, '--sort', 'moon'];
  assert.equal((await hostflow(argv, { isCommand: true })).code, 2);
  assert.equal(existsSync(output), false);
});

for (const name of ['measure', 'watch']) {
  test(`measure and watch: ${name} --help states its purpose and shows examples`, async () => {
    const { code, stdout } = await hostflow([name, '--help'], { isCommand: true });
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: hostflow ${name} `));
    assert.match(stdout, new RegExp(`Examples:\\n +sudo hostflow ${name}`));
  });
}

for (const [name, absent, present] of [
  ['measure', ['--proc', '--verbose'], ['--input', '--stdin', '--human', '--format', '--strict', '--for']],
  ['watch', ['--proc', '--verbose', '--bytes', '--human'], ['--input', '--stdin', '--format', '--interval']],
] as const) {
  test(`measure and watch: ${name} --help lists the flags that it takes, and no other`, async () => {
    const { stdout } = await hostflow([name, '--help'], { isCommand: true });
    const listed = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1]);
    for (const flag of absent) assert.ok(!listed.includes(flag), flag);
    for (const flag of present) assert.ok(listed.includes(flag), flag);
  });
}
