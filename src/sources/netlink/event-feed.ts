import { EventReader, type EventVisitor } from '../../kernel/netlink/event-reader.js';
import type { NetlinkSocket } from '../../kernel/netlink/socket/netlink-socket.js';

/** More batches than ever wait: all of them. */
const ALL_BATCHES = Number.MAX_SAFE_INTEGER;

/** Hands out the events of a socket as they come, and at once those that wait, until it is closed. */
export class EventFeed {
  /** Never: it goes on until it is closed, or fails, which the next {@link EventFeed.drain} says. */
  readonly ended: Promise<void> = new Promise(() => undefined);
  private readonly socket: NetlinkSocket;
  private readonly reader: EventReader;
  private readonly following: Promise<void>;
  /** What ended the reading, if anything did. */
  private failure: unknown;

  constructor(socket: NetlinkSocket, visitor: EventVisitor) {
    this.socket = socket;
    this.reader = new EventReader(socket, visitor);
    this.following = this.reader.follow().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Hands out what waits. @throws what ended the reading; and as `EventReader` does */
  drain(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.reader.drain(ALL_BATCHES);
  }

  async close(): Promise<void> {
    await this.socket.close();
    await this.following;
  }
}
