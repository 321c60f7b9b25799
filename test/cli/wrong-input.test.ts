import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { entry, fakeProc, fileOf, lines, OWN } from '../support/fake-host.js';
import { ends, hostflow } from '../support/run-in-memory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const LOCAL = ['--local', OWN];
const LINE = entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [10, 1000], received: [20, 2000] });
const EVENT = `[DESTROY] ${LINE.replace(/^ipv4 +2 /, '')}`;
const ENDS = [`${OWN}:many --> 10.0.1.10:3306`];

test('a text that is none of conntrack is named, with the remedy, and fails the run', async () => {
  const text = lines(LINE, LINE);
  for (const [stdin, named] of [
    [
      lines(EVENT),
      /these are events \(conntrack -E\); hostflow measure --input FILE adds them up, and hostflow watch/,
    ],
    [lines(`[1795432961.340218]\t${EVENT}`), /these are events/],
    [gzipSync(text), /compressed by gzip; decompress it first \(zcat\)/],
    [
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
      /UTF-16; convert it first \(iconv/,
    ],
    [Buffer.from(text, 'utf16le'), /UTF-16; convert it first/],
    [text.replaceAll(' ', '\u00a0'), /non-breaking blanks, as web pages do; replace them/],
    [text.replaceAll('tcp', '\u001b[31mtcp\u001b[0m'), /colour codes; take them out/],
    ['<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n', /XML; leave out -o xml/],
    [
      '-A -t 598 -u SEEN_REPLY -s 192.0.2.1 -d 192.0.2.2 -p tcp --sport 1 --dport 2\n',
      /-o save; leave that option out/,
    ],
    ['  sl  local_address rem_address   st tx_queue\n', /a table of sockets/],
    ['Netid State  Recv-Q Send-Q Local Address:Port\n', /output of ss or netstat/],
    ['[{"direction":"active"}]\n', /JSON/],
  ] as const) {
    const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin });
    assert.match(stderr, named);
    assert.match(stderr, /^hostflow: not one line of standard input could be read: [^\n]+\n$/);
    assert.deepEqual([code, stdout], [1, '']);
  }
});

test('unknown text fails the run with the first reason', async () => {
  const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin: 'hello\nworld\n' });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^hostflow: not one line of standard input could be read: line 1: .*"hello" \(not-conntrack\)\n$/,
  );
});

test('one line that can be read makes a listing, and the others are named', async () => {
  const { code, stdout, stderr } = await hostflow(['--stdin', ...LOCAL], { stdin: lines(LINE, EVENT) });
  assert.equal(code, 0);
  assert.deepEqual(ends(stdout), ENDS);
  assert.match(
    stderr,
    /1 malformed line in standard input, .* line 2: .*; these are events \(conntrack -E\)/,
  );
});

const PREFIXES = [
  '> ',
  '>> ',
  '| ',
  '12:',
  'nf_conntrack.txt:12:',
  'Nov 25 13:51:23 vm ',
  'Nov  5 13:51:23 router conntrack[812]: ',
  '<30>Nov 25 13:51:23 router conntrack: ',
  '2026-11-25T13:51:23.123456+01:00 router conntrack[812]: ',
];

test('lines behind what mails, grep and syslog put in front of them are read', async () => {
  for (const prefix of PREFIXES) {
    const listed = await hostflow(['--stdin', ...LOCAL], { stdin: lines(`${prefix}${LINE}`) });
    assert.deepEqual([listed.stderr, ends(listed.stdout)], ['', ENDS], prefix);
    const measured = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: lines(`${prefix}${EVENT}`) });
    assert.deepEqual([measured.stderr, ends(measured.stdout)], ['', ENDS], prefix);
  }
});

test('a prefix with anything else behind it is malformed', async () => {
  for (const prefix of PREFIXES) {
    const { stderr } = await hostflow(['--stdin', ...LOCAL], { stdin: lines(`${prefix}rubbish`, LINE) });
    assert.match(stderr, /1 malformed line/, prefix);
  }
});

