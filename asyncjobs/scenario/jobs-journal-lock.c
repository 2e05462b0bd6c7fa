/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "jobs-journal-lock.h"
#include "jobs-orphans.h"
#include "jobs-types.h"

/* How long a lock may outlive its owner, ms */
#define HEIR_TIME 5000

char *
jobs_journal_lock_dup_name (const char *filename)
{
  char *real = realpath (filename, NULL);
  char *name = real != NULL ? g_strdup (real) : g_strdup (filename);

  free (real);

  return name;
}

static char *
dup_lock_name (const char *filename)
{
  return g_strconcat (filename, "-lock", NULL);
}

static gint64
read_holder (int fd)
{
  char text[32] = "";

  if (pread (fd, text, sizeof text - 1, 0) <= 0)
    return -1;

  return g_ascii_strtoll (text, NULL, 10);
}

/* Whoever has it may be dead: a child of a program that was killed has the descriptor
 * from its birth until it has become another program, a moment later */
static gboolean
wait_for_lock (int fd)
{
  for (guint i = 0; i < HEIR_TIME; i++)
    {
      gint64 pid;

      if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
      if (errno != EWOULDBLOCK)
        return FALSE;
      pid = read_holder (fd);
      if (pid <= 0 || jobs_orphans_get_start (pid) != 0)
        break;
      g_usleep (1000);
    }
  errno = EWOULDBLOCK;

  return FALSE;
}

int
jobs_journal_lock_take (const char *filename,
                        GError    **error)
{
  g_autofree char *name = dup_lock_name (filename);
  g_autofree char *text = g_strdup_printf ("%-12d\n", (int) getpid ());
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && wait_for_lock (fd))
    {
      if (pwrite (fd, text, strlen (text), 0) == (gssize) strlen (text))
        return fd;
    }
  else if (fd >= 0 && errno == EWOULDBLOCK)
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                   /* Translators: a file, the number of a process */
                   _("The journal “%s” is in use by process %d: wait for its end, or cancel it"),
                   filename, (int) read_holder (fd));
      close (fd);
      return -1;
    }

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_JOURNAL, _("The journal “%s” cannot be written: %s"),
               filename, g_strerror (errno));
  if (fd >= 0)
    close (fd);

  return -1;
}

gint64
jobs_journal_lock_find_holder (const char *filename)
{
  g_autofree char *real = jobs_journal_lock_dup_name (filename);
  g_autofree char *name = dup_lock_name (real);
  gint64 pid = 0;
  int fd = open (name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return 0;
  if (flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    pid = read_holder (fd);
  close (fd);

  return pid;
}
