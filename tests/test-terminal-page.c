/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <locale.h>
#include <string.h>

#include "monitors/jobs-cells.h"
#include "monitors/jobs-line-private.h"
#include "monitors/jobs-terminal-page.h"

/* Text of outside in cells and rows of a terminal */

static JobsLine *
line_new (const char *output)
{
  g_autoptr (JobsAction) action = jobs_delay_action_new ("job", 0);
  JobsLineFacts facts = { "job", "job" };
  JobsLineNews news = { JOBS_STATE_RUNNING };
  JobsLine *line = jobs_line_new (G_OBJECT (action), &facts, &news, NULL);

  jobs_line_set_output (line, output);

  return line;
}

static void
append (JobsLine   *line,
        const char *text)
{
  jobs_line_append_output (line, text, strlen (text));
  jobs_line_tell_output (line);
}

#define assert_page(page, height, width, ...)                                            \
  G_STMT_START                                                                           \
    {                                                                                    \
      const char *expected_here[] = { __VA_ARGS__, NULL };                               \
      GPtrArray *rows_here = jobs_terminal_page_lay_out (page, height, width);           \
      for (guint i_here = 0; i_here < rows_here->len; i_here++)                          \
        g_assert_cmpstr (rows_here->pdata[i_here], ==, expected_here[i_here]);           \
      g_assert_null (expected_here[rows_here->len]);                                     \
    }                                                                                    \
  G_STMT_END

static void
test_cells (void)
{
  static const struct { const char *text; guint width; const wchar_t *cells; guint used; } cases[] = {
    { "abc", 3, L"abc", 3 },
    { "abcd", 3, L"ab…", 3 },
    { "abcd", 1, L"…", 1 },
    { "abcd", 0, L"", 0 },
    { "", 5, L"", 0 },
    { "中文字", 6, L"中文字", 6 },
    { "中文字", 5, L"中文…", 5 },
    /* Half a character does not fit, and the sign comes next to the last whole one */
    { "中文字", 4, L"中…", 3 },
    { "中文字", 2, L"…", 1 },
    { "e\u0301e", 2, L"e\u0301e", 2 },
    { "\u0301e", 2, L"e", 1 },
    { "a\tb", 3, L"a b", 3 },
    { "\033[31m", 10, L"^[[31m", 6 },
    { "a\u202eb", 10, L"a<U+202E>b", 10 },
    { "\xff", 2, L"\ufffd", 1 },
  };

  g_test_summary ("Text takes as many cells as it was given, and does no harm");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint used;
      g_autofree wchar_t *cells = jobs_cells_fit (cases[i].text, cases[i].width, &used);

      g_assert_cmpint (wcscmp (cells, cases[i].cells), ==, 0);
      g_assert_cmpuint (used, ==, cases[i].used);
    }
  g_assert_cmpuint (jobs_cells_measure ("中文 e\u0301\033"), ==, 8);
}

static void
test_marks (void)
{
  g_autoptr (GString) text = g_string_new ("a");
  g_autofree wchar_t *cells = NULL;
  guint used;

  g_test_summary ("A tower of marks on one character is not taller than others");

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "\u0301");
  cells = jobs_cells_fit (text->str, 10, &used);
  g_assert_cmpuint (used, ==, 1);
  g_assert_cmpuint (wcslen (cells), ==, 5);
}

static void
test_other_locale (void)
{
  guint used;
  g_autofree wchar_t *cells = NULL;

  g_test_summary ("What the locale lacks is a question mark");

  setlocale (LC_CTYPE, "C");
  cells = jobs_cells_fit ("aé中b→", 10, &used);
  g_assert_cmpint (wcscmp (cells, L"a??b>"), ==, 0);
  g_free (g_steal_pointer (&cells));
  cells = jobs_cells_fit ("abcd", 3, &used);
  g_assert_cmpint (wcscmp (cells, L"ab~"), ==, 0);
  setlocale (LC_CTYPE, "C.UTF-8");
}

