/*
 * datagrams NETWORK PER_SECOND SECONDS: sends PER_SECOND datagrams a second and prints the number sent. The first three
 * bytes of NETWORK are kept. The last byte and the port vary, so that a destination repeats only after 16 million.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define TICKS_A_SECOND 1000
#define NANOSECONDS 1000000000LL
#define ADDRESSES 256

int main(int count, char **argument) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (count != 4 || inet_pton(AF_INET, argument[1], &to.sin_addr) != 1) {
    fputs("usage: datagrams NETWORK PER_SECOND SECONDS\n", stderr);
    return 2;
  }
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  long a_tick = atol(argument[2]) / TICKS_A_SECOND, ticks = atol(argument[3]) * TICKS_A_SECOND;
  unsigned long network = ntohl(to.sin_addr.s_addr) & ~255ul, index = 0;
  long sent = 0;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (long tick = 0; tick < ticks; tick++) {
    next.tv_nsec += NANOSECONDS / TICKS_A_SECOND;
    if (next.tv_nsec >= NANOSECONDS) {
      next.tv_nsec -= NANOSECONDS;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    for (long i = 0; i < a_tick; i++, index++) {
      to.sin_addr.s_addr = htonl((unsigned)(network + index % ADDRESSES));
      to.sin_port = htons((unsigned short)(1 + index / ADDRESSES % 65535));
      if (sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) == 5) sent++;
    }
  }
  printf("%ld\n", sent);
  return 0;
}
