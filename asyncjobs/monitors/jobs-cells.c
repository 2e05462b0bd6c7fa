/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _XOPEN_SOURCE 700

#include "config.h"

#include "jobs-cells.h"
#include "jobs-visible.h"

/* Marks upon one character: more than curses keeps are of no use */
#define MARKS_MAX 4

/* What our own words have beyond ASCII */
static gunichar
substitute (gunichar c)
{
  static const struct { gunichar c; char instead; } known[] = {
    { 0x2190, '<' }, { 0x2191, '^' }, { 0x2192, '>' }, { 0x2193, 'v' },
    { 0x2013, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x2026, '~' },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].c == c)
      return known[i].instead;

  return '?';
}

/* *c becomes what can be shown */
static guint
get_width (gunichar *c)
{
  int width;

  if (*c == '\t')
    *c = ' ';
  width = wcwidth ((wchar_t) *c);
  if (width >= 0)
    return width;

  *c = substitute (*c);

  return 1;
}

static GString *
make_harmless (const char *text)
{
  GString *safe = g_string_new (NULL);

  jobs_visible_append (safe, text, -1);

  return safe;
}

/* As most is. Its width, or -1 where there is anything else in it */
static gssize
measure_ascii (const char *text)
{
  const char *p = text;

  while (*p >= 0x20 && *p < 0x7f)
    p++;

  return *p == '\0' ? p - text : -1;
}

guint
jobs_cells_measure (const char *text)
{
  g_autoptr (GString) safe = NULL;
  gssize ascii = measure_ascii (text);
  guint width = 0;

  if (ascii >= 0)
    return ascii;

  safe = make_harmless (text);

  for (const char *p = safe->str; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += get_width (&c);
    }

  return width;
}

gsize
jobs_cells_span (const char *text,
                 guint       width)
{
  const char *p = text;
  guint used = 0;

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);
      guint own = get_width (&c);

      if (p > text && used + own > width)
        break;
      used += own;
      p = g_utf8_next_char (p);
    }

  return p - text;
}

wchar_t *
jobs_cells_fit (const char *text,
                guint       width,
                guint      *used)
{
  g_autoptr (GString) safe = NULL;
  gssize ascii = measure_ascii (text);
  wchar_t *cells, cut_sign;
  guint n_marks = 0, n = 0, room_n = 0, room_used = 0;

  if (ascii >= 0 && ascii <= width)
    {
      cells = g_new (wchar_t, ascii + 1);
      for (gssize i = 0; i <= ascii; i++)
        cells[i] = text[i];
      *used = ascii;
      return cells;
    }

  safe = make_harmless (text);
  cells = g_new (wchar_t, safe->len + 2);
  cut_sign = wcwidth (L'…') == 1 ? L'…' : L'~';
  *used = 0;
  for (const char *p = safe->str; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      guint own = get_width (&c);

      n_marks = own == 0 ? n_marks + 1 : 0;
      if (n_marks > MARKS_MAX || (own == 0 && *used == 0))
        continue;
      if (*used + own > width)
        {
          n = room_n;
          *used = room_used;
          if (*used < width)
            {
              cells[n++] = cut_sign;
              (*used)++;
            }
          break;
        }

      cells[n++] = (wchar_t) c;
      *used += own;
      /* The last place at which the sign would fit yet */
      if (*used < width)
        {
          room_n = n;
          room_used = *used;
        }
    }
  cells[n] = L'\0';

  return cells;
}
