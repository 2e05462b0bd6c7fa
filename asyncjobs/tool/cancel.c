/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "history.h"
#include "tool.h"

/* By a descriptor: the pid may come to mean another process. -1 with errno: it is gone,
 * or is not ours */
static int
open_writer (History *history)
{
  int fd = (int) syscall (SYS_pidfd_open, (pid_t) history->writer, 0);

  if (fd >= 0 && !history_is_going_on (history))
    {
      g_close (fd, NULL);
      errno = ESRCH;
      fd = -1;
    }

  return fd;
}

/* FALSE: it cannot be told to end. One that has ended meanwhile needs not */
static gboolean
cancel_run (History *history)
{
  int fd = open_writer (history);
  struct pollfd process = { fd, POLLIN, 0 };

  if (fd < 0 && errno == ESRCH)
    return TRUE;
  if (fd < 0 || (syscall (SYS_pidfd_send_signal, fd, SIGINT, NULL, 0) != 0 && errno != ESRCH))
    {
      /* Translators: the number of a process, what the system says */
      tool_note (_("process %d cannot be told to end: %s"), (int) history->writer, g_strerror (errno));
      if (fd >= 0)
        g_close (fd, NULL);
      return FALSE;
    }

  tool_note (_("process %d was told to end its jobs, and is waited for; a second cancel kills them at once"),
             (int) history->writer);
  while (poll (&process, 1, -1) < 0 && errno == EINTR)
    ;
  g_close (fd, NULL);

  return TRUE;
}

/* What nobody will end, of this run or of one before */
static int
end_orphans (History *history)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) orphans = history_find_orphans (history, &error);

  if (orphans == NULL)
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  for (guint i = 0; i < orphans->len; i++)
    {
      HistoryOrphan *orphan = g_ptr_array_index (orphans, i);

      /* Translators: the number of a process, the name of a job */
      tool_note (_("ending process %d, left behind by %s"), (int) orphan->pid, orphan->path);
    }
  if (orphans->len > 0 && !history_end_orphans (history, &error))
    {
      tool_note ("%s", error->message);
      return TOOL_EXIT_TROUBLE;
    }

  return TOOL_EXIT_OK;
}

static int
cancel (History *history)
{
  g_autoptr (History) after = NULL;
  g_autoptr (GError) error = NULL;

  if (history->fate == HISTORY_ENDED)
    {
      tool_note (_("nothing runs: run %d has ended"), (int) history->run.id);
      return end_orphans (history);
    }
  if (history->fate == HISTORY_INTERRUPTED && history->writer != 0)
    {
      tool_note (_("process %d is about to begin a run: try again"), (int) history->writer);
      return TOOL_EXIT_JOURNAL;
    }
  if (history->fate == HISTORY_INTERRUPTED)
    {
      tool_note (_("nothing runs: run %d was interrupted"), (int) history->run.id);
      return end_orphans (history);
    }

  if (!cancel_run (history))
    return TOOL_EXIT_TROUBLE;
  after = history_open (history->journal, 0, &error);
  if (after == NULL)
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }
  tool_note (after->fate == HISTORY_INTERRUPTED ? _("run %d was killed before it could end its jobs")
                                                : _("run %d has ended"),
             (int) history->run.id);

  return end_orphans (after);
}

int
tool_cancel (int    argc,
             char **argv)
{
  const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  g_autoptr (History) history = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  int status;

  /* Translators: what is not an option of a command */
  if (!tool_parse (_("[JOURNAL]"),
                   _("Ends a run that goes on, as an interrupt at its terminal does, and waits for that;\n"
                     "of one that was interrupted, what it has left behind. JOURNAL is a journal or a\n"
                     "job file; by default the last one that was written in .asyncjobs here."),
                   _("Where nothing runs that is said, and is no failure."), entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one journal at a time, please"));

  history = history_open_argument (rest[1], &error);
  if (history == NULL)
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  return cancel (history);
}
