import type { FlowRef } from './flow-account.js';

/** Of so many doubtful connections of a program that closes first and looks no further, one at least is certain. */
const DOUBTFUL_FOR_CERTAIN = 200;

interface FlowDoubts {
  /** Connections of which this end certainly closed its socket before the peer's FIN was read. */
  certain: number;
  /** Those of which it may have. */
  doubtful: number;
  /** How many of the latter count a byte too little if it has. */
  open: number;
}

/**
 * Settles where the last figures of a socket leave open whether the peer's FIN is a part of what it received. The programs of a
 * host flow close as they do: either they read to the end before they close their socket, or they never do, and then the FIN
 * is found unread, or awaited, in some of their connections. In doubt it is taken for a part, and the byte is added when the
 * flow turns out to be of the other kind.
 */
export class FinDoubts {
  private readonly flows = new WeakMap<FlowRef, FlowDoubts>();

  /** A connection of the flow was closed without reading to the end. @returns how many bytes received are to be added */
  certain(flow: FlowRef): number {
    const doubts = this.of(flow);
    doubts.certain++;
    return settled(doubts);
  }

  /** A connection of the flow may have been. @returns how many bytes received are to be added */
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
