/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "jobs-progress.h"

#define MESSAGE_GROUP "message"

GRegex *
jobs_progress_compile (const char *pattern,
                       GError    **error)
{
  /* Raw: a command may write any bytes */
  return g_regex_new (pattern, G_REGEX_RAW, 0, error);
}

static gboolean
is_end (char c)
{
  /* A bar that is drawn over itself ends by a return */
  return c == '\n' || c == '\r';
}

/* Of the groups that are numbers the first one is per cent, or the first two are "so
 * many of so many" */
static double
read_fraction (GRegex     *regex,
               GMatchInfo *match)
{
  int message = g_regex_get_string_number (regex, MESSAGE_GROUP);
  double numbers[2] = { 0.0, 100.0 };
  guint n = 0;

  for (int i = 1; i < g_match_info_get_match_count (match) && n < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = i != message ? g_match_info_fetch (match, i) : NULL;
      char *end = NULL;
      double number = text != NULL ? g_ascii_strtod (text, &end) : 0.0;

      if (text != NULL && end != text && isfinite (number))
        numbers[n++] = number;
    }

  if (n == 0 || numbers[0] < 0.0 || numbers[1] <= 0.0)
    return -1.0;

  return MIN (numbers[0] / numbers[1], 1.0);
}

static gboolean
read_line (GRegex     *regex,
           const char *line,
           gsize       size,
           double     *fraction,
           char      **message)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = NULL;

  if (size == 0 || size > JOBS_PROGRESS_LINE_MAX ||
      !g_regex_match_full (regex, line, (gssize) size, 0, 0, &match, NULL))
    return FALSE;

  *fraction = read_fraction (regex, match);
  text = g_match_info_fetch_named (match, MESSAGE_GROUP);
  *message = text != NULL && *text != '\0' ? g_utf8_make_valid (text, -1) : NULL;

  return TRUE;
}

gboolean
jobs_progress_feed (JobsProgress *self,
                    GRegex       *regex,
                    const guint8 *data,
                    gsize         size,
                    double       *fraction,
                    char        **message)
{
  gboolean is_found = FALSE;
  const char *text;
  gsize end;

  if (self->rest == NULL)
    self->rest = g_string_new (NULL);
  g_string_append_len (self->rest, (const char *) data, (gssize) size);
  text = self->rest->str;
  end = self->rest->len;
  while (end > 0 && !is_end (text[end - 1]))
    end--;

  /* From the last one back: what was true before is of no interest */
  for (gsize last = end, n = 0; !is_found && last > 0 && n < JOBS_PROGRESS_LINES; n++)
    {
      gsize begin = last - 1;

      while (begin > 0 && !is_end (text[begin - 1]))
        begin--;
      is_found = read_line (regex, text + begin, last - 1 - begin, fraction, message);
      last = begin;
    }

  g_string_erase (self->rest, 0, (gssize) end);
  /* What is too long anyway: its length alone counts */
  if (self->rest->len > 2 * JOBS_PROGRESS_LINE_MAX)
    g_string_truncate (self->rest, 2 * JOBS_PROGRESS_LINE_MAX);

  return is_found;
}

void
jobs_progress_clear (JobsProgress *self)
{
  if (self->rest != NULL)
    g_string_free (g_steal_pointer (&self->rest), TRUE);
}
