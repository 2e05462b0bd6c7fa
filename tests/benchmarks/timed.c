/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* timed REPS COMMAND ARGUMENT...: how long a command takes, and how much memory
 * its largest process, as one line of JSON. Its output is thrown away. "exit" is
 * that of the last one, -1 where a signal ended it.
 *
 * The kernel's figure of memory has what the parent had when it made the child.
 * So this program is small and uses no library, not even GLib. */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int
compare (const void *a, const void *b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return (left > right) - (left < right);
}

int
main (int argc, char *argv[])
{
  posix_spawn_file_actions_t actions;
  int reps = argc > 2 ? atoi (argv[1]) : 0;
  int status = 0;
  long peak = 0;
  double *times;

  if (reps < 1)
    {
      fprintf (stderr, "Usage: timed REPS COMMAND ARGUMENT...\n");
      return 2;
    }

  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
  times = calloc ((size_t) reps, sizeof *times);
  for (int rep = 0; rep < reps && status == 0; rep++)
    {
      struct rusage usage;
      double begin = now ();
      pid_t pid;

      if (posix_spawnp (&pid, argv[2], &actions, NULL, argv + 2, environ) != 0)
        {
          perror (argv[2]);
          return 1;
        }
      if (wait4 (pid, &status, 0, &usage) < 0)
        return 1;
      times[rep] = now () - begin;
      peak = usage.ru_maxrss > peak ? usage.ru_maxrss : peak;
    }
  qsort (times, (size_t) reps, sizeof *times, compare);

  printf ("{\"seconds\": %.6f, \"peak_mib\": %.2f, \"ok\": %s, \"exit\": %d}\n",
          times[reps / 2], (double) peak / 1024, status == 0 ? "true" : "false",
          WIFEXITED (status) ? WEXITSTATUS (status) : -1);

  free (times);
  posix_spawn_file_actions_destroy (&actions);
  return status == 0 ? 0 : 1;
}
