/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-cells.h"
#include "jobs-terminal-view.h"

#define INDENT 2
#define NAME_MIN 12
#define TIME_WIDTH 8
#define ATTEMPT_WIDTH 4
#define BAR_WIDTH 12

/* Where the columns begin; 0: there is none */
typedef struct
{
  guint name;
  guint name_end;
  guint state;
  guint state_end;
  guint time;
  guint time_end;
  guint attempt;
  guint rest;
  guint end;
} Columns;

static const struct
{
  const char *sign;
  char substitute;
  const char *word;
  JobsStyle style;
} looks[] = {
  /* Translators: a state of jobs: what it requires has not come about yet */
  [JOBS_STATE_IDLE] = { "·", ' ', N_("waiting"), JOBS_STYLE_FAINT },
  /* Translators: a state of jobs: it may start as soon as there is room for it */
  [JOBS_STATE_SCHEDULED] = { "○", '.', N_("queued"), JOBS_STYLE_FAINT },
  [JOBS_STATE_RUNNING] = { "●", '>', N_("running"), JOBS_STYLE_BLUE },
  [JOBS_STATE_CANCELLING] = { "◐", '<', N_("cancelling"), JOBS_STYLE_YELLOW },
  [JOBS_STATE_FINISHED] = { "✓", '+', N_("finished"), JOBS_STYLE_GREEN },
  [JOBS_STATE_FAILED] = { "✗", 'x', N_("failed"), JOBS_STYLE_RED },
  [JOBS_STATE_TIMED_OUT] = { "✗", 'x', N_("timed out"), JOBS_STYLE_RED },
  [JOBS_STATE_CANCELLED] = { "■", '=', N_("cancelled"), JOBS_STYLE_YELLOW },
  [JOBS_STATE_SKIPPED] = { "–", '-', N_("skipped"), JOBS_STYLE_FAINT },
};

const char *
jobs_terminal_get_word (JobsState state)
{
  return _(looks[state].word);
}

JobsStyle
jobs_terminal_get_style (JobsState state)
{
  return looks[state].style;
}

guint
jobs_terminal_put_sign (JobsScreen *screen,
                        guint       row,
                        guint       column,
                        JobsState   state)
{
  return jobs_screen_put_sign (screen, row, column, looks[state].sign, looks[state].substitute,
                               looks[state].style);
}

/* Columns */

static guint
measure_states (void)
{
  guint width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    width = MAX (width, jobs_cells_measure (_(looks[i].word)));

  return width;
}

static void
learn_widths (JobsTerminalView *self,
              GArray           *rows,
              guint             columns)
{
  guint width = MAX (self->name_width, NAME_MIN);

  for (guint i = 0; i < rows->len; i++)
    {
      JobsTerminalRow *row = &g_array_index (rows, JobsTerminalRow, i);

      width = MAX (width, jobs_cells_measure (row->name) + INDENT * row->depth);
      self->has_attempts |= jobs_line_get_attempts (row->line) > 1;
    }
  self->name_width = MIN (width, MAX (columns * 2 / 5, NAME_MIN));
}

/* From the left, as long as there is room */
static void
set_columns (JobsTerminalView *self,
             guint             columns,
             Columns          *to)
{
  guint next, state_width = measure_states ();

  *to = (Columns) { .end = columns };
  to->name = columns >= 16 ? 3 : columns >= 4 ? 2 : 1;
  to->name_end = MIN (to->name + self->name_width, columns);
  next = to->name_end + 2;
  if (next + state_width <= columns)
    {
      to->state = next;
      to->state_end = next + state_width;
      next = to->state_end + 1;
    }
  if (next + TIME_WIDTH <= columns)
    {
      to->time = next;
      to->time_end = next + TIME_WIDTH;
      next = to->time_end + 2;
    }
  if (self->has_attempts && next + ATTEMPT_WIDTH <= columns)
    {
      to->attempt = next;
      next += ATTEMPT_WIDTH;
    }
  if (next + NAME_MIN <= columns)
    to->rest = next;
}

/* Rows */

static guint
put_progress (JobsTerminalView *self,
              guint             row,
              guint             column,
              guint             end,
              double            progress)
{
  g_autofree char *percent = g_strdup_printf ("%3d %%", (int) (CLAMP (progress, 0.0, 1.0) * 100));

  if (column + BAR_WIDTH + 8 > end)
    return column + jobs_screen_put (self->screen, row, column, end - column, percent, JOBS_STYLE_PLAIN) + 2;

  jobs_screen_put_bar (self->screen, row, column, BAR_WIDTH, progress, JOBS_STYLE_BLUE);
  column += BAR_WIDTH + 1;

  return column + jobs_screen_put (self->screen, row, column, end - column, percent, JOBS_STYLE_PLAIN) + 2;
}

