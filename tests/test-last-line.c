/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "monitors/jobs-last-line.h"

static void
assert_last (const char *const *pieces,
             const char        *expected)
{
  JobsLastLine line;
  g_autofree char *text = NULL;

  jobs_last_line_init (&line);
  for (guint i = 0; pieces[i] != NULL; i++)
    jobs_last_line_take (&line, pieces[i], strlen (pieces[i]));
  text = jobs_last_line_dup_text (&line);
  g_assert_cmpstr (text, ==, expected);
  jobs_last_line_clear (&line);
}

#define LAST(expected, ...) assert_last ((const char *const[]) { __VA_ARGS__, NULL }, expected)

static void
test_pieces (void)
{
  g_test_summary ("The last line is put together of whatever pieces it comes in");

  LAST (NULL, "");
  LAST (NULL, "\n\n");
  LAST ("one", "one");
  LAST ("one", "one\n");
  LAST ("one", "one", "\n", "\n");
  LAST ("two", "one\n", "t", "wo");
  LAST ("two", "one", "\ntwo");
  LAST ("two", "o", "ne\ntwo\n");
  LAST ("100 %", "10 %\r", "50 %\r100 %\r");
  LAST ("\xef\xbf\xbd", "\xff\n");
}

static void
test_long (void)
{
  g_autofree char *text = g_strnfill (3000, 'x');
  g_autofree char *beginning = g_strnfill (1024, 'x');

  g_test_summary ("Of a long line there is its beginning");

  LAST (beginning, "before\n", text, "and more");
  LAST ("after", text, text, "\nafter");
}

static void
test_forgets (void)
{
  JobsLastLine line, none = { NULL };
  g_autofree char *text = NULL;

  g_test_summary ("It begins anew when it is told to, and where nothing is written there is none");

  jobs_last_line_init (&line);
  jobs_last_line_take (&line, "before", 6);
  jobs_last_line_forget (&line);
  g_assert_null (jobs_last_line_dup_text (&line));
  jobs_last_line_take (&line, "after", 5);
  text = jobs_last_line_dup_text (&line);
  g_assert_cmpstr (text, ==, "after");
  jobs_last_line_clear (&line);

  jobs_last_line_forget (&none);
  g_assert_null (jobs_last_line_dup_text (&none));
  jobs_last_line_clear (&none);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/last-line/pieces", test_pieces);
  g_test_add_func ("/jobs/last-line/long", test_long);
  g_test_add_func ("/jobs/last-line/forgets", test_forgets);

  return g_test_run ();
}
