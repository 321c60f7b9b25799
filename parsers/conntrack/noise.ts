const TRAILER =
  /conntrack v\S+ \(conntrack-tools\): \d+ (?:flow entries|flow events|expectations) have been \w+\.\r?$/;

/** Whether a line is one that dumps contain besides entries: blank lines, conntrack's own messages, expectations of kernels 2.4. */
export function isConntrackNoise(line: string): boolean {
  return line.startsWith('EXPECTING: ') || isForeignLine(line);
}

/** Whether a line is none of the kernel's: a blank line or one of conntrack's own messages. */
export function isForeignLine(line: string): boolean {
  return (
    line.trim() === '' ||
    line.startsWith('nfct_labelmap_new: ') ||
    (line.startsWith('conntrack v') && TRAILER.test(line))
  );
}

/**
 * The part of a line before conntrack's closing message, where that message (from standard error) fell into the middle
 * of an entry: the entry goes on in the next line. Undefined for any other line.
 */
export function beforeTrailer(line: string): string | undefined {
  const match = TRAILER.exec(line);
  return match === null || match.index === 0 ? undefined : line.slice(0, match.index);
}
