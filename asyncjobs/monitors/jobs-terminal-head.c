/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-cells.h"
#include "jobs-terminal-view.h"

#define BAR_MAX 40
#define BAR_MIN 8

char *
jobs_terminal_format_time (gint64   usec,
                           gboolean goes_on)
{
  gint64 seconds = usec / G_USEC_PER_SEC;

  if (!goes_on && seconds < 10)
    /* Translators: a duration in seconds, narrow */
    return g_strdup_printf (_("%.2f s"), usec / (double) G_USEC_PER_SEC);
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d", (int) seconds / 60, (int) (seconds % 60));

  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600, (int) (seconds / 60 % 60),
                          (int) (seconds % 60));
}

/* In the order in which they are told of */
static const JobsState order[] = {
  JOBS_STATE_RUNNING, JOBS_STATE_CANCELLING, JOBS_STATE_FAILED, JOBS_STATE_TIMED_OUT, JOBS_STATE_CANCELLED,
  JOBS_STATE_FINISHED, JOBS_STATE_SKIPPED, JOBS_STATE_SCHEDULED, JOBS_STATE_IDLE,
};

typedef struct
{
  guint n[G_N_ELEMENTS (order)];
  guint failed;
  guint done;
  guint all;
} Counts;

static void
count (JobsBoard *board,
       Counts    *counts)
{
  *counts = (Counts) { .done = 0 };
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      counts->n[i] = jobs_board_count (board, order[i]);
      counts->all += counts->n[i];
      if (jobs_state_is_terminal (order[i]))
        counts->done += counts->n[i];
      if (order[i] == JOBS_STATE_FAILED || order[i] == JOBS_STATE_TIMED_OUT)
        counts->failed += counts->n[i];
    }
}

static guint
put_counts (JobsTerminalView *self,
            const Counts     *counts,
            guint             row,
            guint             column,
            guint             end,
            gboolean          in_words)
{
  for (guint i = 0; i < G_N_ELEMENTS (order) && column < end; i++)
    {
      JobsStyle style = jobs_terminal_get_style (order[i]);
      g_autofree char *text = NULL;

      if (counts->n[i] == 0)
        continue;

      text = in_words ? g_strdup_printf ("%u %s", counts->n[i], jobs_terminal_get_word (order[i]))
                      : g_strdup_printf ("%u", counts->n[i]);
      if (!in_words)
        column += jobs_terminal_put_sign (self->screen, row, column, order[i]);
      column += jobs_screen_put (self->screen, row, column, end - column, text, style);
      column += in_words ? 3 : 1;
    }

  return column;
}

static guint
measure_words (const Counts *counts)
{
  guint width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (counts->n[i] > 0)
      {
        g_autofree char *text = g_strdup_printf ("%u %s", counts->n[i], jobs_terminal_get_word (order[i]));

        width += jobs_cells_measure (text) + 3;
      }

  return width;
}

/* "1:23", "1:23 · about 0:41 left" */
static char *
make_times (JobsTerminalView *self)
{
  gint64 elapsed = jobs_board_get_elapsed (self->board);
  gint64 left = jobs_board_get_time_left (self->board);
  gboolean goes_on = !jobs_state_is_terminal (jobs_board_get_state (self->board));
  g_autofree char *since = jobs_terminal_format_time (MAX (elapsed, 0), goes_on);
  g_autofree char *rest = NULL;

  if (elapsed < 0 || left < 0 || !goes_on)
    return g_steal_pointer (&since);

  /* To the next second: cut, 3 s would be "0:02" at once */
  rest = jobs_terminal_format_time (left + G_USEC_PER_SEC / 2, TRUE);

  /* Translators: how long a run has gone on, and how long it probably will, as "1:23, about 0:41 left" */
  return g_strdup_printf (_("%s, about %s left"), since, rest);
}

static void
draw_title (JobsTerminalView *self,
            guint             columns)
{
  const char *title = jobs_board_get_title (self->board);
  JobsState state = jobs_board_get_state (self->board);
  g_autofree char *times = make_times (self);
  guint width = jobs_cells_measure (times), column = 1;

  if (columns > width + 2)
    jobs_screen_put (self->screen, 0, columns - width - 1, width, times, JOBS_STYLE_PLAIN);
  else
    width = 0;

  columns -= MIN (columns, width + 3);
  column += jobs_screen_put (self->screen, 0, column, columns - MIN (columns, column),
                             title != NULL ? title : _("the run"), JOBS_STYLE_STRONG) + 2;
  if (column < columns && jobs_board_get_paused (self->board))
    jobs_screen_put (self->screen, 0, column, columns - column, _("paused"), JOBS_STYLE_YELLOW);
  else if (column < columns && (jobs_state_is_terminal (state) || state == JOBS_STATE_CANCELLING))
    jobs_screen_put (self->screen, 0, column, columns - column, jobs_terminal_get_word (state),
                     jobs_terminal_get_style (state));
}

/* Of what has ended, the share that has failed is red: a run may go well in spite of it */
static void
put_bar (JobsTerminalView *self,
         const Counts     *counts,
         guint             row,
         guint             column,
         guint             width)
{
  guint full = counts->all > 0 ? (guint64) width * counts->done / counts->all : 0;
  guint red = counts->failed > 0 ? MIN (MAX ((guint64) width * counts->failed / counts->all, 1), full) : 0;

  jobs_screen_put_bar (self->screen, row, column, width, counts->all > 0 ? counts->done / (double) counts->all : 0,
                       counts->failed > 0 && counts->failed == counts->done ? JOBS_STYLE_RED : JOBS_STYLE_GREEN);
  jobs_screen_put_bar (self->screen, row, column, red, 1, JOBS_STYLE_RED);
}

