import { TCP } from '../../src/engine/connection.js';
import { SocketEvidence } from '../../src/engine/evidence.js';
import type { SocketSource } from '../../src/sources/traffic-source.js';

/** A source of the sockets of TCP that listen on these ports whenever it is asked. */
export function listeningSockets(ports: ReadonlySet<number>): SocketSource {
  return {
    name: 'fake',
    dump(addresses) {
      const evidence = new SocketEvidence(addresses);
      for (const port of ports) evidence.addListener(TCP, evidence.addresses.idOfText('0.0.0.0'), port);
      return { evidence, bytes: { known: false }, diagnostics: [] };
    },
  };
}
