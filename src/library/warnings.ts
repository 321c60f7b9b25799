import { describeDiagnostic, type Diagnostic, type DiagnosticCode } from '../model/diagnostics.js';
import { spell } from '../model/errors.js';

/** A fact that the numbers leave open, and its remedy. */
export interface Warning {
  code: DiagnosticCode;
  /** One line of text without control characters; options are named as the library names them. */
  message: string;
}

/** Notices for programs. @param nameOf the names of options in messages; the library's own by default */
export function warningsOf(notices: readonly Diagnostic[], nameOf?: (option: string) => string): Warning[] {
  return notices.map((notice) => ({ code: notice.code, message: spell(describeDiagnostic(notice), nameOf) }));
}
