/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <string.h>

#include "jobs-lines.h"

static gsize
get_rest_size (JobsLines *self)
{
  return self->rest != NULL ? self->rest->len : 0;
}

static void
keep_rest (JobsLines    *self,
           const guint8 *bytes,
           gsize         size)
{
  if (self->rest == NULL)
    self->rest = g_byte_array_new ();
  g_byte_array_append (self->rest, bytes, size);
}

/* Mostly a line is whole in what came, and needs no copy */
static void
give_line (JobsLines    *self,
           const guint8 *bytes,
           gsize         size,
           JobsLineFunc  func,
           gpointer      data)
{
  g_autoptr (GByteArray) line = NULL;

  if (get_rest_size (self) == 0)
    {
      func (bytes, size, data);
      return;
    }

  /* func may run a main loop, and more may come in it */
  line = g_steal_pointer (&self->rest);
  g_byte_array_append (line, bytes, size);
  func (line->data, line->len, data);

  if (self->rest == NULL)
    {
      self->rest = g_steal_pointer (&line);
      g_byte_array_set_size (self->rest, 0);
    }
}

void
jobs_lines_feed (JobsLines    *self,
                 const guint8 *bytes,
                 gsize         size,
                 JobsLineFunc  func,
                 gpointer      data)
{
  while (size > 0)
    {
      gsize room = JOBS_LINES_MAX - get_rest_size (self);
      const guint8 *newline = memchr (bytes, '\n', MIN (size, room + 1));
      gsize taken;

      if (newline != NULL)
        taken = newline - bytes;
      else if (size > room)
        taken = room;
      else
        {
          keep_rest (self, bytes, size);
          return;
        }

      give_line (self, bytes, taken, func, data);
      if (newline != NULL)
        taken++;
      bytes += taken;
      size -= taken;
    }
}

void
jobs_lines_flush (JobsLines   *self,
                  JobsLineFunc func,
                  gpointer     data)
{
  if (get_rest_size (self) > 0)
    give_line (self, NULL, 0, func, data);
  jobs_lines_clear (self);
}

gsize
jobs_lines_skip (JobsLines    *self,
                 const guint8 *bytes,
                 gsize         size,
                 guint         n_lines)
{
  gsize start = size;

  for (guint i = 0; i <= n_lines; i++)
    {
      const guint8 *newline = memrchr (bytes, '\n', start);

      if (newline == NULL)
        return 0;
      start = newline - bytes;
    }

  if (self->rest != NULL)
    g_byte_array_set_size (self->rest, 0);

  return start + 1;
}

void
jobs_lines_clear (JobsLines *self)
{
  g_clear_pointer (&self->rest, g_byte_array_unref);
}

void
jobs_tail_push (JobsTail     *self,
                const guint8 *line,
                gsize         size)
{
  if (size > JOBS_TAIL_BYTES)
    {
      line += size - JOBS_TAIL_BYTES;
      size = JOBS_TAIL_BYTES;
    }

  if (self->text == NULL)
    self->text = g_string_new (NULL);
  g_string_append_len (self->text, (const char *) line, size);
  g_string_append_c (self->text, '\n');

  /* Twice as much as is kept, so that moving it costs little per byte */
  if (self->text->len > 2 * JOBS_TAIL_BYTES)
    g_string_erase (self->text, 0, self->text->len - JOBS_TAIL_BYTES);
}

/* Where the last lines begin that fit */
static gsize
find_start (const char *text,
            gsize       size)
{
  gsize start = size;

  for (guint i = 0; i < JOBS_TAIL_LINES && start > 0; i++)
    {
      const char *newline = start > 1 ? memrchr (text, '\n', start - 1) : NULL;

      start = newline != NULL ? (gsize) (newline + 1 - text) : 0;
    }

  return MAX (start, size - MIN (size, JOBS_TAIL_BYTES));
}

char *
jobs_tail_dup (JobsTail *self)
{
  g_autofree char *valid = NULL;
  const char *start;
  const char *text;
  gsize size;

  if (self->text == NULL)
    return g_strdup ("");

  start = self->text->str + find_start (self->text->str, self->text->len);
  valid = g_utf8_make_valid (start, self->text->str + self->text->len - start);

  /* What was invalid may have grown in becoming valid */
  size = strlen (valid);
  text = valid + find_start (valid, size);
  while ((*text & 0xc0) == 0x80)
    text++;

  return g_strdup (text);
}

void
jobs_tail_compact (JobsTail *self)
{
  gsize start;
  GString *text;

  if (self->text == NULL)
    return;

  start = find_start (self->text->str, self->text->len);
  text = g_string_new_len (self->text->str + start, self->text->len - start);
  g_string_free (self->text, TRUE);
  self->text = text;
}

void
jobs_tail_clear (JobsTail *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  self->text = NULL;
}