static void
test_follows (void)
{
  g_autoptr (JobsLine) line = line_new ("");
  JobsTerminalPage *page = jobs_terminal_page_new (line);

  g_test_summary ("A page follows its end, but not who has scrolled up");

  g_assert_true (jobs_terminal_page_get_line (page) == line);
  g_assert_cmpuint (jobs_terminal_page_lay_out (page, 3, 10)->len, ==, 0);
  append (line, "1\n2\n3\n");
  assert_page (page, 3, 10, "1", "2", "3");
  append (line, "4\nha");
  assert_page (page, 3, 10, "3", "4", "ha");
  append (line, "lf\n");
  assert_page (page, 3, 10, "3", "4", "half");

  jobs_terminal_page_scroll (page, -1);
  g_assert_false (jobs_terminal_page_follows (page));
  append (line, "5\n");
  assert_page (page, 3, 10, "2", "3", "4");
  jobs_terminal_page_scroll (page, -100);
  assert_page (page, 3, 10, "1", "2", "3");
  jobs_terminal_page_scroll (page, 2);
  assert_page (page, 3, 10, "3", "4", "half");
  jobs_terminal_page_scroll (page, 1);
  g_assert_true (jobs_terminal_page_follows (page));
  append (line, "6\n");
  assert_page (page, 3, 10, "half", "5", "6");
  jobs_terminal_page_jump (page, FALSE);
  assert_page (page, 3, 10, "1", "2", "3");
  jobs_terminal_page_jump (page, TRUE);
  assert_page (page, 3, 10, "half", "5", "6");

  jobs_terminal_page_free (page);
}

static void
test_wraps (void)
{
  g_autoptr (JobsLine) line = line_new ("abcdefgh\n\n中文字\n10%\r 20%\r\na\tb\n\033[2J\n\xff\n");
  JobsTerminalPage *page = jobs_terminal_page_new (line);

  g_test_summary ("Lines that are too long go on in the next row, and what was written over is not seen");

  assert_page (page, 20, 5, "abcde", "fgh", "", "中文", "字", " 20%", "a    ", "   b", "^[[2J", "\ufffd");
  assert_page (page, 2, 5, "^[[2J", "\ufffd");
  jobs_terminal_page_jump (page, FALSE);
  jobs_terminal_page_scroll (page, 1);
  assert_page (page, 3, 5, "fgh", "", "中文");
  /* Of another width, from the beginning of that line */
  assert_page (page, 3, 8, "abcdefgh", "", "中文字");
  assert_page (page, 1, 1, "a");

  jobs_terminal_page_free (page);
}

static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new ("begin\n");
  g_autoptr (JobsLine) line = NULL;
  JobsTerminalPage *page;
  GPtrArray *rows;
  gsize n = 0;

  g_test_summary ("A line of many pieces is seen whole, both ways");

  for (guint i = 0; i < 6000; i++)
    g_string_append (text, "äb中");
  line = line_new (text->str);
  page = jobs_terminal_page_new (line);

  jobs_terminal_page_lay_out (page, 10, 80);
  jobs_terminal_page_jump (page, FALSE);
  rows = jobs_terminal_page_lay_out (page, 10, 80);
  g_assert_cmpstr (rows->pdata[0], ==, "begin");
  jobs_terminal_page_scroll (page, 1);
  while (TRUE)
    {
      rows = jobs_terminal_page_lay_out (page, 1, 80);
      for (const char *p = rows->pdata[0]; *p != '\0'; p = g_utf8_next_char (p))
        n++;
      if (jobs_terminal_page_follows (page))
        break;
      jobs_terminal_page_scroll (page, 1);
    }
  g_assert_cmpuint (n, ==, 18000);

  jobs_terminal_page_scroll (page, -100000);
  rows = jobs_terminal_page_lay_out (page, 10, 80);
  g_assert_cmpstr (rows->pdata[0], ==, "begin");
  jobs_terminal_page_free (page);
}

static void
test_cut (void)
{
  g_autoptr (JobsLine) line = line_new ("first\n");
  JobsTerminalPage *page = jobs_terminal_page_new (line);
  g_autofree char *much = g_strnfill (1024 * 1024, 'x');

  g_test_summary ("What is too long is cut at its beginning, also for who has scrolled there");

  for (guint i = 0; i < 3; i++)
    {
      append (line, much);
      append (line, "\nlast\n");
      jobs_terminal_page_lay_out (page, 5, 80);
      jobs_terminal_page_scroll (page, -3);
    }
  jobs_line_set_output (line, "short\n");
  assert_page (page, 5, 80, "short");

  jobs_terminal_page_free (page);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_CTYPE, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/terminal-page/cells", test_cells);
  g_test_add_func ("/jobs/terminal-page/marks", test_marks);
  g_test_add_func ("/jobs/terminal-page/other-locale", test_other_locale);
  g_test_add_func ("/jobs/terminal-page/follows", test_follows);
  g_test_add_func ("/jobs/terminal-page/wraps", test_wraps);
  g_test_add_func ("/jobs/terminal-page/long", test_long);
  g_test_add_func ("/jobs/terminal-page/cut", test_cut);

  return g_test_run ();
}
