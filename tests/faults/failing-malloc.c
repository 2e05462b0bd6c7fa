/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preloaded: from the FAIL_AT'th allocation on there is no memory, or with
 * FAIL_ONCE only for that one. Without FAIL_AT it counts them, and says how many
 * there were in the file COUNT_TO. Only this process: not what it starts. */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong count;
static unsigned long fail_at;
static int once;
static int ready;
static char count_to[4096];

/* glibc's own, by the names that it has for that */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *memory, size_t size);

static int
is_lost (void)
{
  unsigned long number;

  if (!ready)
    return 0;

  number = atomic_fetch_add (&count, 1) + 1;
  if (fail_at == 0 || number < fail_at || (once && number > fail_at))
    return 0;
  errno = ENOMEM;
  return 1;
}

void *
malloc (size_t size)
{
  return is_lost () ? NULL : __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  return is_lost () ? NULL : __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  return is_lost () ? NULL : __libc_realloc (memory, size);
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *text = getenv ("FAIL_AT");

  fail_at = text != NULL ? strtoul (text, NULL, 10) : 0;
  once = getenv ("FAIL_ONCE") != NULL;
  if (getenv ("COUNT_TO") != NULL)
    snprintf (count_to, sizeof count_to, "%s", getenv ("COUNT_TO"));
  unsetenv ("FAIL_AT");
  unsetenv ("FAIL_ONCE");
  unsetenv ("COUNT_TO");
  unsetenv ("LD_PRELOAD");
  ready = 1;
}

__attribute__ ((destructor)) static void
end (void)
{
  char text[32];
  int fd;

  ready = 0;
  if (*count_to == '\0' || (fd = open (count_to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
    return;
  snprintf (text, sizeof text, "%lu", atomic_load (&count));
  if (write (fd, text, strlen (text)) < 0)
    _exit (1);
  close (fd);
}
