import { readFileSync } from 'node:fs';

/** The files with the names of connection labels: lines of a bit number and a name. */
const CONNLABEL_FILE = '/etc/xtables/connlabel.conf';

/**
 * Reads the text of `connlabel.conf`, as libnetfilter_conntrack does: a number, blanks, and the name, which may hold blanks;
 * `#` starts a comment line. The first name of a bit counts. Lines of another kind are skipped.
 */
export function parseLabelNames(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, bit, name] = /^\s*(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (bit === undefined || name === undefined || names.has(Number(bit))) continue;
    names.set(Number(bit), name);
  }
  return names;
}

/** The names that this host has for label bits; none where the file is not there or cannot be read. */
export function readLabelNames(path: string = CONNLABEL_FILE): Map<number, string> {
  try {
    return parseLabelNames(readFileSync(path, 'utf8'));
  } catch {
    return new Map();
  }
}
