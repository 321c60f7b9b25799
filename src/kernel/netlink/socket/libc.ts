import { platform } from 'node:os';
import { NetlinkError } from '../netlink-error.js';

/** Bytes that C reads or writes during the call. The caller keeps them alive. */
type Memory = Uint8Array;

/** The calls of the C library that netlink needs. After a result below zero, {@link LibC.errno} has the reason. */
export interface LibC {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Memory, length: number): number;
  getsockname(fd: number, address: Memory, length: Memory): number;
  setsockopt(fd: number, level: number, name: number, value: Memory, length: number): number;
  send(fd: number, bytes: Memory, length: number, flags: number): number;
  /** {@link LibC.send} on another thread. */
  sendInBackground(fd: number, bytes: Memory, length: number, flags: number): Promise<CallResult>;
  recvmmsg(fd: number, headers: Memory, count: number, flags: number): number;
  /** {@link LibC.recvmmsg} on another thread. */
  recvmmsgInBackground(fd: number, headers: Memory, count: number, flags: number): Promise<CallResult>;
  /** `poll` on another thread. */
  pollInBackground(descriptors: Memory, count: number, timeoutMilliseconds: number): Promise<CallResult>;
  poll(descriptors: Memory, count: number, timeoutMilliseconds: number): number;
  eventfd(initial: number, flags: number): number;
  write(fd: number, bytes: Memory, length: number): number;
  close(fd: number): number;
  setns(fd: number, namespaceType: number): number;
  /** The errno of this thread's last call. Read it before the next call. */
  errno(): number;
  /** The address of the bytes, for structures with pointers. */
  addressOf(bytes: Memory): bigint;
  /** 4 or 8. */
  readonly pointerBytes: number;
}

/** The result of a call on another thread. */
export interface CallResult {
  result: number;
  errno: number;
}

/** The part of koffi that is used here. Its own types are absent if it is not installed. */
interface Koffi {
  load(path: null): KoffiLibrary;
  errno(): number;
  address(bytes: Memory): bigint;
  sizeof(type: string): number;
}
interface KoffiLibrary {
  func(prototype: string): unknown;
}
type Call<Arguments extends unknown[]> = ((...values: Arguments) => number) & {
  async(...values: [...Arguments, (error: unknown, result: number) => void]): void;
};

/** The optional dependency. If this were a literal in `import()`, the compiler would want its types. */
const KOFFI: string = 'koffi';

/**
 * Binds the C library through koffi.
 * @throws NetlinkError `not-installed` without koffi, `unavailable` if something does not fit
 */
export async function loadLibC(
  importModule: (name: string) => Promise<unknown> = importByName,
): Promise<LibC> {
  if (platform() !== 'linux') throw new NetlinkError('unavailable', 'netlink exists on Linux only');
  const koffi = await loadKoffi(importModule);
  try {
    return bindLibC(koffi);
  } catch (cause) {
    throw new NetlinkError('unavailable', `the C library lacks what netlink needs: ${firstLine(cause)}`, {
      cause,
    });
  }
}

function importByName(name: string): Promise<unknown> {
  return import(name);
}

async function loadKoffi(importModule: (name: string) => Promise<unknown>): Promise<Koffi> {
  let module: unknown;
  try {
    module = await importModule(KOFFI);
  } catch (cause) {
    if (isModuleMissing(cause)) {
      throw new NetlinkError('not-installed', 'the optional package koffi is not installed', { cause });
    }
    const reason = `the optional package koffi cannot be loaded: ${firstLine(cause)}`;
    throw new NetlinkError('unavailable', reason, { cause });
  }
  const koffi = isRecord(module) ? module['default'] : undefined;
  const needed = ['load', 'errno', 'address', 'sizeof'];
  if (!isRecord(koffi) || needed.some((name) => typeof koffi[name] !== 'function')) {
    throw new NetlinkError('unavailable', 'the optional package koffi is of a version that does not fit');
  }
  return koffi as unknown as Koffi;
}

/** The second code is that of `require()`, into which a bundler may turn `import()`. */
function isModuleMissing(error: unknown): boolean {
  const codes: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}

function bindLibC(koffi: Koffi): LibC {
  // The program itself has the C library loaded, under any file name.
  const library = koffi.load(null);
  const call = <Arguments extends unknown[]>(prototype: string): Call<Arguments> =>
    library.func(prototype) as Call<Arguments>;
  const receive = call<[number, Memory, number, number, null]>(
    'int recvmmsg(int, void *, unsigned int, int, void *)',
  );
  const send = call<[number, Memory, number, number]>('intptr_t send(int, void *, uintptr_t, int)');
  const poll = call<[Memory, number, number]>('int poll(void *, unsigned long, int)');
  const background = (start: (done: (error: unknown, result: number) => void) => void): Promise<CallResult> =>
    new Promise((resolve, reject) => {
      start((error, result) => {
        const errno = koffi.errno();
        if (error instanceof Error) reject(error);
        else resolve({ result, errno });
      });
    });
  return {
    socket: call<[number, number, number]>('int socket(int, int, int)'),
    bind: call<[number, Memory, number]>('int bind(int, void *, unsigned int)'),
    getsockname: call<[number, Memory, Memory]>('int getsockname(int, void *, void *)'),
    setsockopt: call<[number, number, number, Memory, number]>(
      'int setsockopt(int, int, int, void *, unsigned int)',
    ),
    send,
    sendInBackground: (fd, bytes, length, flags) =>
      background((done) => {
        send.async(fd, bytes, length, flags, done);
      }),
    recvmmsg: (fd, headers, count, flags) => receive(fd, headers, count, flags, null),
    recvmmsgInBackground: (fd, headers, count, flags) =>
      background((done) => {
        receive.async(fd, headers, count, flags, null, done);
      }),
    poll,
    pollInBackground: (descriptors, count, timeoutMilliseconds) =>
      background((done) => {
        poll.async(descriptors, count, timeoutMilliseconds, done);
      }),
    eventfd: call<[number, number]>('int eventfd(unsigned int, int)'),
    write: call<[number, Memory, number]>('intptr_t write(int, void *, uintptr_t)'),
    close: call<[number]>('int close(int)'),
    setns: call<[number, number]>('int setns(int, int)'),
    errno: () => koffi.errno(),
    addressOf: (bytes) => koffi.address(bytes),
    pointerBytes: koffi.sizeof('void *'),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
