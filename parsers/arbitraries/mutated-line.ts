import fc from 'fast-check';
import { applyMutation, MUTATION_KINDS, type Mutation } from './mutation.js';

/**
 * A line to which one to four things happened: flipped bits, pieces cut out or off, repeated or swapped, fields dropped or
 * doubled, unknown fields and stray ones put in, numbers past every bound, NULs, bytes that are no UTF-8. As text or as
 * bytes, never with a newline in it. Shrinks towards the line itself, with fewer mutations nearer to its start.
 *
 * Composes with whatever makes lines: `conntrackLine()`, `socketLine()`, `fc.constantFrom(...real)`.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(mutatedLine(conntrackLine()), (line) => {
 *     tryParseConntrackLine(line.toString());
 *   }),
 * );
 * ```
 */
export function mutatedLine(line: fc.Arbitrary<string>): fc.Arbitrary<Buffer | string> {
  const mutation: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constantFrom(...MUTATION_KINDS),
    at: fc.nat(2000),
    other: fc.nat(2000),
  });
  return fc
    .tuple(line, fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([text, mutations, asBytes]) => {
      const bytes = mutations.reduce(applyMutation, Buffer.from(text));
      return asBytes ? bytes : bytes.toString();
    });
}
