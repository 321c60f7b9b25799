/*
 * send-packets: reads lines "protocol source destination sport dport bytes reply-bytes" from stdin. For each it sends
 * one raw IPv4 packet of the given size in each direction, so that the kernel counts both on the entry of that
 * connection.
 *
 * A rule drops the packets after they are counted. sendto then reports EPERM, which is no error here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static unsigned char packet[65536];

static int send_packet(int fd, int protocol, struct in_addr from, struct in_addr to, int sport, int dport, int bytes) {
  struct iphdr *ip = (struct iphdr *)packet;
  memset(packet, 0, sizeof *ip + sizeof(struct tcphdr));
  ip->version = 4;
  ip->ihl = 5;
  ip->ttl = 64;
  ip->protocol = (unsigned char)protocol;
  ip->saddr = from.s_addr;
  ip->daddr = to.s_addr;
  ip->tot_len = htons((unsigned short)bytes);
  if (protocol == IPPROTO_TCP) {
    struct tcphdr *tcp = (struct tcphdr *)(ip + 1);
    tcp->source = htons((unsigned short)sport);
    tcp->dest = htons((unsigned short)dport);
    tcp->doff = 5;
    tcp->ack = 1;
    tcp->window = htons(65535);
  } else {
    struct udphdr *udp = (struct udphdr *)(ip + 1);
    udp->source = htons((unsigned short)sport);
    udp->dest = htons((unsigned short)dport);
    udp->len = htons((unsigned short)(bytes - 20));
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = to};
  if (sendto(fd, packet, (size_t)bytes, 0, (struct sockaddr *)&address, sizeof address) >= 0) return 0;
  return errno == EPERM ? 0 : -1;
}

int main(void) {
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (fd < 0) {
    perror("raw socket");
    return 1;
  }
  char name[8], source[16], destination[16];
  int sport, dport, bytes, reply_bytes;
  while (scanf("%7s %15s %15s %d %d %d %d", name, source, destination, &sport, &dport, &bytes, &reply_bytes) == 7) {
    int protocol = strcmp(name, "tcp") == 0 ? IPPROTO_TCP : IPPROTO_UDP;
    struct in_addr from, to;
    if (inet_pton(AF_INET, source, &from) != 1 || inet_pton(AF_INET, destination, &to) != 1) return 1;
    if (bytes < 40 || bytes > 65000 || reply_bytes < 40 || reply_bytes > 65000) return 1;
    if (send_packet(fd, protocol, from, to, sport, dport, bytes) < 0 ||
        send_packet(fd, protocol, to, from, dport, sport, reply_bytes) < 0) {
      perror("sendto");
      return 1;
    }
  }
  return 0;
}
