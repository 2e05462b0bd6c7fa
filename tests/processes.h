/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCHDOG 60 /* seconds */

static inline int
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  int n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static inline void
assert_nothing_left (int n_descriptors)
{
  int status;

  g_assert_cmpint (waitpid (-1, &status, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  g_assert_cmpint (count_descriptors (), ==, n_descriptors);
}

static inline void
remove_folder (char *folder)
{
  const char *argv[] = { "/bin/rm", "-rf", folder, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (folder);
}

/* A reader of a FIFO sees its end when the last writer is gone: so one knows that
 * all processes are dead which had it open */
static inline int
make_lifeline (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lifeline", NULL);
  int fd;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);

  return fd;
}

static inline void
wait_for_death (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  int writer = open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  GPollFD poll = { fd, G_IO_HUP, 0 };

  /* Without a writer there is no end to see, and they may have died before they
   * had opened it */
  g_assert_cmpint (writer, >=, 0);
  close (writer);
  g_assert_cmpint (g_poll (&poll, 1, WATCHDOG * 1000), ==, 1);
  g_assert_cmpint (poll.revents & G_IO_HUP, !=, 0);
  close (fd);
}