/** Of ulogd 2.0.8 with NFCT, PRINTFLOW and LOGEMU, its packets and bytes filled in. */
const ULOGD = [
  `Nov 25 13:51:23 vm [DESTROY] ORIG: SRC=${OWN} DST=192.0.2.2 PROTO=TCP SPT=56886 DPT=8080 PKTS=6 BYTES=321 , REPLY: SRC=192.0.2.2 DST=${OWN} PROTO=TCP SPT=8080 DPT=56886 PKTS=4 BYTES=712 `,
  `Nov 25 13:51:23 vm [DESTROY] ORIG: SRC=${OWN} DST=192.0.2.2 PROTO=ICMP TYPE=0 CODE=8 PKTS=1 BYTES=84 , REPLY: SRC=192.0.2.2 DST=${OWN} PROTO=ICMP TYPE=0 CODE=8 PKTS=1 BYTES=84 `,
  'Nov 25 13:51:23 vm [NEW] ORIG: SRC=2001:db8::1 DST=2001:db8::2 PROTO=UDP SPT=39230 DPT=5353 PKTS=0 BYTES=0 , REPLY: SRC=2001:db8::2 DST=2001:db8::1 PROTO=UDP SPT=5353 DPT=39230 PKTS=0 BYTES=0 ',
];

test('flows that ulogd wrote are added up', async () => {
  const { code, stdout, stderr } = await hostflow(['measure', '--stdin', ...LOCAL, '--json'], {
    stdin: lines(...ULOGD),
  });
  assert.deepEqual([code, stderr], [0, '']);
  const flows = JSON.parse(stdout) as {
    protocol: string;
    peer: { port: string };
    stat: unknown;
    rate?: unknown;
  }[];
  assert.deepEqual(
    flows.map(({ protocol, peer, stat, rate }) => [protocol, peer.port, stat, rate]),
    [
      [
        'tcp',
        '8080',
        {
          total_inbound_packets: 4,
          total_inbound_bytes: 712,
          total_outbound_packets: 6,
          total_outbound_bytes: 321,
        },
        undefined,
      ],
      [
        'icmp',
        '-',
        {
          total_inbound_packets: 1,
          total_inbound_bytes: 84,
          total_outbound_packets: 1,
          total_outbound_bytes: 84,
        },
        undefined,
      ],
    ],
  );
});

test('measure adds up stored events, with rates by their own time or none', async () => {
  const later = EVENT.replaceAll('40001', '40002');
  const timed = lines(`[1795432961.340218]\t${EVENT}`, `[1795432971.340218]\t${later}`);
  const { stdout, stderr } = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: timed });
  assert.equal(stderr, '');
  assert.match(stdout, /^Local .* In B\/s {2}Out B\/s\n/);
  assert.match(stdout, / tcp +2 +40 +4000 +20 +2000 +400 +200\n$/);
  const untimed = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: lines(EVENT, later) });
  assert.match(untimed.stdout, /^Local .* Out bytes\n/);
  assert.match(untimed.stdout, / tcp +2 +40 +4000 +20 +2000\n$/);
});

test('a table where events are expected is named', async () => {
  for (const command of ['measure', 'watch']) {
    const { code, stderr } = await hostflow([command, '--stdin', ...LOCAL], { stdin: lines(LINE) });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /not one line of the events could be read: this is a table, not events; hostflow --input FILE/,
    );
  }
});

test('stored events and a command contradict each other', async () => {
  const { code, stderr } = await hostflow(['measure', '--stdin', '--', 'true'], {});
  assert.equal(code, 2);
  assert.match(stderr, /contradict each other/);
});

test('a file of events that cannot be read fails the run in words', async () => {
  const directory = temporaryDirectory();
  for (const command of ['measure', 'watch']) {
    for (const path of [`${directory}/missing`, directory]) {
      const { code, stdout, stderr } = await hostflow([command, '--input', path, ...LOCAL], {});
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^hostflow: cannot read [^\n]+: [^\n]+\n$/);
    }
  }
});

