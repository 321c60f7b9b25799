import type { PeerScope } from '../model/filter.js';
import type { Direction } from '../model/flow-row.js';
import type { Grouping } from '../model/grouping.js';
import type { SortKey } from '../model/order.js';
import type { SourceChoice } from '../sources/source-options.js';

/** The options of `snapshot()`: the command's flags by their long names. All optional; the defaults are the command's. */
export interface SnapshotOptions {
  /** The procfs to read everything from; `/proc` by default. */
  proc?: string;
  /** The process whose network namespace to read. */
  pid?: number | string;
  /** The network namespace to read, by its name in `ip netns`. */
  netns?: string;
  /** Conntrack text instead of the live table: a path, or the bytes themselves (a stream, an array of buffers). */
  input?: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The name of `input` in messages if it is no path. */
  inputName?: string;
  /** The local addresses and networks (`10.0.0.0/8`); this host's own by default. */
  local?: readonly string[];
  source?: SourceChoice | (string & {});
  /** By default all but `loopback`; if only one kind of port is named, only its direction. */
  directions?: readonly Direction[];
  /** Service ports of connections this host opens: `443`, `'80,443'`, `'8000-8099'`. */
  activePorts?: readonly (number | string)[];
  /** Service ports of connections this host accepts. */
  passivePorts?: readonly (number | string)[];
  /** Names or IANA numbers. */
  protocols?: readonly string[];
  /** Addresses and networks of peers. */
  peers?: readonly string[];
  /** Conntrack zones: `5`, `'0,5'`. */
  zones?: readonly (number | string)[];
  /**
   * True to keep connections in different states apart; or the names of the states to show, such as `SYN_RECV`. Only in a snapshot:
   * over time a connection passes through several.
   */
  states?: boolean | readonly string[];
  filter?: PeerScope | (string & {});
  by?: Grouping | (string & {});
  /** Over an interval, `bytes`, `in`, `out` and `packets` mean the traffic of the interval. */
  sort?: SortKey | (string & {});
  reverse?: boolean;
  /** The most flows; 0, the default, means all. */
  limit?: number | string;
  /** True to look up the names of peers, within one second in all; not by default. */
  names?: boolean;
  /** True if a malformed line ends the reading. */
  strict?: boolean;
}
