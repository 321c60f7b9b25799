import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, fakeProc, fileOf, lines, OWN } from '../support/fake-host.js';
import { ends, hostflow, rows } from '../support/run-in-memory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const LOCAL = ['--local', OWN];
const FIRST = entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [10, 1000], received: [20, 2000] });
const SECOND = entry({ from: `${OWN}:40002`, to: '10.0.1.11:5432', sent: [1, 100], received: [2, 200] });
const BOTH_ENDS = [`${OWN}:many --> 10.0.1.10:3306`, `${OWN}:many --> 10.0.1.11:5432`];

test('conntrack text from a file or pipe: --input FILE, --input -, --stdin and -stdin read the same', async () => {
  const text = lines(FIRST, SECOND);
  const expected = await hostflow(['--input', fileOf(text), ...LOCAL]);
  assert.equal(expected.code, 0);
  assert.equal(expected.stderr, '');
  assert.deepEqual(ends(expected.stdout), BOTH_ENDS);
  for (const flags of [['--input', '-'], ['--stdin'], ['-stdin'], ['--stdin', '--input', '-']]) {
    assert.deepEqual(await hostflow([...flags, ...LOCAL], { stdin: text }), expected, flags.join(' '));
  }
});

test('conntrack text from a file or pipe gives the same wherever the chunks are cut', async () => {
  const text = Buffer.from(lines(FIRST, 'rubbish', SECOND, ''));
  const expected = await hostflow(['--stdin', ...LOCAL], { stdin: text });
  for (const size of [1, 7, 64, 250]) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      text.subarray(i * size, (i + 1) * size),
    );
    assert.deepEqual(await hostflow(['--stdin', ...LOCAL], { stdin: chunks }), expected, `${size} bytes`);
  }
});

test('conntrack text from a file or pipe: empty input is an empty listing without complaint', async () => {
  for (const stdin of ['', '\n', '\r\n\n']) {
    const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.deepEqual(rows(stdout), []);
    assert.equal((await hostflow(['--stdin', '--json', ...LOCAL], { stdin })).stdout, '[]\n');
    assert.equal((await hostflow(['--stdin', '--format', 'ndjson', ...LOCAL], { stdin })).stdout, '');
  }
});

test('conntrack text from a file or pipe: lines may end in CR LF', async () => {
  const unix = await hostflow(['--stdin', ...LOCAL], { stdin: lines(FIRST, SECOND) });
  const dos = await hostflow(['--stdin', ...LOCAL], {
    stdin: lines(FIRST, SECOND).replaceAll('\n', '\r\n'),
  });
  assert.deepEqual(dos, unix);
});

test('conntrack text from a file or pipe: a missing file, a directory and a path through a file fail with the reason', async () => {
  const file = fileOf('');
  const directory = temporaryDirectory();
  for (const [path, reason] of [
    [`${directory}/missing`, 'no such file (give a file of conntrack text, or - for standard input)'],
    [directory, 'it is a directory (give a file of conntrack text, or - for standard input)'],
    [`${file}/x`, 'a part of the path is not a directory'],
  ] as const) {
    const { code, stdout, stderr } = await hostflow(['--input', path]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.equal(stderr, `hostflow: cannot read ${path}: ${reason}\n`);
  }
});

test('malformed lines are counted in one line that tells the first: number, field, column, text', async () => {
  const broken = SECOND.replace('dport=5432', 'dport=99999');
  const stdin = lines('', FIRST, broken, 'rubbish', SECOND);
  const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin });
  assert.equal(code, 0);
  assert.deepEqual(ends(stdout), BOTH_ENDS);
  assert.match(stderr, /^hostflow: 2 malformed lines in standard input[^\n]*\n$/);
  assert.match(stderr, /the first is line 3: dport at column \d+: [^\n]*"99999"/);
  const column = Number(/column (\d+)/.exec(stderr)?.[1]);
  assert.ok(broken.slice(column - 1).startsWith('99999'), `column ${column}`);
});

test('malformed lines end the run under --strict, which then lists nothing', async () => {
  const { code, stdout, stderr } = await hostflow(['--stdin', '--strict', ...LOCAL], {
    stdin: lines(FIRST, 'rubbish', SECOND),
  });
  assert.equal(code, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: standard input, line 2: [^\n]*"rubbish"[^\n]*\n$/);
});

test('malformed lines are none where all is well: --strict then changes nothing', async () => {
  const stdin = lines(FIRST, '', SECOND);
  assert.deepEqual(
    await hostflow(['--stdin', '--strict', ...LOCAL], { stdin }),
    await hostflow(['--stdin', ...LOCAL], { stdin }),
  );
});

