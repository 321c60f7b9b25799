import type { FlowRef } from './flow-account.js';

/** A program that closes without reading to the end has at least one certain connection among this many doubtful ones. */
const DOUBTFUL_FOR_CERTAIN = 200;

interface FlowDoubts {
  /** The number of connections that this end certainly closed before it read the peer's FIN. */
  certain: number;
  /** The number of connections that it may have closed so. */
  doubtful: number;
  /** The number of doubtful connections that count a byte too little if it has. */
  open: number;
}

/**
 * Settles cases in which the final counts of a socket leave open if they include the peer's FIN. The programs of a host flow close
 * in one of two ways. Some read to the end before they close their sockets. Others never do, and then some of their connections have
 * the FIN unread or still to come. In doubt the FIN counts as included and its byte is subtracted. The byte is added again when the
 * flow turns out to be of the second kind.
 */
export class FinDoubts {
  private readonly flows = new WeakMap<FlowRef, FlowDoubts>();

  /** Notes a connection that was closed without reading to the end. @returns the number of received bytes to add */
  certain(flow: FlowRef): number {
    const doubts = this.of(flow);
    doubts.certain++;
    return settled(doubts);
  }

  /** Notes a connection that may have been closed so. @returns the number of received bytes to add */
  doubtful(flow: FlowRef): number {
    const doubts = this.of(flow);
    doubts.doubtful++;
    doubts.open++;
    return settled(doubts);
  }

  private of(flow: FlowRef): FlowDoubts {
    let doubts = this.flows.get(flow);
    if (doubts === undefined) this.flows.set(flow, (doubts = { certain: 0, doubtful: 0, open: 0 }));
    return doubts;
  }
}

function settled(doubts: FlowDoubts): number {
  if (doubts.certain * DOUBTFUL_FOR_CERTAIN < doubts.doubtful || doubts.certain === 0) return 0;
  const { open } = doubts;
  doubts.open = 0;
  return open;
}
