import { sanitizeText } from './sanitize.js';

/** The exit codes of a run. */
export const EXIT = { done: 0, sourceFailed: 1, usage: 2, malformed: 3 } as const;

/** One of {@link EXIT}'s numbers. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * The cause of a {@link HostflowError}:
 * - `usage`: an option has a wrong value, or contradicts another.
 * - `permission`: the kernel refused a privilege.
 * - `missing`: the file, process or namespace does not exist.
 * - `unsupported`: this system cannot do it.
 * - `failed`: reading failed for another reason.
 * - `malformed`: a line is malformed, and `strict` is set.
 */
export type HostflowErrorCode = 'usage' | 'permission' | 'missing' | 'unsupported' | 'failed' | 'malformed';

/** Mark the name of an option in a message. Text from outside cannot hold them, as control characters are removed from it. */
const [NAME_START, NAME_END] = ['\u0001', '\u0002'];
const NAMES = new RegExp(`${NAME_START}([^${NAME_END}]*)${NAME_END}`, 'g');

/** An option in a message, as the library names it. The command shows it as its flag: see {@link spell}. */
export function option(name: string): string {
  return `${NAME_START}${name}${NAME_END}`;
}

/** Separates the library's words from the command's, see {@link either}. */
const OR = '\u0003';

/** Words of a message that suit a program which uses the library, and those that suit the command. */
export function either(words: { library: string; command: string }): string {
  return `${NAME_START}${words.library}${OR}${words.command}${NAME_END}`;
}

/** The remedy for a lack of privileges. */
export const AS_ROOT: string = either({ library: 'run as root', command: 'sudo hostflow' });

/** The library's words for flags that have no option of the same name. */
const LIBRARY_WORDS: ReadonlyMap<string, string> = new Map([
  ['stdin', 'the option input'],
  ['anyInput', 'input'],
  ['active', 'the direction active'],
  ['passive', 'the direction passive'],
  ['loopback', 'the direction loopback'],
]);

/** Replaces the marked options in a message by `nameOf`, for the command; by default by the library's names. */
export function spell(message: string, nameOf?: (option: string) => string): string {
  return message.replace(NAMES, (_, marked: string) => {
    const [name = '', command] = marked.split(OR);
    if (command !== undefined) return nameOf === undefined ? name : command;
    return nameOf === undefined ? (LIBRARY_WORDS.get(name) ?? name) : nameOf(name);
  });
}

/**
 * A failure that the user can remedy. `message` is one line for people. `code` is the cause, and `exitCode` the command's.
 * @example
 * try {
 *   await snapshot({ source: 'netlink' });
 * } catch (error) {
 *   if (error instanceof HostflowError && error.code === 'permission') console.error(error.message);
 * }
 */
export class HostflowError extends Error {
  readonly code: HostflowErrorCode;
  /** The message before {@link spell}. */
  private readonly template: string;

  /** @param template the message, its options marked by {@link option} */
  constructor(code: HostflowErrorCode, template: string) {
    super(sanitizeText(spell(template)));
    this.name = 'HostflowError';
    this.code = code;
    this.template = template;
  }

  /** The command's exit code for this failure: 1 a source failed, 2 usage, 3 malformed input. */
  get exitCode(): ExitCode {
    if (this.code === 'usage') return EXIT.usage;
    return this.code === 'malformed' ? EXIT.malformed : EXIT.sourceFailed;
  }

  /** The message, with options named by `nameOf`. */
  describe(nameOf: (option: string) => string): string {
    return sanitizeText(spell(this.template, nameOf));
  }
}

/**
 * The cause of a netlink failure:
 * - `not-installed`: the optional package `koffi` is missing. The kernel was not asked.
 * - `unavailable`: the system is not Linux, or `koffi` or the C library does not fit. The kernel was not asked.
 * - `no-such-namespace`: the namespace's file does not exist.
 * - `namespace-denied`: this process may not enter the namespace (root, or CAP_SYS_ADMIN).
 * - `not-permitted`: this process lacks a capability.
 * - `call-failed`: a system call failed for another reason.
 * - `refused`: the kernel answered with `NLMSG_ERROR`, or ended the dump with an error.
 * - `malformed`: the bytes are no netlink message, or not the expected one.
 * - `interrupted`: the table changed during each of several dumps (`NLM_F_DUMP_INTR`).
 * - `overrun`: messages were lost because the buffer was full (`ENOBUFS`, `NLMSG_OVERRUN`).
 * - `timeout`: the kernel did not answer in time.
 * - `closed`: the socket was closed during the call.
 */
export type NetlinkErrorCode =
  | 'not-installed'
  | 'unavailable'
  | 'no-such-namespace'
  | 'namespace-denied'
  | 'not-permitted'
  | 'call-failed'
  | 'refused'
  | 'malformed'
  | 'interrupted'
  | 'overrun'
  | 'timeout'
  | 'closed';

/** The cause code of a failed system call. */
export function systemErrorCode(error: unknown): HostflowErrorCode {
  switch (systemCode(error)) {
    case 'ENOENT':
      return 'missing';
    case 'EACCES':
    case 'EPERM':
      return 'permission';
    default:
      return 'failed';
  }
}

/** The reason of a failed system call, in plain words. */
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
      // Node's messages read "CODE: reason, call 'path'". The caller names the path.
      return error instanceof Error
        ? error.message.replace(/^[A-Z0-9_]+: ([^,]+), .*$/s, '$1')
        : String(error);
  }
}

/** The `code` of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
