/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monitors/jobs-terminal-list.h"
#include "test-utils.h"

/* Of the list on a screen: which line is where, and what that costs */

typedef struct
{
  JobsEngine *engine;
  JobsBoard *board;
  JobsTerminalList *list;
} Fixture;

static void
show (Fixture *fixture)
{
  fixture->board = jobs_engine_board_new (fixture->engine);
  fixture->list = jobs_terminal_list_new (fixture->board);
}

static void
finish (Fixture *fixture)
{
  jobs_terminal_list_free (fixture->list);
  g_assert_finalize_object (fixture->board);
  g_assert_finalize_object (fixture->engine);
}

/* As if the screen were drawn: "a tests- .unit *b", an open engine with -, a closed one
 * with +, a dot for each level, a star before what is selected */
static char *
dup_rows (Fixture *fixture,
          guint    height)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GArray *rows;

  jobs_board_update (fixture->board);
  jobs_terminal_list_touch (fixture->list);
  rows = jobs_terminal_list_lay_out (fixture->list, height);
  for (guint i = 0; i < rows->len; i++)
    {
      JobsTerminalRow *row = &g_array_index (rows, JobsTerminalRow, i);

      if (i > 0)
        g_string_append_c (text, ' ');
      for (guint j = 0; j < row->depth; j++)
        g_string_append_c (text, '.');
      if (row->is_selected)
        g_string_append_c (text, '*');
      g_string_append (text, row->name);
      if (row->fold != JOBS_FOLD_NONE)
        g_string_append_c (text, row->fold == JOBS_FOLD_OPEN ? '-' : '+');
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_rows(fixture, height, expected)                       \
  G_STMT_START                                                       \
    {                                                                \
      g_autofree char *rows_here = dup_rows (fixture, height);       \
      g_assert_cmpstr (rows_here, ==, expected);                     \
    }                                                                \
  G_STMT_END

static void
move (Fixture *fixture,
      int      delta)
{
  jobs_terminal_list_move (fixture->list, delta);
}

static void
test_order (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_KEEP_GOING) };
  JobsAction *a = test_add (fixture.engine, "a", "hang");
  JobsEngine *tests = test_add_engine (fixture.engine, "tests", JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *b;

  g_test_summary ("Those that run stand first on their level, the oldest on top, and each line once");

  test_add (tests, "good", "ok");
  test_add (tests, "unit", "hang");
  test_add (fixture.engine, "bad", "fail");
  b = test_add (fixture.engine, "b", "hang");
  test_add_behind (fixture.engine, "c", "hang", a, JOBS_CONDITION_DONE);
  show (&fixture);
  assert_rows (&fixture, 20, "a tests- .good .unit bad b c");
  g_assert_cmpuint (jobs_terminal_list_count (fixture.list), ==, 7);

  test_begin (fixture.engine);
  test_settle ();
  assert_rows (&fixture, 20, "a tests- .unit .good b bad c");
  test_action_complete (a);
  test_settle ();
  assert_rows (&fixture, 20, "tests- .unit .good b c a bad");
  assert_rows (&fixture, 3, "tests- .unit .good");

  test_action_complete (b);
  jobs_engine_cancel (fixture.engine);
  g_assert_false (test_end (fixture.engine, NULL));
  assert_rows (&fixture, 20, "a tests- .good .unit bad b c");

  finish (&fixture);
}

static void
test_folds (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };
  JobsEngine *outer = test_add_engine (fixture.engine, "outer", JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *a, *b;

  g_test_summary ("An engine can be closed and opened, and stands for what runs in it");

  a = test_add (inner, "a", "hang");
  test_add (outer, "last", "ok");
  b = test_add (fixture.engine, "b", "hang");
  show (&fixture);
  assert_rows (&fixture, 20, "outer- .inner- ..a .last b");

  move (&fixture, 1);
  move (&fixture, 1);
  jobs_terminal_list_fold (fixture.list, FALSE);
  assert_rows (&fixture, 20, "outer- .*inner+ .last b");
  g_assert_cmpuint (jobs_terminal_list_count (fixture.list), ==, 4);
  /* To the one around */
  jobs_terminal_list_fold (fixture.list, FALSE);
  jobs_terminal_list_fold (fixture.list, FALSE);
  assert_rows (&fixture, 20, "*outer+ b");

  test_begin (fixture.engine);
  test_settle ();
  assert_rows (&fixture, 20, "b *outer+");
  g_assert_true (jobs_terminal_list_toggle (fixture.list));
  assert_rows (&fixture, 20, "b *outer- .inner+ .last");
  jobs_terminal_list_fold (fixture.list, TRUE);
  jobs_terminal_list_fold (fixture.list, TRUE);
  assert_rows (&fixture, 20, "outer- .*inner- ..a .last b");
  move (&fixture, 1);
  g_assert_false (jobs_terminal_list_toggle (fixture.list));

  test_action_complete (a);
  test_action_complete (b);
  test_end_well (fixture.engine);
  finish (&fixture);
}

