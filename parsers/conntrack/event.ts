import type { Counter } from '../counter.js';
import type { ConntrackEntry } from './entry.js';

/** The change to the entry: `IPCT_NEW`, `IPCT_DESTROY`, or any other change. */
export type ConntrackEventType = 'NEW' | 'UPDATE' | 'DESTROY';

/** The time at which conntrack received the event (`struct timeval`, since the epoch), from `-o timestamp`. */
export interface EventTimestamp {
  /** Whole seconds since the epoch. */
  seconds: Counter;
  /** 0 to 999999. */
  microseconds: number;
}

/** The program that caused the event through netlink: `[USERSPACE] portid=… progname=…`. */
export interface UserspaceOrigin {
  /** `portid=`: the netlink port, often the process id. Printed since conntrack-tools 1.4.7. */
  portId?: number;
  /** `progname=`: the process's `comm`, which may contain any characters, blanks included. */
  programName?: string;
  /** Fields in between without a field in this version. */
  extra?: string[];
}

/** One line of `conntrack -E`. */
export interface ConntrackEvent {
  /** `[NEW]`, `[UPDATE]` or `[DESTROY]`. */
  type: ConntrackEventType;
  /** The time of the event, from `-o timestamp`. */
  timestamp?: EventTimestamp;
  /**
   * The part of the connection that the event reports.
   *
   * Counters come only with DESTROY. Kernels before 3.x send no status with it. Mark, labels and security context come
   * only if they are set or changed; `use` never does.
   */
  entry: ConntrackEntry;
  /** Undefined if the kernel itself caused the event, because of traffic or time. */
  userspace?: UserspaceOrigin;
}