test('a line of ulogd that is cut, or has run into another one, is malformed', async () => {
  const [whole = ''] = ULOGD;
  for (const [stdin, problem] of [
    [whole.slice(0, whole.indexOf('BYTES=712') + 8), /not one line of the events could be read/],
    [lines(whole.slice(0, 110) + whole), /not one line of the events could be read/],
    [lines(whole, whole.replace('PROTO=TCP', 'PROTO=UDP')), /1 malformed line/],
  ] as const) {
    const { stderr } = await hostflow(['measure', '--stdin', ...LOCAL], { stdin });
    assert.match(stderr, problem);
  }
});

test('a last event without a line end is not taken for a whole one with other numbers', async () => {
  const cut = EVENT.slice(0, EVENT.lastIndexOf('bytes=') + 7);
  const { stderr, stdout } = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: lines(EVENT) + cut });
  assert.match(stderr, /1 malformed line in the events, .* line 2: .*\(truncated\)/);
  assert.match(stdout, / tcp +1 /);
});

test('a cut last event has its own line number, also behind other malformed lines', async () => {
  const cut = EVENT.slice(0, EVENT.lastIndexOf('bytes=') + 7);
  const { stderr } = await hostflow(['measure', '--stdin', ...LOCAL, '--strict'], {
    stdin: `${lines(EVENT, '', EVENT)}${cut}`,
  });
  assert.match(stderr, /the events, line 4: .*\(truncated\)/);
});

test('a last event that is cut is malformed, whatever stands in front of it', async () => {
  const cut = EVENT.slice(0, EVENT.lastIndexOf('bytes=') + 7);
  for (const prefix of PREFIXES) {
    const { stderr, stdout } = await hostflow(['measure', '--stdin', ...LOCAL], {
      stdin: `${lines(`${prefix}${EVENT}`)}${prefix}${cut}`,
    });
    assert.match(stderr, /1 malformed line in the events, .* line 2: .*\(truncated\)/, prefix);
    assert.match(stdout, / tcp +1 /, prefix);
  }
});

test('events of another host, and events without an end, are named', async () => {
  const foreign = await hostflow(['measure', '--stdin', '--local', '198.51.100.1'], { stdin: lines(EVENT) });
  assert.match(
    foreign.stderr,
    /every entry counts as forwarded, as none touches an address given by --local/,
  );
  const opened = EVENT.replace('[DESTROY]', '[NEW]');
  const endless = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: lines(opened) });
  assert.match(endless.stderr, /no event tells of an end \(DESTROY\)/);
  const elsewhere = await hostflow(['measure', '--stdin', '--proc', '/proc'], { stdin: lines(EVENT) });
  assert.equal(elsewhere.code, 2);
});

test('a stored file has no rates by the clock, and is read to its end', async () => {
  const path = fileOf(lines(EVENT));
  const { stdout } = await hostflow(['watch', '--input', path, ...LOCAL], {});
  assert.equal((JSON.parse(stdout) as { rate: unknown }).rate, null);
  const timed = await hostflow(['measure', '--input', path, '--for', '1s', ...LOCAL], {});
  assert.equal(timed.code, 2);
  assert.match(timed.stderr, /--for and --input FILE contradict each other/);
  const half = lines(`[1795432961.340218]\t${EVENT}`, EVENT.replaceAll('40001', '40002'));
  const measured = await hostflow(['measure', '--stdin', ...LOCAL], { stdin: half });
  assert.doesNotMatch(measured.stdout, /B\/s/);
});

test('a malformed event is not taken for JSON', async () => {
  const { stderr } = await hostflow(['measure', '--stdin'], {
    stdin: '[DESTROY] tcp 6 src=10.0.0.1 dst=bad\n',
  });
  assert.doesNotMatch(stderr, /JSON/);
});

test('a directory in the place of a routing table is no table', async () => {
  const odd = fakeProc({ conntrack: [LINE], files: { 'net/fib_trie': undefined, 'net/fib_trie/x': 'y' } });
  assert.equal((await hostflow(['--proc', odd, '--json'])).code, 0);
});
