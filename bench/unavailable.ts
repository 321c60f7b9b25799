/** Why something cannot be measured on this machine: the report says so, the rest goes on. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
