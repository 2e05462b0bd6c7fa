/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "jobs-counts.h"

void
jobs_counts_add (JobsCounts *self,
                 JobsState   state,
                 gboolean    is_minor,
                 gboolean    is_forever)
{
  self->states[state]++;
  if (is_minor && (state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT))
    self->minor[state]++;
  if (is_forever && state == JOBS_STATE_CANCELLED)
    self->n_forever++;
}

static void
add_lines (JobsCounts *self,
           GListModel *lines,
           gboolean    is_minor)
{
  guint n = lines != NULL ? g_list_model_get_n_items (lines) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (lines, i);
      gboolean is_minor_here = is_minor || !jobs_line_get_critical (line);

      jobs_counts_add (self, jobs_line_get_state (line), is_minor_here, jobs_line_get_forever (line));
      add_lines (self, jobs_line_get_children (line), is_minor_here);
    }
}

void
jobs_counts_add_lines (JobsCounts *self,
                       GListModel *lines)
{
  add_lines (self, lines, FALSE);
}

static char *
format_count (JobsState state,
              guint     n)
{
  switch (state)
    {
    case JOBS_STATE_IDLE:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u not started", "%u not started", n), n);
    case JOBS_STATE_SCHEDULED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u waiting", "%u waiting", n), n);
    case JOBS_STATE_RUNNING:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u running", "%u running", n), n);
    case JOBS_STATE_CANCELLING:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u being cancelled", "%u being cancelled", n), n);
    case JOBS_STATE_FINISHED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u finished", "%u finished", n), n);
    case JOBS_STATE_FAILED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u failed", "%u failed", n), n);
    case JOBS_STATE_TIMED_OUT:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u timed out", "%u timed out", n), n);
    case JOBS_STATE_CANCELLED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u cancelled", "%u cancelled", n), n);
    case JOBS_STATE_SKIPPED:
    default:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u skipped", "%u skipped", n), n);
    }
}

/* That they were cancelled is nothing bad, and not what was asked for */
static char *
format_forever (guint n)
{
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       /* Translators: how many jobs that run forever were told to end when the
                                        * run did */
                                       "%u ended with the run", "%u ended with the run", n),
                          n);
}

void
jobs_counts_append_minor (const JobsCounts *self,
                          JobsState         state,
                          GString          *to)
{
  guint n = self->minor[state];

  if (n == 0)
    return;

  g_string_append_c (to, ' ');
  if (n == self->states[state])
    g_string_append (to, g_dngettext (GETTEXT_PACKAGE,
                                      /* Translators: behind how many jobs have failed, of all of them */
                                      "(not critical)", "(not critical)", n));
  else
    g_string_append_printf (to, g_dngettext (GETTEXT_PACKAGE,
                                             /* Translators: behind how many jobs have failed, of so many of them */
                                             "(%u not critical)", "(%u not critical)", n),
                            n);
}

/* Takes the part */
static void
append_part (GString    *to,
             const char *separator,
             char       *part)
{
  if (to->len > 0)
    g_string_append (to, separator);
  g_string_append (to, part);
  g_free (part);
}

void
jobs_counts_append (const JobsCounts *self,
                    const JobsState  *order,
                    guint             n_order,
                    const char       *separator,
                    GString          *to)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_order; i++)
    {
      JobsState state = order[i];
      guint n_forever = state == JOBS_STATE_CANCELLED ? self->n_forever : 0;
      guint n = self->states[state] - n_forever;

      if (n > 0)
        append_part (text, separator, format_count (state, n));
      jobs_counts_append_minor (self, state, text);
      if (n_forever > 0)
        append_part (text, separator, format_forever (n_forever));
    }
  g_string_append_len (to, text->str, (gssize) text->len);
}
