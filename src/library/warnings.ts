import { describeDiagnostic, type Diagnostic, type DiagnosticCode } from '../model/diagnostics.js';
import { spell } from '../model/errors.js';

/** A fact that the numbers leave open, and its remedy. `docs/errors.md` has a row for each code. */
export interface Warning {
  code: DiagnosticCode;
  /** One line of text without control characters. Options have their names in the library. */
  message: string;
}

/** Turns notices into warnings. @param nameOf names the options in messages; by default as the library does */
export function warningsOf(notices: readonly Diagnostic[], nameOf?: (option: string) => string): Warning[] {
  return notices.map((notice) => ({ code: notice.code, message: spell(describeDiagnostic(notice), nameOf) }));
}
