import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orEnd } from '../../src/sources/opened-account.js';
import { HostflowError } from '../../src/model/errors.js';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { orFail } from '../../src/sources/netlink/netlink-failure.js';

test('a failure in the middle of an account ends the run in words', async () => {
  const failing = (error: Error): Promise<void> =>
    orEnd(() => orFail('conntrack', () => Promise.reject(error)));
  await assert.rejects(failing(new NetlinkError('timeout', 'no answer within 10 s')), (error: unknown) => {
    assert.ok(error instanceof HostflowError);
    assert.equal(error.exitCode, 1);
    assert.match(error.message, /^counting stopped early: .*no answer within 10 s/);
    return true;
  });
  const fault = new TypeError('a fault of our own');
  await assert.rejects(failing(fault), fault);
  assert.equal(await orEnd(() => Promise.resolve(7)), 7);
});
