/** A range of ports, both ends included. */
export interface PortRange {
  first: number;
  last: number;
}

/** The kernel's default of `net.ipv4.ip_local_port_range`. */
export const DEFAULT_EPHEMERAL_PORTS: PortRange = { first: 32768, last: 60999 };
const FIRST_UNPRIVILEGED = 1024;
/** FTP's servers open data connections from this port. */
const FTP_DATA = 20;

/**
 * True if a port looks like that of a service, and the other end's like that of an opener. Openers get theirs from the range. The
 * other host has a range of its own, most probably as high.
 */
export function looksLikeService(port: number, otherPort: number, ephemeral: PortRange): boolean {
  return port < ephemeral.first && otherPort >= ephemeral.first && port !== FTP_DATA;
}

/** True if the other end's port may be an opener's where this port has a listener. Else both may be services, as between peers. */
export function canBeOpeners(otherPort: number, listeningPort: number, ephemeral: PortRange): boolean {
  return (
    otherPort >= ephemeral.first || (otherPort >= FIRST_UNPRIVILEGED && listeningPort < FIRST_UNPRIVILEGED)
  );
}