/* What one would want to know now: why it went wrong, how far it is, what it says */
static void
put_rest (JobsTerminalView *self,
          guint             row,
          guint             column,
          guint             end,
          JobsLine         *line)
{
  JobsState state = jobs_line_get_state (line);
  gboolean goes_on = jobs_state_is_active (state);
  GListModel *children = jobs_line_get_children (line);
  const char *error = jobs_line_get_error (line), *message = jobs_line_get_message (line);

  if (children != NULL && state != JOBS_STATE_FAILED)
    {
      guint n = g_list_model_get_n_items (children);
      g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u job", "%u jobs", n), n);

      column += jobs_screen_put (self->screen, row, column, end - column, text, JOBS_STYLE_FAINT) + 2;
    }
  if (goes_on && jobs_line_get_progress (line) >= 0)
    column = put_progress (self, row, column, end, jobs_line_get_progress (line));
  if (column >= end)
    return;

  if (error != NULL && !goes_on && state != JOBS_STATE_FINISHED)
    jobs_screen_put (self->screen, row, column, end - column, error,
                     state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT ? JOBS_STYLE_RED : JOBS_STYLE_FAINT);
  else if (message != NULL)
    jobs_screen_put (self->screen, row, column, end - column, message,
                     goes_on ? JOBS_STYLE_PLAIN : JOBS_STYLE_FAINT);
}

static void
put_name (JobsTerminalView *self,
          guint             y,
          JobsTerminalRow  *row,
          Columns          *columns)
{
  JobsStyle style = jobs_terminal_get_style (jobs_line_get_state (row->line));
  guint column = columns->name + MIN (INDENT * row->depth, columns->end / 4);

  if (column >= columns->end)
    return;
  if (row->fold != JOBS_FOLD_NONE && column >= 2)
    {
      gboolean open = row->fold == JOBS_FOLD_OPEN;

      jobs_screen_put_sign (self->screen, y, column, open ? "▾" : "▸", open ? 'v' : '>', JOBS_STYLE_FAINT);
      column += 2;
    }
  if (row->fold != JOBS_FOLD_NONE)
    style = JOBS_STYLE_STRONG;
  else if (style != JOBS_STYLE_FAINT)
    style = JOBS_STYLE_PLAIN;
  if (column < columns->name_end)
    jobs_screen_put (self->screen, y, column, columns->name_end - column, row->name, style);
}

static void
draw_row (JobsTerminalView *self,
          guint             y,
          JobsTerminalRow  *row,
          Columns          *columns)
{
  JobsLine *line = row->line;
  JobsState state = jobs_line_get_state (line);
  gint64 elapsed = jobs_line_get_elapsed (line);
  guint sign = columns->end >= 4 ? 1 : 0;

  sign += MIN (INDENT * row->depth, columns->end / 4);
  jobs_terminal_put_sign (self->screen, y, sign, state);
  put_name (self, y, row, columns);
  if (columns->state > 0)
    jobs_screen_put (self->screen, y, columns->state, columns->state_end - columns->state,
                     jobs_terminal_get_word (state), jobs_terminal_get_style (state));
  if (columns->time > 0 && elapsed >= 0)
    {
      g_autofree char *text = jobs_terminal_format_time (elapsed, jobs_line_get_end_time (line) == 0);
      guint width = MIN (jobs_cells_measure (text), TIME_WIDTH);

      jobs_screen_put (self->screen, y, columns->time_end - width, width, text, JOBS_STYLE_PLAIN);
    }
  if (columns->attempt > 0 && jobs_line_get_attempts (line) > 1)
    {
      g_autofree char *text = g_strdup_printf ("#%u", jobs_line_get_attempts (line));

      jobs_screen_put (self->screen, y, columns->attempt, ATTEMPT_WIDTH - 1, text, JOBS_STYLE_YELLOW);
    }
  if (columns->rest > 0)
    put_rest (self, y, columns->rest, columns->end, line);
  if (row->is_selected)
    jobs_screen_choose (self->screen, y);
}

