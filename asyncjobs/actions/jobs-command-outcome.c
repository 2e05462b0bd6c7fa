/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/wait.h>

#include "jobs-command-outcome.h"
#include "jobs-types.h"

static const char *
get_signal_name (int signum)
{
#ifdef HAVE_SIGABBREV_NP
  const char *name = sigabbrev_np (signum);

  if (name != NULL)
    return name;
#endif

  return g_strsignal (signum);
}

GError *
jobs_command_outcome_error (int      wait_status,
                            gboolean shutdown)
{
  gboolean exited = WIFEXITED (wait_status);
  int number = exited ? WEXITSTATUS (wait_status) : WTERMSIG (wait_status);

  if (exited)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_EXITED,
                        shutdown ? _("its shutdown command exited with status %d")
                                 : _("exited with status %d"),
                        number);

  return g_error_new (JOBS_ERROR, JOBS_ERROR_SIGNALED,
                      /* Translators: the number and the name of a signal */
                      shutdown ? _("its shutdown command was ended by signal %d (%s)")
                               /* Translators: the number and the name of a signal */
                               : _("was ended by signal %d (%s)"),
                      number, get_signal_name (number));
}

GError *
jobs_command_outcome_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("was cancelled"));
}

gboolean
jobs_command_outcome_take_text (GByteArray *captured,
                                GValue     *value,
                                GError    **error)
{
  /* It has no data where nothing came */
  const char *text = captured->len > 0 ? (const char *) captured->data : "";
  gsize size = captured->len;

  if (size > 0 && text[size - 1] == '\n')
    size--;

  if (!g_utf8_validate_len (text, size, NULL))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_OUTPUT,
                           _("The output cannot be captured: it is not valid UTF-8 text; "
                             "convert it, or write it to a file"));
      return FALSE;
    }

  g_value_init (value, G_TYPE_STRING);
  g_value_take_string (value, g_strndup (text, size));

  return TRUE;
}
