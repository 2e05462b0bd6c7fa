/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <string.h>

#include "jobs-cells.h"
#include "jobs-terminal-page.h"
#include "jobs-visible.h"

/* Longer lines are taken in pieces, so that a row never costs more than one of them */
#define PIECE_MAX 4096
#define TAB 8

struct _JobsTerminalPage
{
  JobsLine *line;
  const char *text; /* of the line, while rows are made */
  gsize size;

  gsize top;        /* where a piece begins */
  guint row;        /* of that piece */
  gboolean follows;
  guint height;
  guint width;
  GPtrArray *rows;
};

/* Pieces: from one newline to the next, or less */

static gsize
find_line (JobsTerminalPage *self,
           gsize             position)
{
  const char *newline = memrchr (self->text, '\n', position);

  return newline != NULL ? newline + 1 - self->text : 0;
}

/* The n-th boundary in the line that begins at line, never within a character */
static gsize
find_boundary (JobsTerminalPage *self,
               gsize             line,
               gsize             n)
{
  gsize position = MIN (line + n * PIECE_MAX, self->size);

  while (position > line && position < self->size && (self->text[position] & 0xc0) == 0x80)
    position--;

  return position;
}

static gsize
find_end (JobsTerminalPage *self,
          gsize             start)
{
  const char *newline = memchr (self->text + start, '\n', self->size - start);
  gsize end = newline != NULL ? (gsize) (newline - self->text) : self->size;
  gsize line;

  if (end - start <= PIECE_MAX)
    return end;

  line = find_line (self, start);

  return MIN (end, find_boundary (self, line, (start + 3 - line) / PIECE_MAX + 1));
}

/* FALSE: there is none */
static gboolean
find_next (JobsTerminalPage *self,
           gsize            *start)
{
  gsize end = find_end (self, *start);

  if (end < self->size && self->text[end] == '\n')
    end++;
  if (end >= self->size)
    return FALSE;

  *start = end;

  return TRUE;
}

static gboolean
find_previous (JobsTerminalPage *self,
               gsize            *start)
{
  gsize line, next;

  if (*start == 0)
    return FALSE;

  line = find_line (self, *start - 1);
  next = line;
  /* From the beginning of the line, so that they are the same both ways */
  for (gsize i = (*start - 1 - line) / PIECE_MAX; i > 0 && next == line; i--)
    if (find_boundary (self, line, i) < *start)
      next = find_boundary (self, line, i);
  *start = next;

  return TRUE;
}

/* Rows */

static GString *
make_harmless (const char *text,
               gsize       size)
{
  g_autoptr (GString) safe = g_string_new (NULL);
  GString *plain = g_string_new (NULL);
  const char *begin = memrchr (text, '\r', size > 0 && text[size - 1] == '\r' ? --size : size);
  guint column = 0;

  /* What was written over by the same line, such as bars, is not there any more */
  if (begin != NULL)
    {
      size -= begin + 1 - text;
      text = begin + 1;
    }
  jobs_visible_append (safe, text, (gssize) size);
  for (const char *p = safe->str; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      guint width = c == '\t' ? TAB - column % TAB : 1;

      if (c == '\t')
        g_string_append_printf (plain, "%*s", (int) width, "");
      else
        g_string_append_unichar (plain, c);
      column += width;
    }

  return plain;
}

static GPtrArray *
wrap (JobsTerminalPage *self,
      gsize             start)
{
  g_autoptr (GString) safe = make_harmless (self->text + start, find_end (self, start) - start);
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_free);
  const char *rest = safe->str;

  do
    {
      gsize span = jobs_cells_span (rest, self->width);

      g_ptr_array_add (rows, g_strndup (rest, span));
      rest += span;
    }
  while (*rest != '\0');

  return rows;
}

static guint
count_rows (JobsTerminalPage *self,
            gsize             start)
{
  g_autoptr (GPtrArray) rows = wrap (self, start);

  return rows->len;
}

