import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeProc } from '../support/fake-host.js';
import { hostflow } from '../support/run-in-memory.js';

/** Wrong values: the flag, what is given, and what the message must say was expected. */
const WRONG_VALUES: readonly (readonly [flag: string, value: string, expected: RegExp])[] = [
  ['--active-port', 'https', /443, 80,443 or 8000-8099/],
  ['--active-port', '65536', /0 to 65535/],
  ['--active-port', '90-80', /0 to 65535/],
  ['--active-port', '', /0 to 65535/],
  ['--passive-port', '-1', /0 to 65535/],
  ['--passive-port', '80,,443', /0 to 65535/],
  ['--passive-port', '99999999999999999999', /0 to 65535/],
  ['--protocol', 'carrier-pigeon', /tcp, udp, icmp/],
  ['--protocol', '256', /IANA number/],
  ['--peer', '10.0.0.256', /address or network/],
  ['--peer', '10.0.0.0/33', /address or network/],
  ['--peer', 'example.org', /address or network/],
  ['--peer', 'fd00::/129', /address or network/],
  ['--local', '10.0.0', /address or network/],
  ['--local', '', /address or network/],
  ['--filter', 'secret', /all, public, private/],
  ['--by', 'moon', /flow, peer, port, local/],
  ['--sort', 'size', /bytes, in, out, packets, connections, peer/],
  ['--limit', '-1', /a number of host flows/],
  ['--limit', '1.5', /a number of host flows/],
  ['--limit', '1e3', /a number of host flows/],
  ['--limit', '', /a number of host flows/],
  ['--format', 'xml', /table, json, ndjson, csv/],
  ['--source', 'ebpf', /auto, netlink, procfs, sockets/],
  ['--pid', 'init', /the number of a process/],
  ['--pid', '../1', /the number of a process/],
  ['--proc', '', /a directory/],
  ['--netns', '', /the name of a network namespace/],
];

/** Messages name lsconntrack's and the short spellings by the long name of the flag. */
const CONTRADICTIONS: readonly (readonly string[])[] = [
  ['--bytes', '--human'],
  ['--json', '--format=csv'],
  ['--stdin', '--input=file'],
  ['--source=procfs', '--input=file'],
  ['--pid=1', '--input=file'],
  ['--source=netlink', '--input=file'],
  ['--source=netlink', '--proc=/proc'],
  ['--netns=blue', '--input=file'],
  ['--netns=blue', '--stdin'],
  ['--netns=blue', '--proc=/proc'],
  ['--netns=blue', '--pid=1'],
  ['--netns=blue', '--source=procfs'],
];

for (const [flag, value, expected] of WRONG_VALUES) {
  test(`wrong usage: ${flag}=${value} names the flag, what was expected and what was found`, async () => {
    const { code, stdout, stderr } = await hostflow([`${flag}=${value}`]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^hostflow: [^\n]*\n$/);
    assert.ok(stderr.includes(flag), stderr);
    assert.match(stderr, expected);
    const part = value.includes(',') ? '' : value;
    assert.ok(stderr.includes(`found "${part}"`), stderr);
  });
}

for (const flags of CONTRADICTIONS) {
  test(`wrong usage: ${flags.join(' and ')} contradict each other`, async () => {
    const { code, stdout, stderr } = await hostflow(flags);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    for (const flag of flags) assert.ok(stderr.includes(flag.split('=', 1)[0] ?? ''), stderr);
  });
}

test('wrong usage: an unknown flag is named, with where to find the known ones', async () => {
  const { code, stdout, stderr } = await hostflow(['--actve']);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: unknown option '--actve'/);
  assert.match(stderr, /hostflow --help/);
});

test('wrong usage: an argument that belongs to no flag is an error', async () => {
  const { code, stderr } = await hostflow(['eth0']);
  assert.equal(code, 2);
  assert.match(stderr, /^hostflow: too many arguments/);
});

test('wrong usage: a flag without its value is an error that names it', async () => {
  for (const flag of ['--limit', '--by', '--input', '--pid', '--local']) {
    const { code, stderr } = await hostflow([flag]);
    assert.equal(code, 2, flag);
    assert.match(stderr, new RegExp(`^hostflow: option '${flag} .*argument missing`));
  }
});

test('wrong usage: usage is checked before anything is read', async () => {
  const { code, stderr } = await hostflow(['--input', '/nonexistent', '--sort', 'size']);
  assert.equal(code, 2);
  assert.doesNotMatch(stderr, /nonexistent/);
});

test('help and version: -h and --help print every flag of the contract and end well', async () => {
  const { code, stdout, stderr } = await hostflow(['-h']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(await hostflow(['--help']), { code, stdout, stderr });
  for (const flag of (
    '--active --passive --forwarded --loopback --active-port --aport --passive-port --pport --protocol --peer ' +
    '--filter --by --sort --reverse --limit --numeric --bytes --human --json --format --strict --source --proc ' +
    '--pid --input --stdin --local --version --help'
  ).split(' ')) {
    assert.ok(stdout.includes(flag), flag);
  }
});

test('help and version: -v and --version print a version and read nothing', async () => {
  for (const flag of ['-v', '--version', '-version']) {
    const { code, stdout, stderr } = await hostflow([flag, '--proc', fakeProc({})]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal(stderr, '');
  }
});
