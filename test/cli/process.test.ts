import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entry, established, fakeProc, fileOf, lines, OWN } from '../support/fake-host.js';
import { copyInstalled, NOBODY, type Program } from '../support/installed-copy.js';
import { ends } from '../support/run-in-memory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LOCAL = ['--numeric', '--local', OWN];
const ENTRY = entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [10, 1000], received: [20, 2000] });
const ENTRY_ENDS = [`${OWN}:many --> 10.0.1.10:3306`];
const isRoot = process.getuid?.() === 0;

/** Runs a line of bash in which `hostflow` is the command, without its own exit code's loss in a pipe. */
function shell(line: string): { stdout: string; stderr: string; code: number | null } {
  const script = `set -o pipefail; hostflow() { "${process.execPath}" "${MAIN}" "$@"; }\n${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

function start(
  args: readonly string[],
  [node, main]: Program = [process.execPath, MAIN],
  user: { uid?: number; gid?: number } = {},
): { stdout: string; stderr: string; code: number | null } {
  const options = { encoding: 'utf8', input: '', timeout: 60_000, ...user } as const;
  const { status, stdout, stderr } = spawnSync(node, [main, ...args], options);
  return { code: status, stdout, stderr };
}

test('the program hands the exit code on', () => {
  assert.equal(start(['--version']).code, 0);
  assert.equal(start(['--input', '/nonexistent/file']).code, 1);
  assert.equal(start(['--limit', 'x']).code, 2);
  assert.equal(start(['--strict', '--input', fileOf('rubbish\n')]).code, 3);
});

test('the program reads a pipe, a FIFO and a process substitution', () => {
  const file = fileOf(lines(ENTRY));
  const fifo = join(temporaryDirectory(), 'fifo');
  for (const line of [
    `cat ${file} | hostflow --stdin ${LOCAL.join(' ')}`,
    `hostflow --stdin ${LOCAL.join(' ')} < ${file}`,
    `hostflow --input <(cat ${file}) ${LOCAL.join(' ')}`,
    `mkfifo ${fifo} && { cat ${file} > ${fifo} & hostflow --input ${fifo} ${LOCAL.join(' ')}; }`,
  ]) {
    const { code, stdout, stderr } = shell(line);
    assert.equal(code, 0, line);
    assert.equal(stderr, '');
    assert.deepEqual(ends(stdout), ENTRY_ENDS, line);
  }
});

test('the program ends well and quietly where its reader has seen enough', () => {
  const conntrack = Array.from({ length: 20_000 }, (_, i) =>
    entry({
      from: `${OWN}:1`,
      to: `10.${2 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:443`,
      sent: [1, 1],
      received: [1, 1],
    }),
  );
  const proc = fakeProc({ conntrack });
  for (const format of ['table', 'json', 'ndjson', 'csv']) {
    const { code, stdout, stderr } = shell(`hostflow -n --proc ${proc} --format ${format} | head -1`);
    assert.equal(code, 0, format);
    assert.equal(stderr, '', format);
    assert.equal(stdout.split('\n').length, 2, format);
  }
});

test('the program prints all of a long listing into a pipe', () => {
  const conntrack = Array.from({ length: 20_000 }, (_, i) =>
    entry({
      from: `${OWN}:1`,
      to: `10.${2 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:443`,
      sent: [1, 1],
      received: [1, 1],
    }),
  );
  const { stdout } = shell(`hostflow -n --proc ${fakeProc({ conntrack })} --json | cat`);
  assert.equal((JSON.parse(stdout) as unknown[]).length, 20_000);
});

test('the program stops reading at the first malformed line under --strict, though the input goes on for ever', () => {
  const { stdout, stderr } = shell(
    'yes rubbish | hostflow --stdin --strict; echo "ended with ${PIPESTATUS[1]}"',
  );
  assert.equal(stdout, 'ended with 3\n');
  assert.match(stderr, /^hostflow: standard input, line 1: [^\n]*\n$/);
});

test('the program prints all although nobody can read its messages', () => {
  const { code, stdout } = shell(
    `hostflow --stdin ${LOCAL.join(' ')} 2>&- < ${fileOf(lines(ENTRY, 'rubbish'))}`,
  );
  assert.equal(code, 0);
  assert.deepEqual(ends(stdout), ENTRY_ENDS);
});

test('the program says why it cannot write', () => {
  const { code, stderr } = shell(`hostflow -n --proc ${fakeProc({ conntrack: [ENTRY] })} > /dev/full`);
  assert.equal(code, 1);
  assert.match(stderr, /^hostflow: cannot write: ENOSPC[^\n]*\n$/);
});

test('the program takes a closed standard input for an empty one', () => {
  const { code, stdout, stderr } = shell(`hostflow --stdin ${LOCAL.join(' ')} <&-`);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(ends(stdout), []);
});

let copy: Program | undefined;

/** Starts it as a user without privileges, who may not be allowed to read the repository. */
function startUnprivileged(args: readonly string[]): ReturnType<typeof start> {
  if (!isRoot) return start(args);
  copy ??= copyInstalled(temporaryDirectory(), 'with optional packages');
  return start(args, copy, { uid: NOBODY, gid: NOBODY });
}

function makeUnreadable(path: string): void {
  chmodSync(path, 0o000);
}

test('files that this user may not read: an --input fails with the reason', () => {
  const file = fileOf(lines(ENTRY));
  makeUnreadable(file);
  const { code, stdout, stderr } = startUnprivileged(['--input', file]);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.equal(stderr, `hostflow: cannot read ${file}: permission denied (try sudo)\n`);
});

test('files that this user may not read: a conntrack table gives way to the sockets, with what to do about it', () => {
  const proc = fakeProc({ conntrack: [ENTRY], tcp: [established(`${OWN}:40001`, '10.0.1.10:3306')] });
  makeUnreadable(join(proc, 'net/nf_conntrack'));
  const { code, stdout, stderr } = startUnprivileged(['--numeric', '--proc', proc]);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^hostflow: [^\n]*permission denied on \S+\/net\/nf_conntrack, [^\n]*sudo hostflow[^\n]*CAP_NET_ADMIN[^\n]*\n$/,
  );
  assert.deepEqual(ends(stdout), ENTRY_ENDS);
  assert.match(stdout, / 1 +- +- +- +-\n$/);
});

test('files that this user may not read: a conntrack table that is asked for by --source fails the run', () => {
  const proc = fakeProc({ conntrack: [ENTRY] });
  makeUnreadable(join(proc, 'net/nf_conntrack'));
  const { code, stdout, stderr } = startUnprivileged(['--source', 'procfs', '--proc', proc]);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: --source procfs: permission denied on /);
});

test('files that this user may not read: an unreadable nf_conntrack is reported, and a missing ip_conntrack is not', () => {
  const proc = fakeProc({ conntrack: [ENTRY] });
  makeUnreadable(join(proc, 'net/nf_conntrack'));
  const { stderr } = startUnprivileged(['--proc', proc]);
  assert.match(stderr, /nf_conntrack/);
  assert.doesNotMatch(stderr, /ip_conntrack/);
});

test('a line without an end of 100 MB is one malformed line, in memory that does not grow with it', async () => {
  const report = join(temporaryDirectory(), 'report.mjs');
  const peak = 'console.error(`peak ${process.resourceUsage().maxRSS} KiB`)';
  writeFileSync(report, `process.on('exit', () => ${peak});\n`);
  const child = spawn(process.execPath, ['--import', report, MAIN, '--stdin', ...LOCAL]);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const megabyte = Buffer.alloc(1 << 20, 'x');
  child.stdin.write(lines(ENTRY));
  for (let i = 0; i < 100; i++) {
    if (!child.stdin.write(megabyte)) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  assert.equal(await ended, 0);
  assert.deepEqual(ends(stdout), ENTRY_ENDS);
  assert.match(stderr, /^hostflow: 1 malformed line in standard input[^\n]*line 2[^\n]*line-too-long/);
  const peakKibibytes = Number(/peak (\d+) KiB/.exec(stderr)?.[1]);
  assert.ok(peakKibibytes < 150 * 1024, `${peakKibibytes} KiB`);
});

test('the program records what events told before Ctrl-C, and ends well', async () => {
  const child = spawn(process.execPath, [MAIN, 'watch', '--stdin', '--interval', '1s', ...LOCAL]);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const event = (port: number): string =>
    `[DESTROY] ${ENTRY.replace(/^ipv4 +2 /, '').replaceAll('40001', String(port))}\n`;
  child.stdin.write(event(1));
  await once(child.stdout, 'data');
  // Of the interval that is open now. The pipe stays open, as that of a conntrack does that ignores the signal.
  child.stdin.write(event(2) + event(3));
  await sleep(300);
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { delta: { outbound_bytes: number } });
  assert.equal(code, 0);
  assert.equal(
    records.reduce((sum, { delta }) => sum + delta.outbound_bytes, 0),
    3 * 1000,
  );
});
