/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "boards.h"

static void
test_in_order (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *first = add (engine, "first", NULL);
  JobsEngine *tests = add_engine (engine, "tests");
  JobsAction *unit = add (tests, "unit", NULL);
  JobsAction *whole = add (tests, "whole", NULL);
  JobsAction *last = add (engine, "last", NULL);
  g_autoptr (JobsAction) elsewhere = add (NULL, "elsewhere", NULL);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (GPtrArray) lines = dup_lines (board);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("What actions require is told in order, while it can be seen in the engine");

  jobs_action_requires_full (JOBS_ACTION (tests), first, JOBS_CONDITION_SUCCESS, NULL);
  jobs_action_requires_full (whole, unit, JOBS_CONDITION_READY, NULL);
  jobs_action_requires_full (last, JOBS_ACTION (tests), JOBS_CONDITION_FAILURE, NULL);
  jobs_action_requires (last, elsewhere);
  jobs_action_requires_full (last, first, JOBS_CONDITION_AFTER, NULL);

  assert_text (dup_requirements (board, lines, &error),
               "tests>first:success tests/whole>tests/unit:ready last>tests:failure last>first:after");
  g_assert_no_error (error);
  assert_text (dup_requirements (board, none, &error), "");
  g_assert_no_error (error);

  /* Of some, the other end is told of all the same; what is not there any more is not */
  g_ptr_array_set_size (lines, 4);
  jobs_engine_remove (engine, JOBS_ACTION (tests));
  g_ptr_array_add (lines, jobs_engine_board_dup_line (JOBS_ENGINE_BOARD (board), last));
  assert_text (dup_requirements (board, lines, &error), "last>first:after");
  g_assert_no_error (error);

  g_assert_finalize_object (engine);
  assert_text (dup_requirements (board, lines, &error), "");
  g_assert_no_error (error);
}

static void
test_others (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsEngine) elsewhere = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsBoard) twin = jobs_engine_board_new (engine);
  g_autoptr (JobsBoard) other = jobs_engine_board_new (elsewhere);
  g_autoptr (GPtrArray) lines = NULL, same = NULL, foreign = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Lines of other boards are passed over, be they of the same actions");

  jobs_action_requires (add (engine, "last", NULL), add (engine, "first", NULL));
  jobs_action_requires (add (elsewhere, "there", NULL), add (elsewhere, "here", NULL));
  lines = dup_lines (board);
  same = dup_lines (twin);
  foreign = dup_lines (other);

  assert_text (dup_requirements (board, same, &error), "");
  assert_text (dup_requirements (board, foreign, &error), "");
  g_ptr_array_insert (lines, 0, g_object_ref (same->pdata[0]));
  g_ptr_array_insert (lines, 0, g_object_ref (foreign->pdata[0]));
  assert_text (dup_requirements (board, lines, &error), "last>first:done");
  g_assert_no_error (error);
}

static void
test_left (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsBoard *board = jobs_engine_board_new (engine);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) lines = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Who asks for requirements may give up, and let go of the board meanwhile");

  jobs_action_requires (add (engine, "last", NULL), add (engine, "first", NULL));
  lines = dup_lines (board);
  jobs_board_list_requirements_async (board, lines, cancellable, take_result, &result);
  g_clear_pointer (&lines, g_ptr_array_unref);
  g_object_add_weak_pointer (G_OBJECT (board), (gpointer *) &board);
  g_object_unref (board);
  g_assert_nonnull (board);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  spin_until (result != NULL);
  g_assert_null (jobs_board_list_requirements_finish (board, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (result);
  settle ();
  g_assert_null (board);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/board-requirements/in-order", test_in_order);
  g_test_add_func ("/jobs/board-requirements/others", test_others);
  g_test_add_func ("/jobs/board-requirements/left", test_left);

  return test_run ();
}
