import { getSystemErrorMap } from 'node:util';
import type { NetlinkErrorCode } from '../../model/errors.js';

/** What netlink reports where it has nothing to give. The message is one line for people. */
export class NetlinkError extends Error {
  readonly code: NetlinkErrorCode;
  /** The kernel's error by name, such as `EPERM`, where it gave one. */
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

/** Whether an errno is one of those that another capability would have spared. */
export function isPermission(errno: number): boolean {
  return errnoName(errno) === 'EPERM' || errnoName(errno) === 'EACCES';
}

/** `EPERM` for 1, and so on; `errno 524` where it has no name. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** `operation not permitted (EPERM)`. */
export function errnoText(errno: number): string {
  const known = getSystemErrorMap().get(-errno);
  return known === undefined ? errnoName(errno) : `${known[1]} (${known[0]})`;
}
