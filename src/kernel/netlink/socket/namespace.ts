import { closeSync, fstatSync, openSync } from 'node:fs';
import { systemCode, systemReason } from '../../../model/errors.js';
import { errnoText, isPermission, NetlinkError } from '../netlink-error.js';
import type { LibC } from './libc.js';

const CLONE_NEWNET = 0x40000000;
/** The directory in which `ip netns` keeps its namespaces. */
const NAMED_NAMESPACES = '/var/run/netns';
/** The namespace of the calling thread: Node's workers may be elsewhere. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net';

/** A network namespace, given by its name in `ip netns` or by a process in it. */
export type NetworkNamespace = { name: string } | { pid: number };

/** `network namespace blue`, for messages. */
function describe(namespace: NetworkNamespace): string {
  return 'name' in namespace
    ? `network namespace ${JSON.stringify(namespace.name)}`
    : `network namespace of process ${namespace.pid}`;
}

/**
 * The file that stands for a namespace.
 * @throws NetlinkError `no-such-namespace` if no namespace can have this name
 * @internal
 */
export function namespacePath(namespace: NetworkNamespace): string {
  if ('pid' in namespace) return `/proc/${namespace.pid}/ns/net`;
  const { name } = namespace;
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new NetlinkError('no-such-namespace', `${describe(namespace)}: no namespace can have this name`);
  }
  return `${NAMED_NAMESPACES}/${name}`;
}

/**
 * Runs `body` with this thread inside the namespace, and comes back in any case. Sockets that it opens stay there. `body` is
 * synchronous, as nothing else may run on this thread meanwhile.
 *
 * No privilege is needed if the thread is in this namespace already.
 * @throws NetlinkError `no-such-namespace`; `namespace-denied` without CAP_SYS_ADMIN, or for another user's process;
 *   `call-failed`
 */
export function insideNamespace<T>(libc: LibC, namespace: NetworkNamespace, body: () => T): T {
  const there = openNamespace(namespace, namespacePath(namespace));
  try {
    const here = openSync(OWN_NAMESPACE, 'r');
    try {
      if (isSameFile(here, there)) return body();
      enter(libc, there, describe(namespace));
      try {
        return body();
      } finally {
        enter(libc, here, 'its own network namespace again');
      }
    } finally {
      closeSync(here);
    }
  } finally {
    closeSync(there);
  }
}

function openNamespace(namespace: NetworkNamespace, path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const code = systemCode(cause);
    const what = describe(namespace);
    if (code === 'ENOENT' || code === 'ESRCH') {
      const missing = 'pid' in namespace ? 'no such process' : `no such file: ${path}`;
      throw new NetlinkError('no-such-namespace', `${what}: ${missing}`, { cause });
    }
    const isDenied = code === 'EACCES' || code === 'EPERM';
    const reason = isDenied ? `${systemReason(cause)}; it needs root` : systemReason(cause);
    throw new NetlinkError(isDenied ? 'namespace-denied' : 'call-failed', `${what}: ${reason}`, { cause });
  }
}

function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one, { bigint: true }), fstatSync(other, { bigint: true })];
  return a.dev === b.dev && a.ino === b.ino;
}

function enter(libc: LibC, fd: number, what: string): void {
  if (libc.setns(fd, CLONE_NEWNET) === 0) return;
  const errno = libc.errno();
  const isDenied = isPermission(errno);
  const reason = isDenied ? `${errnoText(errno)}; it needs root or CAP_SYS_ADMIN` : errnoText(errno);
  throw new NetlinkError(isDenied ? 'namespace-denied' : 'call-failed', `cannot enter ${what}: ${reason}`, {
    errno,
  });
}
