import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConntrackLine, type ConntrackEntry } from 'hostflow/parsers';
import { SocketEvidence } from '../../src/engine/evidence.js';
import { resolveSnapshotOptions } from '../../src/library/options.js';
import { FlowResolver } from '../../src/sources/flow-resolver.js';
import { KnownHost } from '../../src/sources/known-host.js';
import { fixedAddresses } from '../support/fixed-addresses.js';
import type { SocketSource } from '../../src/sources/traffic-source.js';

/** More than a table may have of released flows. */
const MANY = 20_000;

/** An entry of a connection from 10.0.1.9 to a peer. */
function entryTo(peer: string): ConntrackEntry {
  return parseConntrackLine(
    `tcp      6 100 ESTABLISHED src=10.0.1.9 dst=${peer} sport=40000 dport=80 ` +
      `src=${peer} dst=10.0.1.9 sport=80 dport=40000 [ASSURED] mark=0 use=1`,
  );
}

test('an event that comes while the sockets are read into a new table has its own flow', async () => {
  let duringReading: () => void = () => undefined;
  const sockets: SocketSource = {
    name: 'fake',
    async dump(addresses) {
      const evidence = new SocketEvidence(addresses);
      // Other ids than in the table before.
      for (let index = 0; index < 10; index++) evidence.addresses.idOfText(`203.0.113.${index}`);
      await Promise.resolve();
      duringReading();
      return { evidence, bytes: { known: false }, diagnostics: [] };
    },
  };
  const addresses = [fixedAddresses('10.0.1.9')];
  const resolver = await FlowResolver.open(
    await KnownHost.open(resolveSnapshotOptions({}), { given: undefined, addresses, sockets: [sockets] }),
  );
  const resolve = (): unknown => resolver.resolveEntry(entryTo('198.51.100.1')).flow.key;
  const before = structuredClone(resolve());
  for (let index = 0; index < MANY; index++) {
    resolver.release(resolver.resolveEntry(entryTo(`10.9.${index >> 8}.${index & 255}`)).flow);
  }
  let during: unknown;
  duringReading = () => {
    during = structuredClone(resolve());
  };
  await resolver.prepare();
  assert.deepEqual(during, before);
  assert.deepEqual(resolve(), before);
});
