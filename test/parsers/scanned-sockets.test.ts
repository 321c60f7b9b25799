import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { mutatedLine, socketLine } from '../../parsers/arbitraries/index.js';
import { formatIpAddress } from '../../parsers/address.js';
import { tryParseSocketLine } from '../../parsers/socket/parse-socket.js';
import { DECLINED, SocketScanner } from '../../parsers/socket/scan-socket.js';
import type { ByteOrder } from '../../parsers/socket/socket-entry.js';

const scanners = { little: new SocketScanner('little'), big: new SocketScanner('big') };
const byteOrder = fc.constantFrom<ByteOrder>('little', 'big');

function addressText({ addresses, isIpv6 }: SocketScanner, start: number): string {
  const view = new DataView(new ArrayBuffer(16));
  for (let index = 0; index < 4; index++) view.setInt32(index * 4, addresses[start + index] ?? 0);
  return formatIpAddress(new Uint8Array(view.buffer, 0, isIpv6 ? 16 : 4));
}

/** A row that the scanner takes has the same ends and state for the parser of rows. Returns whether it took the row. */
function assertAgrees(row: Buffer | string, order: ByteOrder): boolean {
  const scanner = scanners[order];
  const bytes = Buffer.concat([Buffer.from(row), Buffer.from('\n')]);
  const end = scanner.scan(bytes, 0);
  if (end === DECLINED) return false;
  const text = row.toString();
  assert.equal(end, bytes.indexOf('\n'), text);
  const result = tryParseSocketLine(text, { byteOrder: order });
  assert.ok(result.ok, `the parser refuses what the scanner takes: ${text}`);
  const { stateNumber, family, local, remote } = result.value;
  assert.deepEqual(
    [scanner.stateNumber, scanner.isIpv6, scanner.localPort, scanner.remotePort],
    [stateNumber, family === 'ipv6', local.port, remote.port],
    text,
  );
  assert.deepEqual([addressText(scanner, 0), addressText(scanner, 4)], [local.address, remote.address], text);
  return true;
}

test('the scanner of socket rows agrees with their parser on every row that a kernel prints', () => {
  fc.assert(
    fc.property(socketLine(), byteOrder, (row, order) => void assertAgrees(row, order)),
    {
      numRuns: 5000,
    },
  );
});

test('the scanner of socket rows agrees with their parser on any mutation of one', () => {
  const row = mutatedLine(socketLine());
  fc.assert(
    fc.property(row, byteOrder, (mutated, order) => void assertAgrees(mutated, order)),
    {
      numRuns: 20_000,
    },
  );
});

test('the scanner takes every row of a live kernel', () => {
  for (const file of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const text = readFileSync(new URL(`../../../fixtures/linux-6.18/${file}`, import.meta.url), 'utf8');
    for (const row of text.trimEnd().split('\n').slice(1)) assert.ok(assertAgrees(row, 'little'), row);
  }
});
