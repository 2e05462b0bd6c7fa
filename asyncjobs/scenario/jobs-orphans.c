/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jobs-orphans.h"
#include "nodes/jobs-process-private.h"

/* After KILL nothing of them runs; the kernel needs a moment to say so, ms */
#define KILL_TIME 2000

char *
jobs_orphans_dup_boot (void)
{
  char *boot = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL))
    return g_strdup ("");

  return g_strchomp (boot);
}

gint64
jobs_orphans_get_start (gint64 pid)
{
  g_autofree char *name = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *behind;

  if (!g_file_get_contents (name, &text, NULL, NULL))
    return 0;

  /* The name of a program may have anything in it, also ") 1 2" */
  behind = strrchr (text, ')');
  if (behind == NULL)
    return 0;
  fields = g_strsplit (behind + 1, " ", 22);

  /* The state is field 3 and the start field 22: proc(5). What has ended and was not
   * reaped is no process any more */
  if (g_strv_length (fields) < 21 || *fields[1] == 'Z' || *fields[1] == 'X')
    return 0;

  return g_ascii_strtoll (fields[20], NULL, 10);
}

char *
jobs_orphans_dup_mark (gint64 pid)
{
  g_autofree char *name = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/environ", pid);
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_get_contents (name, &text, &size, NULL))
    return NULL;

  for (gsize i = 0; i < size; i += strlen (text + i) + 1)
    if (g_str_has_prefix (text + i, JOBS_ATTEMPT_VARIABLE "="))
      return g_strdup (text + i + strlen (JOBS_ATTEMPT_VARIABLE "="));

  return NULL;
}

static gboolean
has_mark (gint64      pid,
          const char *prefix)
{
  g_autofree char *mark = jobs_orphans_dup_mark (pid);

  return mark != NULL && g_str_has_prefix (mark, prefix);
}

static gboolean
is_known (gint64  pid,
          gint64  start,
          GArray *known)
{
  for (guint i = 0; known != NULL && i < known->len; i++)
    {
      const JobsOrphan *one = &g_array_index (known, JobsOrphan, i);

      if (one->pid == pid && one->start == start)
        return TRUE;
    }

  return FALSE;
}

GArray *
jobs_orphans_find (const char *prefix,
                   GArray     *known)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (JobsOrphan));
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (proc != NULL && (name = g_dir_read_name (proc)) != NULL)
    {
      JobsOrphan one = { g_ascii_strtoll (name, NULL, 10), 0 };

      if (!g_ascii_isdigit (*name) || one.pid == getpid ())
        continue;
      one.start = jobs_orphans_get_start (one.pid);
      if (one.start != 0 && (is_known (one.pid, one.start, known) || has_mark (one.pid, prefix)))
        g_array_append_val (found, one);
    }

  return found;
}

/* By a descriptor: between the look and the signal the pid may have come to mean
 * another process */
static int
open_process (const JobsOrphan *one)
{
  int fd = (int) syscall (SYS_pidfd_open, (pid_t) one->pid, 0);

  if (fd >= 0 && jobs_orphans_get_start (one->pid) != one->start)
    {
      close (fd);
      fd = -1;
    }

  return fd;
}

static void
wait_for_ends (GArray *fds,
               gint64  until)
{
  gint64 left;

  while (fds->len > 0 && (left = (until - g_get_monotonic_time ()) / 1000) > 0)
    {
      if (poll ((struct pollfd *) (gpointer) fds->data, fds->len, (int) left) <= 0 && errno != EINTR)
        return;
      for (guint i = fds->len; i > 0; i--)
        {
          struct pollfd *one = &g_array_index (fds, struct pollfd, i - 1);

          if (one->revents == 0)
            continue;
          close (one->fd);
          g_array_remove_index_fast (fds, i - 1);
        }
    }
}

static void
signal_all (GArray *fds,
            int     signum)
{
  for (guint i = 0; i < fds->len; i++)
    {
      int fd = g_array_index (fds, struct pollfd, i).fd;

      syscall (SYS_pidfd_send_signal, fd, signum, NULL, 0);
      /* One that was stopped does not hear of anything else */
      if (signum == SIGTERM)
        syscall (SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0);
    }
}

gboolean
jobs_orphans_end (const char *prefix,
                  GArray     *known,
                  guint       grace,
                  gint64     *pid)
{
  gint64 patience = g_get_monotonic_time () + (gint64) grace * 1000;
  gint64 limit = patience + KILL_TIME * 1000;

  /* New ones may be started while the old ones are told to end. What comes after the
   * grace is killed at once */
  do
    {
      g_autoptr (GArray) found = jobs_orphans_find (prefix, known);
      g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (struct pollfd));

      if (found->len == 0)
        return TRUE;

      *pid = g_array_index (found, JobsOrphan, 0).pid;
      for (guint i = 0; i < found->len; i++)
        {
          struct pollfd one = { open_process (&g_array_index (found, JobsOrphan, i)), POLLIN, 0 };

          if (one.fd >= 0)
            g_array_append_val (fds, one);
        }
      signal_all (fds, SIGTERM);
      wait_for_ends (fds, patience);
      signal_all (fds, SIGKILL);
      wait_for_ends (fds, limit);
      for (guint i = 0; i < fds->len; i++)
        close (g_array_index (fds, struct pollfd, i).fd);
    }
  while (g_get_monotonic_time () < limit);

  return FALSE;
}
