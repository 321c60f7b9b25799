/*
 * connections serve ADDRESS PORT PORTS: answers each connection to these ports with some bytes and closes it.
 * connections open ADDRESS PORT PORTS PER_SECOND SECONDS: opens PER_SECOND connections a second to the ports in turn,
 * one at a time. Sends some bytes on each and reads to the end. Prints the number of connections made.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_PORTS 64
#define BACKLOG 4096
#define NANOSECONDS 1000000000LL

static char request[200], reply[1000];

static struct sockaddr_in address_of(const char *text, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
    fprintf(stderr, "%s is not an address\n", text);
    exit(1);
  }
  return address;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void answer(int listener) {
  int connection = accept(listener, NULL, NULL);
  if (connection < 0) return;
  char buffer[sizeof request];
  if (recv(connection, buffer, sizeof buffer, MSG_WAITALL) > 0) send(connection, reply, sizeof reply, MSG_NOSIGNAL);
  close(connection);
}

static int serve(const char *host, int port, int ports) {
  struct pollfd listeners[MOST_PORTS];
  for (int i = 0; i < ports; i++) {
    struct sockaddr_in address = address_of(host, port + i);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0) fail("listen");
    listeners[i] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  puts("ready");
  fflush(stdout);
  while (poll(listeners, (nfds_t)ports, -1) > 0) {
    for (int i = 0; i < ports; i++) {
      if ((listeners[i].revents & POLLIN) != 0) answer(listeners[i].fd);
    }
  }
  return 1;
}

static int exchange(const char *host, int port) {
  struct sockaddr_in address = address_of(host, port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  char buffer[sizeof reply];
  int ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
           send(fd, request, sizeof request, MSG_NOSIGNAL) == (ssize_t)sizeof request;
  while (ok && recv(fd, buffer, sizeof buffer, 0) > 0) continue;
  if (fd >= 0) close(fd);
  return ok;
}

static int open_paced(const char *host, int port, int ports, int per_second, int seconds) {
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  long made = 0;
  for (long i = 0; i < (long)per_second * seconds; i++) {
    next.tv_nsec += NANOSECONDS / per_second;
    if (next.tv_nsec >= NANOSECONDS) {
      next.tv_nsec -= NANOSECONDS;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    made += exchange(host, port + (int)(i % ports));
  }
  printf("%ld\n", made);
  return 0;
}

int main(int count, char **argument) {
  if (count >= 5 && atoi(argument[4]) <= MOST_PORTS) {
    const char *host = argument[2];
    int port = atoi(argument[3]), ports = atoi(argument[4]);
    if (count == 5 && strcmp(argument[1], "serve") == 0) return serve(host, port, ports);
    if (count == 7 && strcmp(argument[1], "open") == 0)
      return open_paced(host, port, ports, atoi(argument[5]), atoi(argument[6]));
  }
  fputs("usage: connections serve ADDRESS PORT PORTS | open ADDRESS PORT PORTS PER_SECOND SECONDS\n", stderr);
  return 2;
}
