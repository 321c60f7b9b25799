import type { Losses } from '../../model/losses.js';

/** Keeps count of the {@link Losses}. */
export class LossRecord {
  private endedUnseen = 0;
  private eventLosses = 0;
  private resynchronisations = 0;
  private since: number | undefined;
  private unknownConnections = 0;
  private readonly missesShortConnections: boolean;

  constructor(missesShortConnections: boolean) {
    this.missesShortConnections = missesShortConnections;
  }

  entryEndedUnseen(lastDumpTime: number | undefined): void {
    this.endedUnseen++;
    this.since ??= lastDumpTime;
  }

  /** Withdraws the loss of a vanished entry: it, or its DESTROY, has turned up. */
  entryTurnedUp(): void {
    this.endedUnseen--;
    if (this.endedUnseen === 0 && this.eventLosses === 0) this.since = undefined;
  }

  eventsLost(lastDumpTime: number | undefined): void {
    this.eventLosses++;
    this.since ??= lastDumpTime;
  }

  resynchronised(): void {
    this.resynchronisations++;
  }

  unknownConnection(): void {
    this.unknownConnections++;
  }

  /** The losses up to now. */
  snapshot(): Losses {
    const { endedUnseen, eventLosses, resynchronisations, since } = this;
    const { unknownConnections, missesShortConnections } = this;
    return {
      endedUnseen,
      eventLosses,
      resynchronisations,
      since,
      unknownConnections,
      missesShortConnections,
    };
  }
}