static void
draw_list (JobsTerminalView *self,
           guint             first,
           guint             height,
           guint             width)
{
  GArray *rows = jobs_terminal_list_lay_out (self->list, height);
  Columns columns;

  learn_widths (self, rows, width);
  set_columns (self, width, &columns);
  for (guint i = 0; i < rows->len; i++)
    draw_row (self, first + i, &g_array_index (rows, JobsTerminalRow, i), &columns);
  if (rows->len == 0 && self->filter->len > 0 && !jobs_terminal_list_is_searching (self->list))
    jobs_screen_put (self->screen, first, 1, width - MIN (width, 1), _("no job has that in its name"),
                     JOBS_STYLE_FAINT);
}

static void
draw_page (JobsTerminalView *self,
           guint             first,
           guint             height,
           guint             width)
{
  JobsLine *line = jobs_terminal_page_get_line (self->page);
  const char *details = jobs_line_get_details (line);
  JobsTerminalRow row = { line, jobs_line_get_path (line) };
  Columns columns;
  GPtrArray *rows;

  self->name_width = MAX (self->name_width, NAME_MIN);
  set_columns (self, width, &columns);
  draw_row (self, first++, &row, &columns);
  height--;
  if (details != NULL && height >= 4)
    {
      jobs_screen_put (self->screen, first, columns.name, width - MIN (width, columns.name), details, JOBS_STYLE_FAINT);
      first += 2;
      height -= 2;
    }
  if (height == 0)
    return;

  rows = jobs_terminal_page_lay_out (self->page, height, width);
  for (guint i = 0; i < rows->len; i++)
    jobs_screen_put (self->screen, first + i, 0, width, g_ptr_array_index (rows, i), JOBS_STYLE_PLAIN);
  if (rows->len == 0)
    jobs_screen_put (self->screen, first, columns.name, width - MIN (width, columns.name),
                     _("nothing was written yet"), JOBS_STYLE_FAINT);
}

static void
draw_help (JobsTerminalView *self,
           guint             first,
           guint             height,
           guint             width)
{
  static const struct { const char *keys, *what; } lines[] = {
    { N_("↑ ↓ j k"), N_("choose a job; PgUp, PgDn, Home, End too") },
    /* Translators: the key of the keyboard */
    { N_("Enter"), N_("what the job has written; Esc goes back; an engine: close or open it") },
    { N_("← → - +"), N_("close and open a nested engine") },
    { "/", N_("show only jobs whose name has a text; Esc shows all again") },
    { "c", N_("cancel the job") },
    { "r", N_("try the job again, if it has ended badly") },
    /* Translators: the key of the keyboard */
    { N_("Space"), N_("start no more jobs for now, or go on") },
    { "^L", N_("draw the screen anew") },
    { "q", N_("quit: asks whether the run is to go on") },
    { "^C", N_("end the run") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines) && i < height; i++)
    {
      const char *keys = lines[i].keys[1] == '\0' ? lines[i].keys : _(lines[i].keys);

      jobs_screen_put (self->screen, first + i, 3, width - MIN (width, 3), keys, JOBS_STYLE_STRONG);
      if (width > 13)
        jobs_screen_put (self->screen, first + i, 13, width - 13, _(lines[i].what), JOBS_STYLE_PLAIN);
    }
}

guint
jobs_terminal_view_get_height (JobsTerminalView *self)
{
  guint rows, columns, head;

  jobs_screen_get_size (self->screen, &rows, &columns);
  head = jobs_terminal_head_get_height (self, rows);

  return rows - head - (rows >= 4 ? 1 : 0);
}

void
jobs_terminal_view_draw (JobsTerminalView *self)
{
  guint height = jobs_terminal_view_get_height (self);
  guint rows, columns, head;

  jobs_screen_get_size (self->screen, &rows, &columns);
  head = jobs_terminal_head_get_height (self, rows);

  jobs_screen_begin (self->screen);
  jobs_terminal_head_draw (self, rows);
  if (self->mode == JOBS_TERMINAL_HELPS)
    draw_help (self, head, height, columns);
  else if (self->page != NULL)
    draw_page (self, head, height, columns);
  else
    draw_list (self, head, height, columns);
  /* A question is seen wherever there is one line */
  if (head + height < rows || self->mode == JOBS_TERMINAL_FILTERS || self->mode == JOBS_TERMINAL_QUITS)
    jobs_terminal_foot_draw (self, rows - 1);
  jobs_screen_show (self->screen);
}
