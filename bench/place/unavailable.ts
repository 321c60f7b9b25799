/** The reason why something cannot be measured on this machine. The report shows it, and the rest goes on. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
