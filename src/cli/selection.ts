import type { Flags } from './flags.js';

/** The flags that choose host flows, with their spelling on the command line. */
const SELECTING = {
  active: '--active',
  passive: '--passive',
  forwarded: '--forwarded',
  loopback: '--loopback',
  activePort: '--active-port',
  aport: '--active-port',
  passivePort: '--passive-port',
  pport: '--passive-port',
  protocol: '--protocol',
  peer: '--peer',
  zone: '--zone',
  filter: '--filter',
} as const satisfies Partial<Record<keyof Flags, string>>;

/** The flags that choose host flows, as the user would type them; empty if there are none. */
export function selectionText(flags: Flags): string {
  return (Object.keys(SELECTING) as (keyof typeof SELECTING)[])
    .flatMap((name) => {
      const value = flags[name];
      if (value === undefined) return [];
      return value === true ? [SELECTING[name]] : [SELECTING[name], String(value)];
    })
    .join(' ');
}
