import assert from 'node:assert/strict';
import { platform } from 'node:os';
import { test } from 'node:test';
import { loadLibC } from '../../src/kernel/netlink/socket/libc.js';
import { namespacePath } from '../../src/kernel/netlink/socket/namespace.js';

const skip = platform() === 'linux' ? false : 'netlink is asked for on Linux only';

for (const [what, importModule, message] of [
  [
    'not installed',
    () => Promise.reject(Object.assign(new Error('Cannot find\nstack'), { code: 'ERR_MODULE_NOT_FOUND' })),
    /^the optional package koffi is not installed$/,
  ],
  [
    'not installed, asked for by require() in a bundle',
    () => Promise.reject(Object.assign(new Error('Cannot find'), { code: 'MODULE_NOT_FOUND' })),
    /^the optional package koffi is not installed$/,
  ],
  [
    'without a binary for this machine',
    () => Promise.reject(new Error('Cannot find the native Koffi module\nand more')),
    /^the optional package koffi cannot be loaded: Cannot find the native Koffi module$/,
  ],
  ['of another shape', () => Promise.resolve({ default: { load: 1 } }), /of a version that does not fit$/],
  ['empty', () => Promise.resolve(undefined), /of a version that does not fit$/],
  [
    'in a program without the calls',
    () =>
      Promise.resolve({
        default: {
          load: () => ({
            func: () => {
              throw new Error("Cannot find function 'setns' in shared library");
            },
          }),
          errno: () => 0,
          address: () => 0n,
          sizeof: () => 8,
        },
      }),
    /^the C library lacks what netlink needs: Cannot find function 'setns' in shared library$/,
  ],
] as const) {
  test(`koffi ${what} is a reason, in one line`, { skip }, async () => {
    const code = what.startsWith('not installed') ? 'not-installed' : 'unavailable';
    await assert.rejects(loadLibC(importModule), { name: 'NetlinkError', code, message });
  });
}

test('the files of namespaces; a name cannot lead elsewhere', () => {
  assert.equal(namespacePath({ name: 'blue' }), '/var/run/netns/blue');
  assert.equal(namespacePath({ pid: 42 }), '/proc/42/ns/net');
  for (const name of ['', '.', '..', 'a/b', '../x', 'a\0b']) {
    assert.throws(() => namespacePath({ name }), { code: 'no-such-namespace' });
  }
});
