import fc from 'fast-check';
import { applyMutation, MUTATION_KINDS, type Mutation } from './mutation.js';

/**
 * A line with one to four mutations: flipped bits; pieces cut out or off, repeated or swapped; fields dropped or
 * doubled; unknown or stray fields inserted; numbers beyond every bound; NULs; bytes that are no UTF-8.
 *
 * The line is text or bytes and never contains a newline. Shrinks by omitting first fields, then parts of fields.
 *
 * Composes with any arbitrary that makes lines: `conntrackLine()`, `socketLine()`, `fc.constantFrom(...real)`.
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
  const mutated = fc
    .tuple(line, fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([text, mutations, asBytes]) => {
      const bytes = mutations.reduce(applyMutation, Buffer.from(text));
      return asBytes ? bytes : bytes.toString();
    });
  return new ShrinkingByOmission(mutated);
}

/**
 * Values of another arbitrary, shrunk by omitting parts of the line. Shrinking the source of the line would move the
 * mutations elsewhere.
 */
class ShrinkingByOmission extends fc.Arbitrary<Buffer | string> {
  private readonly made: fc.Arbitrary<Buffer | string>;

  constructor(made: fc.Arbitrary<Buffer | string>) {
    super();
    this.made = made;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<Buffer | string> {
    return new fc.Value(this.made.generate(random, biasFactor).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Buffer | string {
    return typeof value === 'string' || Buffer.isBuffer(value);
  }

  override shrink(value: Buffer | string): fc.Stream<fc.Value<Buffer | string>> {
    return fc.stream(shorterLines(value)).map((line) => new fc.Value(line, undefined));
  }
}

/** Yields shorter lines, cut by characters or bytes: first by half of the fields, last by one character. */
function* shorterLines(line: Buffer | string): Generator<Buffer | string, undefined> {
  const isText = typeof line === 'string';
  const fields = (isText ? line : line.toString('latin1')).split(' ');
  const joined = (parts: readonly string[]): Buffer | string =>
    isText ? parts.join(' ') : Buffer.from(parts.join(' '), 'latin1');
  if (fields.length > 1) for (const fewer of withoutSome(fields)) yield joined(fewer);
  for (const [index, field] of fields.entries()) {
    for (const fewer of withoutSome(Array.from(field))) yield joined(fields.with(index, fewer.join('')));
  }
}

/** Yields the list without each half, then without each quarter, and so on to each item. */
function* withoutSome<T>(items: readonly T[]): Generator<T[], undefined> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < items.length; start += size) yield items.toSpliced(start, size);
  }
}
