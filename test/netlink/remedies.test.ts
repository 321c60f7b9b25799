import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fallbackDiagnostic } from '../../src/model/diagnostics.js';
import { describeFailures, describeUnreadable, type Unreadable } from '../../src/model/unreadable.js';
import { spell, type NetlinkErrorCode } from '../../src/model/errors.js';

/** A failure whose reason tells nothing: the code alone has to. */
function failed(failure: NetlinkErrorCode, table: 'conntrack' | 'sockets' = 'conntrack'): Unreadable {
  return { code: 'netlink-failed', table, failure, reason: 'the reason' };
}

test('the remedy of a failure follows from its code', () => {
  for (const [failure, remedy] of [
    [failed('not-installed'), ' (npm install koffi)'],
    [failed('unavailable'), ''],
    [failed('namespace-denied'), ' (sudo hostflow)'],
    [failed('refused'), ' (modprobe nf_conntrack_netlink)'],
    [failed('refused', 'sockets'), ' (modprobe tcp_diag udp_diag)'],
    [failed('timeout'), ''],
  ] as const) {
    const described = spell(describeUnreadable(failure), (name) => `--${name}`);
    assert.equal(described, `netlink: the reason${remedy}`);
  }
  assert.equal(
    spell(describeUnreadable(failed('not-permitted')), (name) => `--${name}`),
    'netlink: operation not permitted; it needs root or CAP_NET_ADMIN (sudo hostflow)',
  );
});

test('the kind of a failure follows from its code', () => {
  for (const [failure, code] of [
    ['not-installed', 'conntrack-missing'],
    ['unavailable', 'conntrack-missing'],
    ['refused', 'conntrack-missing'],
    ['namespace-denied', 'conntrack-permission'],
    ['not-permitted', 'conntrack-permission'],
    ['overrun', 'conntrack-failed'],
  ] as const) {
    assert.equal(fallbackDiagnostic([failed(failure)], { known: true }).code, code);
  }
});

test('several failures: missing netlink is left out, and one privilege is named once', () => {
  const file: Unreadable = { code: 'conntrack-permission', path: '/proc/net/nf_conntrack' };
  for (const code of ['not-installed', 'unavailable'] as const) {
    const described = describeFailures([failed(code), file]);
    assert.match(described, /^permission denied on .* needs root/);
    assert.doesNotMatch(described, /source/);
    assert.equal(described.includes('npm install koffi'), code === 'not-installed');
    assert.equal(describeFailures([failed(code)]), describeUnreadable(failed(code)));
  }
  assert.match(
    describeFailures([failed('not-permitted'), file]),
    /^permission denied by netlink, which needs/,
  );
  const denied = failed('namespace-denied');
  assert.equal(
    describeFailures([denied, file]),
    `${describeUnreadable(denied)}; ${describeUnreadable(file)}`,
  );
});