static void
test_selection (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };
  JobsAction *a = test_add (fixture.engine, "a", "hang");
  JobsAction *b = test_add (fixture.engine, "b", "hang");
  JobsAction *c = test_add (fixture.engine, "c", "hang");
  JobsAction *d = test_add_behind (fixture.engine, "d", "hang", a, JOBS_CONDITION_DONE);
  JobsAction *e = test_add_behind (fixture.engine, "e", "hang", b, JOBS_CONDITION_DONE);

  g_test_summary ("What is selected stays where it is, whatever becomes of it");

  show (&fixture);
  test_begin (fixture.engine);
  test_settle ();
  g_assert_null (jobs_terminal_list_get_selected (fixture.list));
  move (&fixture, 1);
  move (&fixture, 1);
  assert_rows (&fixture, 20, "a *b c d e");

  /* It has ended, and stands where it stood */
  test_action_complete (b);
  test_settle ();
  assert_rows (&fixture, 20, "a *b c e d");
  g_assert_cmpstr (jobs_line_get_label (jobs_terminal_list_get_selected (fixture.list)), ==, "b");
  move (&fixture, -1);
  assert_rows (&fixture, 20, "*a c e b d");

  /* It begins, and stands where it stood, too */
  jobs_terminal_list_move_to_end (fixture.list, TRUE);
  assert_rows (&fixture, 20, "a c e b *d");
  test_action_complete (a);
  test_settle ();
  assert_rows (&fixture, 20, "c e a b *d");
  move (&fixture, -1);
  assert_rows (&fixture, 20, "c e d a *b");
  move (&fixture, -100);
  assert_rows (&fixture, 20, "*c e d a b");
  jobs_terminal_list_unselect (fixture.list);
  assert_rows (&fixture, 20, "c e d a b");

  test_action_complete (c);
  test_action_complete (d);
  test_action_complete (e);
  test_end_well (fixture.engine);
  finish (&fixture);
}

static void
test_scrolls (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };

  g_test_summary ("The selected line is on the screen, and no row of that is wasted");

  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);

      test_add (fixture.engine, label, "ok");
    }
  show (&fixture);
  assert_rows (&fixture, 3, "0 1 2");
  move (&fixture, 1);
  move (&fixture, 3);
  assert_rows (&fixture, 3, "1 2 *3");
  move (&fixture, -1);
  assert_rows (&fixture, 3, "1 *2 3");
  jobs_terminal_list_move_to_end (fixture.list, TRUE);
  assert_rows (&fixture, 3, "6 7 *8");
  move (&fixture, -3);
  assert_rows (&fixture, 3, "*5 6 7");
  assert_rows (&fixture, 6, "3 4 *5 6 7 8");
  assert_rows (&fixture, 1, "*5");
  jobs_terminal_list_move_to_end (fixture.list, FALSE);
  assert_rows (&fixture, 2, "*0 1");
  /* Farther than a screen */
  move (&fixture, 7);
  assert_rows (&fixture, 2, "6 *7");

  finish (&fixture);
}

static void
test_changes (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };
  JobsEngine *tests = test_add_engine (fixture.engine, "tests", JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (fixture.engine, "a", "ok");
  JobsAction *unit = test_add (tests, "unit", "ok");
  g_autoptr (JobsEngine) late = jobs_engine_new ();

  g_test_summary ("Lines come and go under who looks at them");

  test_add (fixture.engine, "b", "ok");
  show (&fixture);
  jobs_terminal_list_move_to_end (fixture.list, TRUE);
  assert_rows (&fixture, 20, "tests- .unit a *b");

  test_add (tests, "more", "ok");
  g_assert_true (jobs_engine_remove (fixture.engine, a));
  assert_rows (&fixture, 20, "tests- .unit .more *b");

  jobs_action_set_label (JOBS_ACTION (late), "late");
  test_add (late, "one", "ok");
  g_assert_true (jobs_engine_add (fixture.engine, JOBS_ACTION (late)));
  assert_rows (&fixture, 20, "tests- .unit .more *b late- .one");

  /* What is selected goes, and what it is in */
  jobs_terminal_list_move_to_end (fixture.list, FALSE);
  move (&fixture, 1);
  g_assert_true (jobs_engine_remove (tests, unit));
  assert_rows (&fixture, 20, "tests- .more b late- .one");
  move (&fixture, 1);
  move (&fixture, 1);
  assert_rows (&fixture, 20, "tests- .*more b late- .one");
  g_assert_true (jobs_engine_remove (fixture.engine, JOBS_ACTION (tests)));
  assert_rows (&fixture, 20, "b late- .one");
  g_assert_null (jobs_terminal_list_get_selected (fixture.list));

  finish (&fixture);
}

