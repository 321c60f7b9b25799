import { getSystemErrorMap } from 'node:util';
import type { NetlinkErrorCode } from '../../model/errors.js';

/** A failure of netlink. The message is one line for people, and the code is for programs. */
export class NetlinkError extends Error {
  readonly code: NetlinkErrorCode;
  /** The name of the kernel's error, such as `EPERM`, if it gave one. */
  readonly errno: string | undefined;

  constructor(code: NetlinkErrorCode, message: string, options: { errno?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'NetlinkError';
    this.code = code;
    this.errno = options.errno === undefined ? undefined : errnoName(options.errno);
  }
}

/** The error for bytes at `at` (from the start of the buffer) that break the format. */
export function malformed(what: string, at: number): NetlinkError {
  return new NetlinkError('malformed', `malformed netlink message: ${what} (at byte ${at})`);
}

/** True for an errno that another capability would have spared. */
export function isPermission(errno: number): boolean {
  return errnoName(errno) === 'EPERM' || errnoName(errno) === 'EACCES';
}

/** `EPERM` for 1, and so on; `errno 524` if it has no name. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** `operation not permitted (EPERM)`. */
export function errnoText(errno: number): string {
  const known = getSystemErrorMap().get(-errno);
  return known === undefined ? errnoName(errno) : `${known[1]} (${known[0]})`;
}
