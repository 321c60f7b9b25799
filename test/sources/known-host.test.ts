import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSnapshotOptions } from '../../src/library/options.js';
import { AddressSet } from '../../src/model/address-set.js';
import { KnownHost } from '../../src/sources/known-host.js';
import { SourceFailure, type AddressSource, type HostAddresses } from '../../src/sources/source.js';
import { fixedAddresses } from '../support/fixed-addresses.js';

const OPTIONS = resolveSnapshotOptions({});

/** Addresses that a test changes. */
class FakeAddresses implements AddressSource {
  readonly name = 'fake';
  addresses = ['192.0.2.1'];
  dumps = 0;
  isClosed = false;
  change: () => void = () => undefined;

  dump(): HostAddresses {
    this.dumps++;
    return { own: new AddressSet(this.addresses), groups: new AddressSet(), isTransparent: false };
  }

  follow(onChange: () => void): Promise<{ look: () => void; close: () => Promise<void> }> {
    this.change = onChange;
    const close = (): Promise<void> => {
      this.isClosed = true;
      return Promise.resolve();
    };
    return Promise.resolve({ look: () => undefined, close });
  }
}

test('local addresses are read again after a change, and only then', async () => {
  const fake = new FakeAddresses();
  const host = await KnownHost.open(OPTIONS, { given: undefined, addresses: [fake], sockets: [] });
  await host.refreshAddresses();
  assert.equal(fake.dumps, 1);
  const before = host.localAddresses;
  fake.addresses = ['192.0.2.1', '192.0.2.2'];
  fake.change();
  assert.equal(host.localAddresses.own.has('192.0.2.2'), false);
  await host.refreshAddresses();
  assert.ok(host.localAddresses.own.has('192.0.2.2'));
  assert.notEqual(host.localAddresses, before);
  await host.refreshAddresses();
  assert.equal(fake.dumps, 2);
  await host.close();
  assert.ok(fake.isClosed);
});

test('a change while the addresses are read for the first time leads to another reading', async () => {
  const fake = new FakeAddresses();
  const read = fake.dump.bind(fake);
  fake.dump = () => {
    const addresses = read();
    if (fake.dumps === 1) {
      fake.addresses = ['192.0.2.2'];
      fake.change();
    }
    return addresses;
  };
  const host = await KnownHost.open(OPTIONS, { given: undefined, addresses: [fake], sockets: [] });
  await host.refreshAddresses();
  assert.ok(host.localAddresses.own.has('192.0.2.2'));
  await host.close();
});

test('a source of addresses that does not work gives way to the next one', async () => {
  const refused: AddressSource = {
    name: 'refused',
    dump: () => {
      throw new SourceFailure({ code: 'conntrack-missing', path: '/nowhere' });
    },
  };
  const fixed = fixedAddresses('198.51.100.7');
  const host = await KnownHost.open(OPTIONS, { given: undefined, addresses: [refused, fixed], sockets: [] });
  assert.ok(host.localAddresses.own.has('198.51.100.7'));
  await host.close();
});

test('following ends if the addresses cannot be read', async () => {
  const fake = new FakeAddresses();
  fake.dump = () => {
    throw new Error('out of luck');
  };
  await assert.rejects(
    KnownHost.open(OPTIONS, { given: undefined, addresses: [fake], sockets: [] }),
    /out of luck/,
  );
  assert.ok(fake.isClosed);
});
