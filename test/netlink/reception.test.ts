import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { LibC } from '../../src/kernel/netlink/socket/libc.js';
import { ReceiveBatch } from '../../src/kernel/netlink/socket/receive-batch.js';
import { Reception, type Receiver } from '../../src/kernel/netlink/socket/reception.js';

const CAPACITY = 3;
const REQUEST = new Uint8Array(20);
/** Batches need the addresses of their memory; nobody writes there. */
const LIBC = { pointerBytes: 8, addressOf: () => 0n } as unknown as LibC;

/** A kernel that answers with numbered datagrams: so many for each call, 0 for none, and none after the last. */
class NumberingKernel implements Receiver {
  readonly contents = new Map<ReceiveBatch, number[]>();
  isSent = false;
  isReceiving = false;
  private readonly finds: number[];
  private count = 0;

  constructor(finds: readonly number[]) {
    this.finds = [...finds];
  }

  async send(request: Uint8Array): Promise<void> {
    await turn();
    assert.equal(request, REQUEST);
    this.isSent = true;
  }

  newBatch(): ReceiveBatch {
    return new ReceiveBatch(LIBC, CAPACITY);
  }

  async receiveInBackground(batch: ReceiveBatch): Promise<number | 'empty'> {
    assert.ok(this.isSent && !this.isReceiving);
    this.isReceiving = true;
    const found = this.finds.shift() ?? 0;
    const numbers = Array.from({ length: found }, () => this.count++);
    this.contents.set(batch, []);
    await turn();
    this.contents.set(batch, numbers);
    this.isReceiving = false;
    return found === 0 ? 'empty' : found;
  }
}

const finds = fc.array(fc.nat({ max: CAPACITY }), { maxLength: 20 });

test('datagrams come in order, each once, and stay while they are read, however slowly', async () => {
  await fc.assert(
    fc.asyncProperty(finds, fc.array(fc.nat({ max: 4 }), { maxLength: 40 }), async (found, delays) => {
      const kernel = new NumberingKernel(found);
      const reception = new Reception(kernel, REQUEST);
      const total = found.reduce((sum, one) => sum + one, 0);
      const read: number[] = [];
      while (read.length < total) {
        const { batch, received } = await reception.next();
        const numbers = kernel.contents.get(batch) ?? [];
        assert.equal(received, numbers.length === 0 ? 'empty' : numbers.length);
        for (let wait = delays.pop() ?? 0; wait > 0; wait--) await turn();
        assert.equal(kernel.contents.get(batch), numbers, 'overwritten while it was read');
        read.push(...numbers);
        reception.giveBack(batch);
      }
      assert.deepEqual(
        read,
        Array.from({ length: total }, (_, index) => index),
      );
      await reception.end();
      assert.equal(kernel.isReceiving, false);
      // Batches are few, however long the answer is.
      assert.ok(kernel.contents.size <= 3);
    }),
  );
});

test('a failure comes out behind what was received before it, and no end leaves a call behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 4 }), fc.nat({ max: 6 }), async (full, taken) => {
      const kernel = new NumberingKernel(Array.from({ length: full }, () => CAPACITY));
      const failing: Receiver = {
        send: (request) => kernel.send(request),
        newBatch: () => kernel.newBatch(),
        receiveInBackground: async (batch) => {
          const received = await kernel.receiveInBackground(batch);
          if (received === 'empty') throw new Error('broken');
          return received;
        },
      };
      const reception = new Reception(failing, REQUEST);
      for (let batches = 0; batches < Math.min(full, taken); batches++) {
        const { batch, received } = await reception.next();
        assert.equal(received, CAPACITY);
        reception.giveBack(batch);
      }
      if (taken > full) await assert.rejects(reception.next(), /^Error: broken$/);
      await reception.end();
      assert.equal(kernel.isReceiving, false);
    }),
  );
});

test('a request that cannot be sent is a failure of the first batch', async () => {
  const kernel = new NumberingKernel([]);
  const reception = new Reception(
    {
      send: () => Promise.reject(new Error('no way')),
      newBatch: () => kernel.newBatch(),
      receiveInBackground: (batch) => kernel.receiveInBackground(batch),
    },
    REQUEST,
  );
  await assert.rejects(reception.next(), /^Error: no way$/);
  await reception.end();
});