test('malformed lines of the live table and of socket tables count too, with their path', async () => {
  const proc = fakeProc({ conntrack: [FIRST, 'rubbish'], tcp: ['  7: nonsense'] });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.deepEqual(ends(stdout), BOTH_ENDS.slice(0, 1));
  assert.match(stderr, new RegExp(`1 malformed line in ${proc}/net/nf_conntrack`));
  assert.match(stderr, new RegExp(`1 malformed line in ${proc}/net/tcp,`));
  assert.equal((await hostflow(['--proc', proc, '--strict'])).code, 3);
});

test('malformed lines: a last line cut off anywhere is never taken for a whole entry with other numbers', async () => {
  const whole = lines(FIRST, SECOND).trimEnd();
  for (let length = whole.length - SECOND.length + 1; length < whole.length; length++) {
    const stdin = whole.slice(0, length);
    const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin });
    assert.equal(code, 0);
    const expected = [['1', '20', '2000', '10', '1000'].join(' ')];
    const counted = rows(stdout).map((cells) => cells.slice(4).join(' '));
    if (counted.length === 2) expected.push('1 2 200 1 100');
    else assert.match(stderr, /1 malformed line in standard input/, stdin);
    assert.deepEqual(counted, expected, stdin);
  }
});

test('malformed lines: binary rubbish fails the run, and none of its control characters come out', async () => {
  const stdin = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919 + (i >> 8)) % 256));
  for (const flags of [[], ['--json'], ['--format', 'csv'], ['--strict']]) {
    const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL, ...flags], { stdin });
    // Not one line can be read.
    assert.equal(code, flags.includes('--strict') ? 3 : 1);
    assert.match(stderr, /^hostflow: [^\n]*\n$/);
    assert.doesNotMatch(stdout.replaceAll('\r\n', '\n') + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f]/);
  }
});

test('malformed lines: an escape sequence inside an entry does not reach the terminal', async () => {
  const evil = FIRST.replace('tcp      6', '\u001b[2Jtcp 6').replace('10.0.1.10', '\u001b]0;x\u0007');
  for (const stdin of [evil, FIRST.replace('mark=0', 'mark=\u001b[31m'), `\u009b31m${FIRST}`]) {
    const { stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin: lines(stdin) });
    assert.doesNotMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f]/);
  }
});

const TRAILER = 'conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.';

test("conntrack's closing message among the entries is skipped at the start and at the end", async () => {
  for (const stdin of [lines(TRAILER, FIRST, SECOND), lines(FIRST, SECOND, TRAILER)]) {
    const { code, stdout, stderr } = await hostflow(['--stdin', '--strict', ...LOCAL], { stdin });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.deepEqual(ends(stdout), BOTH_ENDS);
  }
});

test("conntrack's closing message among the entries: inside an entry does not cost that entry, wherever before its last counters it falls", async () => {
  const expected = await hostflow(['--stdin', '--strict', ...LOCAL], { stdin: lines(FIRST, SECOND) });
  for (let at = 1; at < FIRST.length; at++) {
    const stdin = `${FIRST.slice(0, at)}${TRAILER}\n${lines(FIRST.slice(at), SECOND)}`;
    assert.deepEqual(await hostflow(['--stdin', '--strict', ...LOCAL], { stdin }), expected, stdin);
  }
});

test('--local takes addresses and networks, repeated or with commas', async () => {
  const stdin = lines(
    FIRST,
    entry({ from: '[fd77::9]:1', to: '[fd88::1]:22', sent: [1, 1], received: [1, 1] }),
  );
  for (const flags of [
    ['--local', '10.0.1.9', '--local', 'fd77::/16'],
    ['--local', '10.0.1.9,fd77::9'],
  ]) {
    const { stdout, stderr } = await hostflow(['--stdin', ...flags], { stdin });
    assert.equal(stderr, '');
    assert.deepEqual(ends(stdout), [BOTH_ENDS[0], '[fd77::9]:many --> [fd88::1]:22']);
  }
});

test('--local that matches no entry is reported by the name of the flag', async () => {
  const { code, stdout, stderr } = await hostflow(['--stdin', '--local', '192.0.2.1'], {
    stdin: lines(FIRST),
  });
  assert.equal(code, 0);
  assert.deepEqual(ends(stdout), [`${OWN}:many ->> 10.0.1.10:3306`]);
  assert.match(
    stderr,
    /^hostflow: every entry counts as forwarded, as none touches an address given by --local; check the addresses\n$/,
  );
});

test('--local is named where this host’s own addresses match no entry', async () => {
  const stdin = lines(entry({ from: '192.0.2.1:1', to: '192.0.2.2:22', sent: [1, 1], received: [1, 1] }));
  const { code, stderr } = await hostflow(['--stdin', '--proc', fakeProc({})], { stdin });
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^hostflow: every entry counts as forwarded, as none touches a local address; [^\n]*--local ADDR\|CIDR\n$/,
  );
});
