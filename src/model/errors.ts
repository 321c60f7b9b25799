/** How a run ends: the exit codes. */
export const EXIT = { done: 0, sourceFailed: 1, usage: 2, malformed: 3 } as const;

/** One of {@link EXIT}'s numbers. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end that the user can do something about: its message is all they see of it. */
export class HostflowError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'HostflowError';
    this.exitCode = exitCode;
  }
}

/** Why a system call failed, in words that need no manual. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
      return 'a part of the path is not a directory';
    default:
      // Node's messages are "CODE: what, call 'path'": the caller names the path.
      return error instanceof Error
        ? error.message.replace(/^[A-Z0-9_]+: ([^,]+), .*$/s, '$1')
        : String(error);
  }
}

/** The `code` of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
