/** Runs the program on the real captures in fixtures/. Every byte that goes in comes out. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FlowStat, HostFlow } from '../../src/render/host-flow.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const WEB_SERVER = join(FIXTURES, 'proc-web-server');
const ALL = ['-a', '-p', '--forwarded', '--loopback'];

function list(...flags: readonly string[]): { rows: HostFlow[]; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, '-n', '--json', ...flags], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return { rows: JSON.parse(stdout) as HostFlow[], stderr };
}

/** All that the lines of a table count, taken without a parser. */
function totals(file: string): { packets: number; bytes: number } {
  const text = readFileSync(file, 'utf8');
  const sum = (key: string): number =>
    [...text.matchAll(new RegExp(`${key}=(\\d+)`, 'g'))].reduce(
      (total, [, digits]) => total + Number(digits),
      0,
    );
  return { packets: sum('packets'), bytes: sum('bytes') };
}

function listedTotals(rows: readonly HostFlow[]): { packets: number; bytes: number } {
  const sum = (pick: (stat: FlowStat) => number): number =>
    rows.reduce((total, { stat }) => total + (stat === null ? 0 : pick(stat)), 0);
  return {
    packets: sum((stat) => Number(stat.total_inbound_packets) + Number(stat.total_outbound_packets)),
    bytes: sum((stat) => Number(stat.total_inbound_bytes) + Number(stat.total_outbound_bytes)),
  };
}

/** `active tcp 192.0.2.34:11211 x2`: a row as one would say it. */
function said({ direction, protocol, local, peer, via, connections }: HostFlow): string {
  const service = direction === 'passive' ? `${local.port} from ${peer.addr}` : `${peer.addr} ${peer.port}`;
  return `${direction} ${protocol} ${service}${via === undefined ? '' : ` via ${via.addr} ${via.port}`} x${connections}`;
}

const WEB_SERVER_SAID = [
  'active tcp 192.0.2.33 3306 x3',
  'active tcp 192.0.2.34 11211 via 192.0.2.100 11211 x2',
  'active udp 192.0.2.53 53 x3',
  'forwarded tcp 198.51.100.200 443 x1',
  'passive icmp - from 203.0.113.1 x1',
  'passive tcp 22 from 203.0.113.1 x1',
  'passive tcp 443 from 198.51.100.11 x2',
  'passive tcp 443 from 198.51.100.12 x1',
  'passive tcp 443 from 198.51.100.13 x2',
  'passive tcp 443 from 198.51.100.14 x1',
  'passive tcp 443 from 2001:db8:c::11 x2',
  'passive tcp 443 from 2001:db8:c::12 x1',
  'passive tcp 80 from 198.51.100.11 x1',
  'passive tcp 80 from 198.51.100.13 x1',
  'passive tcp 80 from 2001:db8:c::11 x1',
];

test('--proc on the web server: every flow, and all of the traffic', () => {
  const { rows, stderr } = list('--proc', WEB_SERVER);
  assert.equal(stderr, '');
  assert.deepEqual(rows.map(said).sort(), WEB_SERVER_SAID);
  assert.ok(rows.every(({ source }) => source === 'conntrack'));
  assert.deepEqual(listedTotals(rows), totals(join(WEB_SERVER, 'net/nf_conntrack')));
  assert.ok(
    rows.every(
      ({ direction, local }) => direction === 'forwarded' || /^203\.|^2001:db8:80:/.test(local.addr),
    ),
  );
});

test('--proc on the web server, from its sockets: the same flows as far as sockets know them', () => {
  const { rows } = list('--proc', WEB_SERVER, '--source', 'sockets');
  const known = WEB_SERVER_SAID.filter((flow) => !/^forwarded|icmp/.test(flow)).map((flow) =>
    // A socket knows the dialled address only.
    flow.replace('192.0.2.34 11211 via ', ''),
  );
  assert.deepEqual(rows.map(said).sort(), known.sort());
  assert.ok(rows.every(({ source, stat }) => source === 'sockets' && stat === null));
});

for (const name of ['nf_conntrack', 'conntrack-L.txt', 'conntrack-L-extended-id-ktimestamp-labels.txt']) {
  test(`--input linux-6.18/${name}: no line is refused, no byte is lost`, () => {
    const file = join(FIXTURES, 'linux-6.18', name);
    const local = ['--local', '192.0.2.1', '--local', '2001:db8:1::1'];
    const { rows, stderr } = list('--strict', '--input', file, ...local, ...ALL);
    assert.doesNotMatch(stderr, /malformed/);
    assert.deepEqual(listedTotals(rows), totals(file));
    assert.deepEqual(
      rows
        .filter(({ via }) => via !== undefined)
        .map(said)
        .sort(),
      [
        'active tcp 192.0.2.2 13306 via 203.0.113.10 3306 x1',
        'active udp 198.51.100.53 5353 via 192.0.2.2 53 x1',
      ],
    );
    const unknown = rows.filter(({ stat }) => stat === null).map(said);
    assert.deepEqual(unknown, ['active tcp 192.0.2.2 8080 x1']);
  });
}
