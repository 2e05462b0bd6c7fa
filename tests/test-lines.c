/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "actions/jobs-lines.h"

static void
line_cb (const guint8 *line,
         gsize         size,
         gpointer      data)
{
  g_ptr_array_add (data, g_strndup ((const char *) line, size));
}

static void
assert_lines (const char        *text,
              const char *const *expected)
{
  gsize size = strlen (text);

  /* In pieces of any size they are the same */
  for (gsize step = 1; step <= size + 1; step++)
    {
      g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
      JobsLines self = { 0 };

      for (gsize i = 0; i < size; i += step)
        jobs_lines_feed (&self, (const guint8 *) text + i, MIN (step, size - i), line_cb, lines);
      jobs_lines_flush (&self, line_cb, lines);
      g_assert_cmpuint (lines->len, ==, g_strv_length ((char **) expected));
      for (guint i = 0; i < lines->len; i++)
        g_assert_cmpstr (g_ptr_array_index (lines, i), ==, expected[i]);
    }
}

static void
test_pieces (void)
{
  assert_lines ("", (const char *[]) { NULL });
  assert_lines ("\n", (const char *[]) { "", NULL });
  assert_lines ("one\ntwo", (const char *[]) { "one", "two", NULL });
  assert_lines ("\n\none\r\n\n", (const char *[]) { "", "", "one\r", "", NULL });
}

static void
test_long (void)
{
  const gsize sizes[] = { JOBS_LINES_MAX - 1, JOBS_LINES_MAX, JOBS_LINES_MAX + 1,
                          3 * JOBS_LINES_MAX };
  const gsize steps[] = { 1000, 64 * 1024, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (steps); j++)
      {
        g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
        g_autofree char *text = g_strnfill (sizes[i] + 2, 'x');
        guint n_pieces = (sizes[i] + JOBS_LINES_MAX - 1) / JOBS_LINES_MAX;
        JobsLines self = { 0 };
        gsize total = 0;

        text[sizes[i]] = '\n';
        for (gsize k = 0; k < sizes[i] + 2; k += steps[j])
          jobs_lines_feed (&self, (const guint8 *) text + k, MIN (steps[j], sizes[i] + 2 - k),
                           line_cb, lines);
        jobs_lines_flush (&self, line_cb, lines);

        g_assert_cmpuint (lines->len, ==, n_pieces + 1);
        for (guint k = 0; k < n_pieces; k++)
          {
            gsize size = strlen (g_ptr_array_index (lines, k));

            g_assert_cmpuint (size, <=, JOBS_LINES_MAX);
            total += size;
          }
        g_assert_cmpuint (total, ==, sizes[i]);
        g_assert_cmpstr (g_ptr_array_index (lines, n_pieces), ==, "x");
      }
}

static gsize
skip (JobsLines  *self,
      const char *text,
      guint       n)
{
  return jobs_lines_skip (self, (const guint8 *) text, strlen (text), n);
}

static void
test_skip (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  JobsLines self = { 0 };

  jobs_lines_feed (&self, (const guint8 *) "begun", 5, line_cb, lines);
  /* Two lines or fewer: nothing is lost */
  g_assert_cmpuint (skip (&self, "", 2), ==, 0);
  g_assert_cmpuint (skip (&self, "a\nb\nc", 2), ==, 0);
  jobs_lines_feed (&self, (const guint8 *) "\n", 1, line_cb, lines);
  g_assert_cmpstr (g_ptr_array_index (lines, 0), ==, "begun");

  jobs_lines_feed (&self, (const guint8 *) "lost", 4, line_cb, lines);
  g_assert_cmpuint (skip (&self, "a\nb\nc\n", 2), ==, 2);
  jobs_lines_feed (&self, (const guint8 *) "b\n", 2, line_cb, lines);
  g_assert_cmpstr (g_ptr_array_index (lines, 1), ==, "b");
  g_assert_cmpuint (skip (&self, "a\nb\nc\nd", 2), ==, 2);
  jobs_lines_clear (&self);
}

static void
test_tail (void)
{
  JobsTail tail = { 0 };
  g_autofree char *empty = jobs_tail_dup (&tail);
  g_autofree char *wide = g_strnfill (JOBS_TAIL_BYTES * 4, '\xff');

  g_assert_cmpstr (empty, ==, "");
  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u", i);

      jobs_tail_push (&tail, (const guint8 *) line, strlen (line));
      g_assert_cmpuint (tail.text->len, <=, 2 * JOBS_TAIL_BYTES);
    }

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = jobs_tail_dup (&tail);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

      g_assert_cmpuint (g_strv_length (lines), ==, JOBS_TAIL_LINES + 1);
      g_assert_cmpstr (lines[0], ==, "99980");
      g_assert_cmpstr (lines[JOBS_TAIL_LINES - 1], ==, "99999");
      jobs_tail_compact (&tail);
      g_assert_cmpuint (tail.text->len, ==, strlen (text));
    }

  jobs_tail_push (&tail, (const guint8 *) wide, JOBS_TAIL_BYTES * 4);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = jobs_tail_dup (&tail);

      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpuint (strlen (text), <=, JOBS_TAIL_BYTES);
      g_assert_cmpuint (strlen (text), >, JOBS_TAIL_BYTES - 4);
      jobs_tail_compact (&tail);
    }
  jobs_tail_clear (&tail);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/lines/pieces", test_pieces);
  g_test_add_func ("/jobs/lines/long", test_long);
  g_test_add_func ("/jobs/lines/skip", test_skip);
  g_test_add_func ("/jobs/lines/tail", test_tail);

  return g_test_run ();
}
