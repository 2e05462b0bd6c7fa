/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded before the C library: a clock of the day that can be set without
 * disturbing others. The file FAULTS_CLOCK has two numbers, which tests and jobs
 * change and read while a program runs: by how many seconds the clock is off, and
 * how often asyncjobs itself has asked what time of day it is. */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef struct
{
  _Atomic int64_t offset;
  _Atomic int64_t asked;
} Clock;

static Clock nobodys;
static Clock *the_clock = &nobodys;

__attribute__ ((constructor))
static void
open_clock (void)
{
  const char *path = getenv ("FAULTS_CLOCK");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *place;

  if (fd < 0)
    abort ();

  place = mmap (NULL, sizeof (Clock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (place == MAP_FAILED)
    abort ();
  the_clock = place;
  close (fd);
}

static void
shift (struct timespec *ts)
{
  ts->tv_sec += atomic_load (&the_clock->offset);
  if (strcmp (program_invocation_short_name, "asyncjobs") == 0)
    atomic_fetch_add (&the_clock->asked, 1);
}

int
clock_gettime (clockid_t        clock,
               struct timespec *ts)
{
  /* Not the next one in line: looking that up may ask for the time */
  int rc = syscall (SYS_clock_gettime, clock, ts);

  if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    shift (ts);

  return rc;
}

int
gettimeofday (struct timeval *restrict tv,
              void *restrict           zone)
{
  struct timespec ts;

  if (clock_gettime (CLOCK_REALTIME, &ts) != 0)
    return -1;

  tv->tv_sec = ts.tv_sec;
  tv->tv_usec = ts.tv_nsec / 1000;

  return 0;
}

time_t
time (time_t *place)
{
  struct timespec ts = { 0 };

  clock_gettime (CLOCK_REALTIME, &ts);
  if (place != NULL)
    *place = ts.tv_sec;

  return ts.tv_sec;
}
