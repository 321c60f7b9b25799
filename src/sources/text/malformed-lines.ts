import type { ParseError } from '../../../parsers/parse-error.js';
import { describeMalformedLine, type Diagnostic } from '../../model/diagnostics.js';
import { HostflowError } from '../../model/errors.js';

/** Names a text that is not what was expected, and the remedy; undefined for any other text. */
export type NameText = (line: string) => string | undefined;

/** Counts the malformed lines of one text and keeps the first. Under `strict` the first is thrown as HostflowError. */
export class MalformedLines {
  private count = 0;
  private first: { line: number; error: ParseError; hint: string | undefined } | undefined;
  private readonly where: string;
  private readonly strict: boolean;
  /** Names what the first line is. Readers of text from outside set it. */
  nameText: NameText | undefined;

  constructor(where: string, strict: boolean, nameText?: NameText) {
    this.where = where;
    this.strict = strict;
    this.nameText = nameText;
  }

  /** @param text the line, or its beginning */
  add(line: number, error: ParseError, text?: string): void {
    if (!this.strict && this.first !== undefined) {
      this.count++;
      return;
    }
    const hint = text === undefined ? undefined : this.nameText?.(text);
    const first = { line, error, hint };
    if (this.strict) {
      const why = hint === undefined ? '' : `; ${hint}`;
      const message = `${error.message} (${error.code})${why}`;
      throw new HostflowError('malformed', `${this.where}, line ${line}: ${message}`);
    }
    this.count++;
    this.first = first;
  }

  /** The notice about malformed lines; none if every line was well-formed. */
  diagnostics(): Diagnostic[] {
    if (this.first === undefined) return [];
    const { where, count, first } = this;
    const { line: firstLine, error: firstError, hint } = first;
    return [
      {
        code: 'malformed-lines',
        where,
        count,
        firstLine,
        firstError,
        ...(hint === undefined ? {} : { hint }),
      },
    ];
  }

  /** @throws HostflowError (`exitCode` 1) if there were lines, and none could be read. @param read the number of lines that could */
  demandAny(read: number): void {
    if (read > 0 || this.first === undefined) return;
    const { line, error, hint } = this.first;
    const why = hint ?? describeMalformedLine(line, error);
    throw new HostflowError('failed', `not one line of ${this.where} could be read: ${why}`);
  }
}
