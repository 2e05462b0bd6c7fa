/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-last-line.h"

/* Bytes */
#define LENGTH_MAX 1024

static gboolean
is_end (char c)
{
  return c == '\n' || c == '\r';
}

void
jobs_last_line_take (JobsLastLine *self,
                     const char   *text,
                     gsize         size)
{
  gsize end = size, begin;

  while (end > 0 && is_end (text[end - 1]))
    end--;
  begin = end;
  while (begin > 0 && !is_end (text[begin - 1]))
    begin--;

  if (end > begin)
    {
      if (begin > 0 || self->is_whole)
        g_string_truncate (self->text, 0);
      g_string_append_len (self->text, text + begin, (gssize) MIN (end - begin, LENGTH_MAX));
      if (self->text->len > LENGTH_MAX)
        g_string_truncate (self->text, LENGTH_MAX);
      self->is_whole = FALSE;
    }
  if (end < size)
    self->is_whole = TRUE;
}

void
jobs_last_line_forget (JobsLastLine *self)
{
  if (self->text != NULL)
    g_string_truncate (self->text, 0);
  self->is_whole = FALSE;
}

char *
jobs_last_line_dup_text (const JobsLastLine *self)
{
  if (self->text == NULL || self->text->len == 0)
    return NULL;

  return g_utf8_make_valid (self->text->str, (gssize) self->text->len);
}

void
jobs_last_line_init (JobsLastLine *self)
{
  *self = (JobsLastLine) { g_string_new (NULL) };
}

void
jobs_last_line_clear (JobsLastLine *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  self->text = NULL;
}
