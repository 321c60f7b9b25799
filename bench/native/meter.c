/*
 * meter OUT COMMAND [ARGUMENT...]: runs a command with our streams and writes one line to OUT: seconds from fork to
 * exit, seconds of CPU in user and in kernel mode, peak resident memory in KiB.
 *
 * The peak is wait4's ru_maxrss. A child starts with the peak of the process that forked it. This one is tiny, unlike
 * Node.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 3) return 125;
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  pid_t child = fork();
  if (child < 0) return 125;
  if (child == 0) {
    /* If the meter is killed, the measured process is killed too. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) return 125;
  clock_gettime(CLOCK_MONOTONIC, &after);
  FILE *out = fopen(argv[1], "w");
  if (out == NULL) return 125;
  double elapsed = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
  fprintf(out, "%.6f %.6f %.6f %ld\n", elapsed, seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss);
  if (fclose(out) != 0) return 125;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