static void
draw_counts (JobsTerminalView *self,
             const Counts     *counts,
             guint             row,
             guint             columns)
{
  g_autofree char *of = g_strdup_printf ("%u/%u", counts->done, counts->all);
  guint words = measure_words (counts), of_width = jobs_cells_measure (of);
  guint bar = MIN (columns / 3, BAR_MAX), column = 1;
  gboolean in_words = bar + of_width + words + 4 <= columns;

  if (!in_words && columns >= words + of_width + BAR_MIN + 5)
    {
      bar = columns - words - of_width - 5;
      in_words = TRUE;
    }
  if (bar >= BAR_MIN)
    {
      put_bar (self, counts, row, column, bar);
      column += bar + 2;
    }
  column += jobs_screen_put (self->screen, row, column, columns - MIN (columns, column), of, JOBS_STYLE_STRONG) + 2;
  if (column < columns)
    put_counts (self, counts, row, column, columns, in_words);
}

guint
jobs_terminal_head_get_height (JobsTerminalView *self,
                               guint             rows)
{
  return rows >= 10 ? 3 : rows >= 5 ? 2 : rows >= 2 ? 1 : 0;
}

void
jobs_terminal_head_draw (JobsTerminalView *self,
                         guint             rows)
{
  Counts counts;
  guint height = jobs_terminal_head_get_height (self, rows), columns;

  jobs_screen_get_size (self->screen, &rows, &columns);
  count (self->board, &counts);
  /* The numbers are what is left where there is room for one line */
  if (height >= 2)
    draw_title (self, columns);
  if (height >= 1)
    draw_counts (self, &counts, height >= 2 ? 1 : 0, columns);
}

/* The last line of the screen */

#define HINT_GAP "   "

static const char *
get_hint (JobsTerminalView *self)
{
  if (self->page != NULL)
    /* Translators: keys, and what they do; Esc and such are printed on keys */
    return _("Esc back   ↑↓ scroll   End follow   c cancel   r retry   ? help   q quit");
  if (self->filter->len > 0)
    return _("Esc all jobs   / another filter   ↑↓ choose   Enter output   c cancel   r retry   ? help   q quit");

  return _("↑↓ choose   Enter output   ←→ fold   / filter   c cancel   r retry   Space pause   ? help   q quit");
}

/* Whole keys, as many as there is room for. The last two are how to learn of the others and
 * how to get out: they go last */
static char *
fit_hint (const char *hint,
          guint       room)
{
  g_auto (GStrv) keys = g_strsplit (hint, HINT_GAP, -1);
  g_autofree char *text = g_strdup (hint);
  guint n = g_strv_length (keys);

  while (n > 1 && jobs_cells_measure (text) > room)
    {
      guint dropped = n > 2 ? n - 3 : 1;

      g_free (keys[dropped]);
      memmove (&keys[dropped], &keys[dropped + 1], (n - dropped) * sizeof *keys);
      n--;
      g_free (text);
      text = g_strjoinv (HINT_GAP, keys);
    }

  return g_steal_pointer (&text);
}

static char *
describe_filter (JobsTerminalView *self,
                 const char       *hint)
{
  guint n = jobs_terminal_list_count (self->list);

  /* Translators: a filter, how many lines it lets through, and keys */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "/%s: %u job%s   %s", "/%s: %u jobs%s   %s", n),
                          self->filter->str, n, jobs_terminal_list_is_searching (self->list) ? "…" : "", hint);
}

void
jobs_terminal_foot_draw (JobsTerminalView *self,
                         guint             row)
{
  g_autofree char *text = NULL;
  guint rows, columns, room, used;

  jobs_screen_get_size (self->screen, &rows, &columns);
  jobs_screen_clear (self->screen, row);
  switch (self->mode)
    {
    case JOBS_TERMINAL_FILTERS:
      text = g_strconcat ("/", self->filter->str, NULL);
      used = jobs_screen_put (self->screen, row, 0, columns, text, JOBS_STYLE_PLAIN);
      jobs_screen_put_cursor (self->screen, row, used);
      return;
    case JOBS_TERMINAL_QUITS:
      jobs_screen_put (self->screen, row, 1, columns - MIN (columns, 1),
                       _("Leave it running?   y leave   c cancel the run   Esc stay"), JOBS_STYLE_STRONG);
      return;
    case JOBS_TERMINAL_BROWSES:
    case JOBS_TERMINAL_HELPS:
    default:
      break;
    }

  room = columns - MIN (columns, 1);
  if (self->status != NULL)
    text = g_strdup (self->status);
  else if (self->page == NULL && self->filter->len > 0)
    {
      g_autofree char *before = describe_filter (self, "");
      g_autofree char *hint = fit_hint (get_hint (self), room - MIN (room, jobs_cells_measure (before)));

      text = describe_filter (self, hint);
    }
  else
    text = fit_hint (get_hint (self), room);
  jobs_screen_put (self->screen, row, 1, room, text,
                   self->status != NULL ? JOBS_STYLE_PLAIN : JOBS_STYLE_FAINT);
}
