const TRAILER =
  /conntrack v\S+ \(conntrack-tools\): \d+ (?:flow entries|flow events|expectations) have been \w+\.\r?$/;

/** True for lines of a dump that are no entries: blank lines, conntrack's own messages, expectations of 2.4 kernels. */
export function isConntrackNoise(line: string): boolean {
  return line.startsWith('EXPECTING: ') || isForeignLine(line);
}

/** True for a line that is not the kernel's: a blank line or one of conntrack's own messages. */
export function isForeignLine(line: string): boolean {
  return (
    line.trim() === '' ||
    line.startsWith('nfct_labelmap_new: ') ||
    (line.startsWith('conntrack v') && TRAILER.test(line))
  );
}

/**
 * The part of a line before conntrack's closing message, if that message (from standard error) cut an entry in two. The
 * entry continues in the next line. Undefined for any other line.
 */
export function beforeTrailer(line: string): string | undefined {
  const match = TRAILER.exec(line);
  return match === null || match.index === 0 ? undefined : line.slice(0, match.index);
}
