/** The codes of the library's errors, and the words of its errors and warnings. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { HostflowError, snapshot, type DiagnosticCode, type HostflowErrorCode } from 'hostflow';
import { tryParseConntrackLine } from 'hostflow/parsers';
import { flagOf } from '../../src/cli/flags.js';
import type { SnapshotOptions } from '../../src/library/snapshot-options.js';
import { warningsOf } from '../../src/library/warnings.js';
import type { Diagnostic } from '../../src/model/diagnostics.js';
import type { Unreadable } from '../../src/model/unreadable.js';
import { spell } from '../../src/model/errors.js';
import { entry, fakeProc, fileOf } from '../support/fake-host.js';
import { NOBODY } from '../support/installed-copy.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const LOCAL = ['192.0.2.1'];
const BAD_LINE = [Buffer.from('no entry\n')];

async function failureOf(options: SnapshotOptions): Promise<HostflowError> {
  const error: unknown = await snapshot(options).then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof HostflowError, String(error));
  return error;
}

async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('\n'));
  throw error;
}

const FAILURES: readonly (readonly [string, SnapshotOptions, HostflowErrorCode, RegExp])[] = [
  [
    'a missing file',
    { input: 'no/such' },
    'missing',
    /^cannot read no\/such: no such file \(give a file of conntrack text\)$/,
  ],
  ['a path that is "-"', { input: '-' }, 'missing', /^cannot read -: no such file/],
  ['a directory as input', { input: '/' }, 'failed', /^cannot read \/: it is a directory/],
  [
    'a stream that fails',
    { input: failing(new Error('cut\u001b[2J off')) },
    'failed',
    /^cannot read the input: cut off$/,
  ],
  ['a missing procfs', { proc: '/no/such\u001b[31m' }, 'missing', /^proc: no such directory: \/no\/such$/],
  [
    'a folder that is no procfs',
    { proc: temporaryDirectory() },
    'missing',
    /^proc: not a procfs: nothing in /,
  ],
  ['a missing process', { proc: fakeProc({}), pid: 4_194_305 }, 'missing', /^pid: no such process: /],
  [
    'a table that is not there',
    { proc: fakeProc({}), source: 'procfs' },
    'missing',
    /^source procfs: there is no .*nf_conntrack; .* pipe "conntrack -L" into the option input$/,
  ],
  [
    'a malformed line under strict',
    { input: BAD_LINE, inputName: 'a\u001b[2Jb', strict: true },
    'malformed',
    /^ab, line 1: .*\(not-conntrack\)$/,
  ],
];

for (const [name, options, code, message] of FAILURES) {
  test(`the code of ${name} is ${code}`, async () => {
    const error = await failureOf({ ...('proc' in options ? {} : { local: LOCAL }), ...options });
    assert.match(error.message, message);
    assert.equal(error.code, code);
    assert.equal(error.exitCode, code === 'malformed' ? 3 : 1);
  });
}

test('the code of a missing network namespace is missing, or unsupported without koffi', async () => {
  const { code, message } = await failureOf({ netns: 'no-such-namespace' });
  assert.match(message, /^netns: .*(no-such-namespace|koffi)/);
  assert.ok(code === (message.includes('koffi') ? 'unsupported' : 'missing'), code);
  assert.doesNotMatch(message, /run hostflow/);
});

test('the code of a file that may not be read is permission, and the remedy is no command', async () => {
  const conntrack = [entry({ from: '192.0.2.1:40000', to: '192.0.2.2:443' })];
  const proc = fakeProc({ conntrack });
  const path = fileOf('');
  for (const file of [path, `${proc}/net/nf_conntrack`]) chmodSync(file, 0);
  // Loads the modules, which another user may not be able to read.
  await snapshot({ input: [], local: LOCAL });
  await snapshot({ proc: fakeProc({ conntrack }) });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    const ofInput = await failureOf({ input: path, local: LOCAL });
    const ofTable = await failureOf({ proc, source: 'procfs' });
    for (const { code, message } of [ofInput, ofTable]) {
      assert.equal(code, 'permission');
      assert.match(message, /permission denied.*\(run as root\)/);
    }
    const { source, warnings } = await snapshot({ proc });
    assert.equal(source, 'sockets');
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['conntrack-permission'],
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

const NETLINK = [
  'not-installed',
  'unavailable',
  'no-such-namespace',
  'namespace-denied',
  'not-permitted',
  'call-failed',
  'refused',
  'malformed',
  'interrupted',
  'overrun',
  'timeout',
  'closed',
] as const;

const BAD_TEXT = 'a\u001b[31m\nb\u0001pid\u0002';
const UNREADABLE: readonly Unreadable[] = [
  { code: 'conntrack-missing', path: BAD_TEXT },
  { code: 'conntrack-permission', path: BAD_TEXT },
  { code: 'conntrack-failed', path: BAD_TEXT, reason: BAD_TEXT },
  { code: 'sockets-unreadable', path: BAD_TEXT, reason: BAD_TEXT },
  ...NETLINK.flatMap((failure) =>
    (['conntrack', 'sockets', 'addresses'] as const).map((table): Unreadable => ({
      code: 'netlink-failed',
      table,
      failure,
      reason: BAD_TEXT,
    })),
  ),
];

function fallbacks<Code extends DiagnosticCode>(
  code: Code,
): { code: Code; failures: Unreadable[]; bytes: { known: boolean } }[] {
  const alone = UNREADABLE.map((failure) => [failure]);
  const pairs = UNREADABLE.map((failure) => [failure, { code: 'conntrack-permission', path: '/x' } as const]);
  return [...alone, ...pairs].flatMap((failures) =>
    [{ known: true }, { known: false }].map((bytes) => ({ code, failures, bytes })),
  );
}

function parseError() {
  const result = tryParseConntrackLine(`tcp 6 5 CLOSE src=${BAD_TEXT}`);
  assert.ok(!result.ok);
  return result.error;
}

/** Diagnostics of every code. */
const DIAGNOSTICS: { [Code in DiagnosticCode]: Extract<Diagnostic, { code: Code }>[] } = {
  'conntrack-missing': fallbacks('conntrack-missing'),
  'conntrack-permission': fallbacks('conntrack-permission'),
  'conntrack-failed': fallbacks('conntrack-failed'),
  'conntrack-empty': [{ code: 'conntrack-empty', bytes: { known: true, overTime: true } }],
  'nothing-seen': [{ code: 'nothing-seen' }],
  'no-ends': [{ code: 'no-ends' }],
  'nothing-tracked': [{ code: 'nothing-tracked' }],
  'conntrack-polled': UNREADABLE.map((failure) => ({
    code: 'conntrack-polled',
    failures: [failure],
    seconds: 1,
  })),
  'accounting-off': (['off', 'on', 'unknown'] as const).map((setting) => ({
    code: 'accounting-off',
    entries: 3,
    withoutCounters: 1,
    setting,
    enter: 'ip netns exec \u001bx ',
  })),
  'sockets-unreadable': UNREADABLE.map((failure) => ({ code: 'sockets-unreadable', failure })),
  'sockets-payload': [{ code: 'sockets-payload' }],
  'sockets-over-time': [{ code: 'sockets-over-time' }],
  'sockets-without-bytes': [{ code: 'sockets-without-bytes', reason: 'no' }],
  'malformed-lines': [
    { code: 'malformed-lines', where: BAD_TEXT, count: 2, firstLine: 1, firstError: parseError() },
  ],
  'no-local-address': [
    { code: 'no-local-address', given: true },
    { code: 'no-local-address', given: false },
  ],
  'all-loopback': [{ code: 'all-loopback' }],
  'turned-by-ports': [{ code: 'turned-by-ports', connections: 2 }],
  offloaded: [{ code: 'offloaded', entries: 1 }],
  'addresses-cut': [
    { code: 'addresses-cut', path: BAD_TEXT, isOwn: true },
    { code: 'addresses-cut', path: BAD_TEXT, isOwn: false },
  ],
};