static void
move_up (JobsTerminalPage *self,
         guint             n)
{
  while (n > 0)
    {
      guint here = MIN (n, self->row);

      self->row -= here;
      n -= here;
      if (n == 0 || !find_previous (self, &self->top))
        return;

      self->row = count_rows (self, self->top);
    }
}

static void
move_down (JobsTerminalPage *self,
           guint             n)
{
  for (; n > 0; n--)
    {
      if (self->row + 1 < count_rows (self, self->top))
        self->row++;
      else if (find_next (self, &self->top))
        self->row = 0;
      else
        return;
    }
}

/* So that the last row is the last one on the screen */
static void
go_to_end (JobsTerminalPage *self)
{
  self->top = self->size;
  self->row = 0;
  if (self->size == 0)
    return;

  find_previous (self, &self->top);
  self->row = count_rows (self, self->top) - 1;
  move_up (self, self->height - 1);
}

static void
take_text (JobsTerminalPage *self)
{
  const char *text = jobs_line_get_output (self->line);
  gsize line;

  self->text = text != NULL ? text : "";
  self->size = strlen (self->text);
  if (self->top == 0)
    return;

  /* Once it is long, its beginning is cut: what was the beginning of a piece is no more */
  self->top = MIN (self->top, self->size - MIN (self->size, 1));
  line = find_line (self, self->top);
  if (self->top != find_boundary (self, line, (self->top + 3 - line) / PIECE_MAX))
    {
      self->top = line;
      self->row = 0;
    }
}

static gboolean
is_at_end (JobsTerminalPage *self)
{
  gsize top = self->top, end_top;
  guint row = self->row, end_row;

  go_to_end (self);
  end_top = self->top;
  end_row = self->row;
  self->top = top;
  self->row = row;

  return top > end_top || (top == end_top && row >= end_row);
}

static void
fill_rows (JobsTerminalPage *self)
{
  gsize start = self->top;

  g_ptr_array_set_size (self->rows, 0);
  if (self->size == 0)
    return;

  do
    {
      g_autoptr (GPtrArray) rows = wrap (self, start);

      for (guint i = start == self->top ? self->row : 0; i < rows->len && self->rows->len < self->height; i++)
        g_ptr_array_add (self->rows, g_strdup (g_ptr_array_index (rows, i)));
    }
  while (self->rows->len < self->height && find_next (self, &start));
}

GPtrArray *
jobs_terminal_page_lay_out (JobsTerminalPage *self,
                            guint             height,
                            guint             width)
{
  if (width != self->width)
    self->row = 0;
  self->height = MAX (height, 1);
  self->width = MAX (width, 1);
  take_text (self);
  if (self->follows)
    go_to_end (self);
  fill_rows (self);

  return self->rows;
}

void
jobs_terminal_page_scroll (JobsTerminalPage *self,
                           int               rows)
{
  take_text (self);
  if (rows < 0)
    move_up (self, -rows);
  else
    move_down (self, rows);
  self->follows = is_at_end (self);
}

void
jobs_terminal_page_jump (JobsTerminalPage *self,
                         gboolean          end)
{
  self->follows = end;
  if (!end)
    self->top = self->row = 0;
}

gboolean
jobs_terminal_page_follows (JobsTerminalPage *self)
{
  return self->follows;
}

JobsLine *
jobs_terminal_page_get_line (JobsTerminalPage *self)
{
  return self->line;
}

JobsTerminalPage *
jobs_terminal_page_new (JobsLine *line)
{
  JobsTerminalPage *self = g_new0 (JobsTerminalPage, 1);

  self->line = g_object_ref (line);
  self->follows = TRUE;
  self->height = self->width = 1;
  self->rows = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
jobs_terminal_page_free (JobsTerminalPage *self)
{
  g_ptr_array_unref (self->rows);
  g_object_unref (self->line);
  g_free (self);
}