static guint n_told;

static void
found_cb (gpointer data)
{
  n_told++;
}

static void
search (Fixture    *fixture,
        const char *text)
{
  n_told = 0;
  jobs_terminal_list_filter (fixture->list, text, found_cb, NULL);
  while (jobs_terminal_list_is_searching (fixture->list))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_told, >, 0);
}

static void
test_filter (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };
  JobsEngine *tests = test_add_engine (fixture.engine, "tests", JOBS_ON_FAILURE_ABORT);
  JobsAction *unit, *other;

  g_test_summary ("A filter lets through whose path has the text, in a flat list");

  test_add (tests, "Überall", "ok");
  unit = test_add (tests, "unit", "hang");
  other = test_add (fixture.engine, "unite", "hang");
  show (&fixture);
  search (&fixture, "UNIT");
  assert_rows (&fixture, 20, "tests/unit unite");
  g_assert_cmpuint (jobs_terminal_list_count (fixture.list), ==, 2);
  search (&fixture, "überALL");
  assert_rows (&fixture, 20, "tests/Überall");
  search (&fixture, "nowhere");
  assert_rows (&fixture, 20, "");
  search (&fixture, "e");

  test_begin (fixture.engine);
  test_settle ();
  assert_rows (&fixture, 20, "unite tests/unit tests tests/Überall");
  test_action_complete (unit);
  test_settle ();
  assert_rows (&fixture, 20, "unite tests tests/Überall tests/unit");

  /* It is looked for again where lines have come */
  test_add (tests, "else", "ok");
  test_settle ();
  assert_rows (&fixture, 20, "unite");
  while (jobs_terminal_list_is_searching (fixture.list))
    g_main_context_iteration (NULL, TRUE);
  assert_rows (&fixture, 20, "unite tests tests/Überall tests/unit tests/else");

  jobs_terminal_list_filter (fixture.list, NULL, NULL, NULL);
  assert_rows (&fixture, 20, "unite tests- .Überall .unit .else");

  test_action_complete (other);
  test_end_well (fixture.engine);
  finish (&fixture);
}

/* A line keeps its action */
static guint
count_lines (JobsEngine *engine)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (GObject) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      n += g_atomic_int_get ((int *) &action->ref_count) > 2;
    }

  return n;
}

static void
test_many (void)
{
  Fixture fixture = { test_engine_new (JOBS_ON_FAILURE_ABORT) };
  const guint height = 50, n_many = 100000;

  g_test_summary ("Of very many lines there are as many as are seen");

  test_watch (300);

  for (guint i = 0; i < n_many; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%u", i);

      test_add (fixture.engine, label, "ok");
    }
  show (&fixture);
  g_assert_cmpuint (count_lines (fixture.engine), ==, 0);
  g_assert_cmpuint (jobs_terminal_list_count (fixture.list), ==, n_many);
  g_free (dup_rows (&fixture, height));
  g_assert_cmpuint (count_lines (fixture.engine), <=, height + 2);

  jobs_terminal_list_move_to_end (fixture.list, TRUE);
  g_assert_cmpstr (jobs_line_get_label (jobs_terminal_list_get_selected (fixture.list)), ==, "job-99999");
  for (guint i = 0; i < 100; i++)
    {
      move (&fixture, -(int) height);
      g_free (dup_rows (&fixture, height));
    }
  g_assert_cmpuint (count_lines (fixture.engine), <=, height + 2);
  g_assert_cmpstr (jobs_line_get_label (jobs_terminal_list_get_selected (fixture.list)), ==, "job-94999");

  search (&fixture, "job-5");
  g_free (dup_rows (&fixture, height));
  g_assert_cmpuint (jobs_terminal_list_count (fixture.list), ==, 11111);
  g_assert_cmpuint (count_lines (fixture.engine), <=, height + 2);

  finish (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/terminal-list/order", test_order);
  g_test_add_func ("/jobs/terminal-list/folds", test_folds);
  g_test_add_func ("/jobs/terminal-list/selection", test_selection);
  g_test_add_func ("/jobs/terminal-list/scrolls", test_scrolls);
  g_test_add_func ("/jobs/terminal-list/changes", test_changes);
  g_test_add_func ("/jobs/terminal-list/filter", test_filter);
  g_test_add_func ("/jobs/terminal-list/many", test_many);

  return g_test_run ();
}
