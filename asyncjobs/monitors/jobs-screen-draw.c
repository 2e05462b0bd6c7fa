/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _XOPEN_SOURCE 700
#define NCURSES_WIDECHAR 1

#include "config.h"

#include <curses.h>
#include <glib.h>
#include <math.h>
#include <wchar.h>

#include "jobs-cells.h"
#include "jobs-screen.h"

/* What curses keeps of it is of the one screen that there is */

static attr_t
get_attributes (JobsScreen *self,
                JobsStyle   style)
{
  switch (style)
    {
    case JOBS_STYLE_STRONG:
      return A_BOLD;
    case JOBS_STYLE_FAINT:
      return A_DIM;
    case JOBS_STYLE_CHOSEN:
      return A_REVERSE;
    case JOBS_STYLE_BLUE:
    case JOBS_STYLE_GREEN:
    case JOBS_STYLE_RED:
    case JOBS_STYLE_YELLOW:
      if (jobs_screen_has_color (self))
        return COLOR_PAIR (style);
      /* What ends badly stands out by other means too */
      return style == JOBS_STYLE_RED ? A_BOLD : A_NORMAL;
    case JOBS_STYLE_PLAIN:
    default:
      return A_NORMAL;
    }
}

static void
put_cells (JobsScreen    *self,
           guint          row,
           guint          column,
           const wchar_t *cells,
           JobsStyle      style)
{
  attr_t attributes = get_attributes (self, style);

  attron (attributes);
  mvaddwstr (row, column, cells);
  attroff (attributes);
}

guint
jobs_screen_put (JobsScreen *self,
                 guint       row,
                 guint       column,
                 guint       width,
                 const char *text,
                 JobsStyle   style)
{
  g_autofree wchar_t *cells = NULL;
  guint used;

  if ((int) column >= COLS || (int) row >= LINES)
    return 0;

  cells = jobs_cells_fit (text, MIN (width, COLS - column), &used);
  put_cells (self, row, column, cells, style);

  return used;
}

static wchar_t
get_sign (const char *sign,
          char        substitute)
{
  wchar_t c = (wchar_t) g_utf8_get_char (sign);

  return wcwidth (c) == 1 ? c : (wchar_t) substitute;
}

guint
jobs_screen_put_sign (JobsScreen *self,
                      guint       row,
                      guint       column,
                      const char *sign,
                      char        substitute,
                      JobsStyle   style)
{
  wchar_t cells[] = { get_sign (sign, substitute), L'\0' };

  if ((int) column >= COLS || (int) row >= LINES)
    return 0;

  put_cells (self, row, column, cells, style);

  return 1;
}

void
jobs_screen_put_bar (JobsScreen *self,
                     guint       row,
                     guint       column,
                     guint       width,
                     double      fraction,
                     JobsStyle   style)
{
  static const char *const parts[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  gboolean is_fine = get_sign ("█", '#') != L'#';
  guint steps = is_fine ? G_N_ELEMENTS (parts) : 1;
  guint done = (guint) floor (CLAMP (fraction, 0.0, 1.0) * width * steps);

  for (guint i = 0; i < width; i++)
    {
      guint own = MIN (done - MIN (done, i * steps), steps);

      if (own == steps)
        jobs_screen_put_sign (self, row, column + i, "█", '#', style);
      else if (own > 0)
        jobs_screen_put_sign (self, row, column + i, parts[own], '#', style);
      else
        jobs_screen_put_sign (self, row, column + i, "░", '.', JOBS_STYLE_FAINT);
    }
}

void
jobs_screen_clear (JobsScreen *self,
                   guint       row)
{
  move (row, 0);
  clrtoeol ();
}

void
jobs_screen_choose (JobsScreen *self,
                    guint       row)
{
  for (int i = 0; i < COLS; i++)
    {
      attr_t attributes;
      short pair;
      cchar_t cell;
      wchar_t cells[CCHARW_MAX + 1];

      if (mvin_wch (row, i, &cell) == OK && getcchar (&cell, cells, &attributes, &pair, NULL) == OK)
        mvchgat (row, i, 1, (attributes & ~A_DIM) | A_REVERSE, pair, NULL);
    }
}

void
jobs_screen_put_cursor (JobsScreen *self,
                        guint       row,
                        guint       column)
{
  curs_set (1);
  move (MIN ((int) row, LINES - 1), MIN ((int) column, COLS - 1));
}
