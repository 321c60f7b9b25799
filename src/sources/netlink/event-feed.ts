import { EventReader, type EventVisitor } from '../../kernel/netlink/event-reader.js';
import type { NetlinkSocket } from '../../kernel/netlink/socket/netlink-socket.js';

/** More batches than can ever wait. */
const ALL_BATCHES = Number.MAX_SAFE_INTEGER;

/** Hands out the events of a socket as they come, until it is closed. {@link EventFeed.drain} hands out waiting ones at once. */
export class EventFeed {
  /** Never fulfilled. A failure is thrown by the next {@link EventFeed.drain}. */
  readonly ended: Promise<void> = new Promise(() => undefined);
  private readonly socket: NetlinkSocket;
  private readonly reader: EventReader;
  private readonly following: Promise<void>;
  /** The error that ended the reading, if there was one. */
  private failure: unknown;

  constructor(socket: NetlinkSocket, visitor: EventVisitor) {
    this.socket = socket;
    this.reader = new EventReader(socket, visitor);
    this.following = this.reader.follow().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Hands out the waiting events. @throws the error that ended the reading, and those of `EventReader` */
  drain(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.reader.drain(ALL_BATCHES);
  }

  async close(): Promise<void> {
    await this.socket.close();
    await this.following;
  }
}
