import type { Counter } from '../counter.js';

/** The values read for one direction; keys as the line spells them. */
export interface TupleDraft {
  src?: string;
  dst?: string;
  sport?: number;
  dport?: number;
  type?: number;
  code?: number;
  id?: number;
  srckey?: number;
  dstkey?: number;
  version?: number;
  protocol?: number;
  packets?: Counter;
  bytes?: Counter;
}

/** The fields of a draft that are plain numbers. */
export type TupleNumberKey = Exclude<keyof TupleDraft, 'src' | 'dst' | 'packets' | 'bytes'>;
