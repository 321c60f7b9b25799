import type { ParseError } from '../../../parsers/parse-error.js';
import type { Diagnostic } from '../../model/diagnostics.js';
import { HostflowError } from '../../model/errors.js';

/** Counts the malformed lines of one text and keeps the first. Under `strict` the first is thrown as HostflowError. */
export class MalformedLines {
  private count = 0;
  private first: { line: number; error: ParseError } | undefined;
  private readonly where: string;
  private readonly strict: boolean;

  constructor(where: string, strict: boolean) {
    this.where = where;
    this.strict = strict;
  }

  add(line: number, error: ParseError): void {
    if (this.strict) {
      throw new HostflowError('malformed', `${this.where}, line ${line}: ${error.message} (${error.code})`);
    }
    this.count++;
    this.first ??= { line, error };
  }

  /** The notice about malformed lines; none if every line was well-formed. */
  diagnostics(): Diagnostic[] {
    if (this.first === undefined) return [];
    const { where, count, first } = this;
    return [{ code: 'malformed-lines', where, count, firstLine: first.line, firstError: first.error }];
  }
}