const DIAGNOSED: readonly Diagnostic[] = Object.values(DIAGNOSTICS).flat();

test('no warning of the library names a flag or the command, or has control characters', () => {
  for (const { message } of warningsOf(DIAGNOSED)) {
    assert.doesNotMatch(message, /(?<![\w-])--[a-z]/);
    assert.doesNotMatch(message, /sudo|hostflow/);
    assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
  }
});

test('the command names flags in the same warnings', () => {
  const messages = warningsOf(DIAGNOSED, flagOf).map(({ message }) => message);
  for (const message of messages) assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
  for (const words of [
    '--strict',
    '--local ADDR',
    '--loopback',
    '--source netlink',
    'hostflow --stdin',
    'sudo hostflow',
  ]) {
    assert.ok(
      messages.some((message) => message.includes(words)),
      words,
    );
  }
});

test('a reason within a warning names options as its reader does', () => {
  const failure = { code: 'conntrack-permission', path: '/x' } as const;
  const bytes = { known: false, reason: 'denied (\u0001source\u0002)' };
  const diagnostics: Diagnostic[] = [
    { code: 'conntrack-failed', failures: [failure], bytes },
    { code: 'sockets-without-bytes', reason: bytes.reason },
  ];
  for (const { message } of warningsOf(diagnostics)) assert.match(message, /denied \(source\)/);
  for (const { message } of warningsOf(diagnostics, flagOf)) assert.match(message, /denied \(--source\)/);
});

test('an error names options as its reader does', async () => {
  const error = await failureOf({ netns: 'a', pid: 1 });
  assert.equal(
    error.message,
    'netns names a network namespace of the running kernel and cannot be combined with pid; leave one of them out',
  );
  assert.equal(
    error.describe(flagOf),
    '--netns names a network namespace of the running kernel and cannot be combined with --pid; leave one of them out',
  );
  assert.equal(spell('plain'), 'plain');
});
