import type { Counter } from '../counter.js';
import type { ConntrackEntry } from './entry.js';

/** What became of the entry: `IPCT_NEW`, `IPCT_DESTROY`, or any other change. */
export type ConntrackEventType = 'NEW' | 'UPDATE' | 'DESTROY';

/** When conntrack got the event (`struct timeval`, since the epoch), from `-o timestamp`. */
export interface EventTimestamp {
  /** Whole seconds since the epoch. */
  seconds: Counter;
  /** 0 to 999999. */
  microseconds: number;
}

/** The program that caused the event through netlink: `[USERSPACE] portid=… progname=…`. */
export interface UserspaceOrigin {
  /** `portid=`: the netlink port, often the process id. From conntrack-tools 1.4.7 on. */
  portId?: number;
  /** `progname=`: the process's `comm`; it may hold any characters, blanks too. */
  programName?: string;
  /** What stands between that this version has no field for. */
  extra?: string[];
}

/** One line of `conntrack -E`. */
export interface ConntrackEvent {
  /** `[NEW]`, `[UPDATE]` or `[DESTROY]`. */
  type: ConntrackEventType;
  /** From `-o timestamp`. */
  timestamp?: EventTimestamp;
  /**
   * What the event says of the connection, which is not all of it: counters come with DESTROY only, kernels before 3.x
   * send no status with it, mark, labels and security context only where they are set or changed, `use` never.
   */
  entry: ConntrackEntry;
  /** Undefined where the kernel itself, so traffic or time, caused the event. */
  userspace?: UserspaceOrigin;
}
