import { describeUnreadable } from '../model/diagnostics.js';
import { EXIT, HostflowError } from '../model/errors.js';
import { SourceFailure } from './source.js';

/**
 * Runs `body`, which keeps an account that has started: where its source fails, no other can take over.
 * @throws HostflowError (`exitCode` 1) instead of SourceFailure
 */
export async function orEnd<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const reason = describeUnreadable(error.unreadable);
    throw new HostflowError(EXIT.sourceFailed, `the account ends early: ${reason}`);
  }
}
