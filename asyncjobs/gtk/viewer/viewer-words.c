/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "../../monitors/jobs-counts.h"
#include "../../monitors/jobs-visible.h"

#include "viewer-words.h"

char *
viewer_words_clean (const char *text)
{
  GString *clean = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (clean, '\n');
      jobs_visible_append (clean, lines[i], -1);
    }

  return g_string_free (clean, FALSE);
}

static guint
count (JobsBoard *board,
       JobsState  first,
       JobsState  last)
{
  guint n = 0;

  for (JobsState state = first; state <= last; state++)
    n += jobs_board_count (board, state);

  return n;
}

/* Takes the part */
static void
append_part (GString *text,
             char    *part)
{
  g_string_append (text, " · ");
  g_string_append (text, part);
  g_free (part);
}

static char *
dup_time (gint64 usec)
{
  int seconds = (int) (usec / G_USEC_PER_SEC);

  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);

  return g_strdup_printf ("%d:%02d", seconds / 60, seconds % 60);
}

static void
append_counts (GString   *text,
               JobsBoard *board)
{
  static const JobsState order[] = {
    JOBS_STATE_RUNNING, JOBS_STATE_FINISHED, JOBS_STATE_FAILED, JOBS_STATE_TIMED_OUT, JOBS_STATE_CANCELLED,
    JOBS_STATE_SKIPPED,
  };
  JobsCounts counts = { { 0 } };
  GString *part = g_string_new (NULL);

  /* What it means for the run is worth a look at all of them only once it has ended */
  if (jobs_state_is_terminal (jobs_board_get_state (board)))
    jobs_counts_add_lines (&counts, G_LIST_MODEL (board));
  else
    for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
      counts.states[state] = jobs_board_count (board, state);
  counts.states[JOBS_STATE_RUNNING] += counts.states[JOBS_STATE_CANCELLING];

  jobs_counts_append (&counts, order, G_N_ELEMENTS (order), " · ", part);
  if (part->len > 0)
    append_part (text, g_string_free (part, FALSE));
  else
    g_string_free (part, TRUE);
}

char *
viewer_words_describe (JobsBoard *board)
{
  GString *text = g_string_new (NULL);
  guint all = count (board, JOBS_STATE_IDLE, JOBS_STATE_SKIPPED);
  gint64 elapsed = jobs_board_get_elapsed (board), left = jobs_board_get_time_left (board);

  g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%u job", "%u jobs", all), all);
  append_counts (text, board);
  if (jobs_board_get_paused (board))
    /* Translators: of a run */
    append_part (text, g_strdup (_("paused")));
  if (elapsed >= 0)
    append_part (text, dup_time (elapsed));
  if (left >= 0 && !jobs_state_is_terminal (jobs_board_get_state (board)))
    {
      g_autofree char *time = dup_time (left);

      /* Translators: how long a run is expected to go on */
      append_part (text, g_strdup_printf (_("about %s left"), time));
    }

  return g_string_free (text, FALSE);
}

double
viewer_words_measure (JobsBoard *board)
{
  guint all = count (board, JOBS_STATE_IDLE, JOBS_STATE_SKIPPED);

  return all > 0 ? (double) count (board, JOBS_STATE_FINISHED, JOBS_STATE_SKIPPED) / all : 0;
}

char *
viewer_words_count (const char *name,
                    const char *problems)
{
  guint n = 1;

  for (const char *p = problems; *p != '\0'; p++)
    if (*p == '\n' && p[1] != '\0')
      n++;

  /* Translators: a number of mistakes, and the name of a file */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u problem in %s", "%u problems in %s", n), n, name);
}
