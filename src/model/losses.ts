/** What may be missing from the totals. They never hold too much. */
export interface Losses {
  /** Entries that ended without a DESTROY: what they carried after the dump that showed them last is missing. */
  endedUnseen: number;
  /** How often events were lost: connections that came and went meanwhile may be missing altogether. */
  eventLosses: number;
  /** How often a complete dump brought the entries up to date after such a loss. */
  resynchronisations: number;
  /** The time of the last dump before the first loss: until then nothing was missing. */
  since: number | undefined;
  /** Connections without counters: their bytes are unknown. */
  unknownConnections: number;
  /** Without events, connections shorter than the time between two dumps are missed, and nobody knows how many. */
  missesShortConnections: boolean;
}

/** Keeps the {@link Losses}. */
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

  /** An entry that passed for ended turned up, or its DESTROY did: nothing of it is missing. */
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
