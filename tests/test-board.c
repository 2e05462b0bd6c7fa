/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* Of a board: its lines, what it tells of them, and who outlives whom */

static JobsLine *
line_of (JobsBoard *board,
         gpointer   action)
{
  return jobs_engine_board_dup_line (JOBS_ENGINE_BOARD (board), action);
}

static char *
dup_active (JobsBoard *board)
{
  g_autoptr (GPtrArray) lines = jobs_board_dup_active (board, G_MAXUINT);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", jobs_line_get_path (lines->pdata[i]));

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* For what has no property: how many lines there are */
static guint n_lines;

static void
line_gone_cb (gpointer data,
              GObject *line)
{
  n_lines--;
}

static gpointer
take_line (GListModel *model,
           guint       position)
{
  GObject *line = g_list_model_get_item (model, position);

  n_lines++;
  g_object_weak_ref (line, line_gone_cb, NULL);

  return line;
}

static void
test_lists (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "tests");
  JobsAction *unit = add (inner, "unit", NULL);
  JobsAction *last = add (engine, "last", NULL);
  g_autoptr (JobsBoard) board = NULL;
  g_autoptr (JobsLine) line = NULL;
  g_autoptr (JobsLine) child = NULL;
  g_autoptr (JobsLine) leaf = NULL;

  g_test_summary ("A board lists an engine, and a line what is nested in its action");

  jobs_action_set_label (JOBS_ACTION (engine), "release");
  jobs_action_set_details (last, "the very last");
  jobs_action_set_forever (last, TRUE);
  board = jobs_engine_board_new (engine);
  g_assert_cmpstr (jobs_board_get_title (board), ==, "release");
  g_assert_true (jobs_engine_board_get_engine (JOBS_ENGINE_BOARD (board)) == engine);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 2);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (board)) == JOBS_TYPE_LINE);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (board), 2));

  line = g_list_model_get_item (G_LIST_MODEL (board), 0);
  g_assert_cmpstr (jobs_line_get_path (line), ==, "tests");
  g_assert_true (jobs_line_get_source (line) == G_OBJECT (inner));
  g_assert_cmpuint (g_list_model_get_n_items (jobs_line_get_children (line)), ==, 1);
  child = g_list_model_get_item (jobs_line_get_children (line), 0);
  g_assert_cmpstr (jobs_line_get_path (child), ==, "tests/unit");
  g_assert_cmpstr (jobs_line_get_label (child), ==, "unit");
  g_assert_null (jobs_line_get_children (child));
  g_assert_true (jobs_line_get_source (child) == G_OBJECT (unit));

  leaf = g_list_model_get_item (G_LIST_MODEL (board), 1);
  g_assert_cmpstr (jobs_line_get_details (leaf), ==, "the very last");
  g_assert_true (jobs_line_get_forever (leaf));
  g_assert_true (jobs_line_get_critical (leaf));
  g_assert_cmpint (jobs_line_get_elapsed (leaf), ==, -1);
  g_assert_cmpfloat (jobs_line_get_progress (leaf), <, 0.0);

  /* Engines are not counted */
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_IDLE), ==, 2);
  g_assert_cmpint (jobs_board_get_elapsed (board), ==, -1);

  g_clear_object (&line);
  g_clear_object (&child);
  g_clear_object (&leaf);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_follows_a_run (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *one = add (engine, "one", NULL);
  JobsAction *two = add (engine, "two", fail);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) first = line_of (board, one);
  g_autoptr (JobsLine) second = line_of (board, two);
  Run run;

  g_test_summary ("Lines, counts and the run as a whole are told of as it goes on");

  jobs_action_requires (two, one);
  begin (&run, engine, NULL);
  spin_until (jobs_line_get_state (first) == JOBS_STATE_RUNNING);
  g_assert_cmpstr (jobs_state_get_nick (jobs_board_get_state (board)), ==, "running");
  g_assert_cmpint (jobs_line_get_start_time (first), ==, jobs_action_get_start_time (one));
  g_assert_cmpint (jobs_line_get_elapsed (first), >=, 0);
  g_assert_cmpuint (jobs_line_get_attempts (first), ==, 1);
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_RUNNING), ==, 1);
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_IDLE), ==, 1);
  g_assert_null (jobs_board_get_why (board));

  jobs_attempt_report (test (one)->attempt, 0.5, "half");
  spin_until (jobs_line_get_progress (first) > 0.0);
  g_assert_cmpstr (jobs_line_get_message (first), ==, "half");

  complete (one);
  end_badly (&run, engine, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  jobs_board_update (board);
  g_assert_cmpint (jobs_line_get_state (first), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_line_get_state (second), ==, JOBS_STATE_FAILED);
  g_assert_cmpstr (jobs_line_get_error (second), ==, "no luck");
  g_assert_cmpint (jobs_line_get_elapsed (first), ==,
                   jobs_action_get_end_time (one) - jobs_action_get_start_time (one));
  g_assert_cmpint (jobs_board_get_state (board), ==, JOBS_STATE_FAILED);
  g_assert_nonnull (strstr (jobs_board_get_why (board), "two"));
  g_assert_cmpint (jobs_board_get_elapsed (board), ==,
                   jobs_board_get_end_time (board) - jobs_board_get_start_time (board));

  /* And once more */
  test (two)->start = succeed;
  begin (&run, engine, NULL);
  spin_until (jobs_line_get_state (first) == JOBS_STATE_RUNNING);
  g_assert_cmpint (jobs_line_get_state (second), ==, JOBS_STATE_IDLE);
  g_assert_null (jobs_line_get_error (second));
  complete (one);
  end_well (&run, engine);

  g_clear_object (&first);
  g_clear_object (&second);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static gboolean
do_nothing (JobsAction *action,
            gpointer    data,
            GError    **error)
{
  return TRUE;
}

static void
test_lazy (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  JobsLine *line, *again;
  const guint n = 20000;

  g_test_summary ("A line is made when it is asked for, once, and lives as long as it is held");

  for (guint i = 0; i < n; i++)
    add_callback (engine, NULL, do_nothing, NULL);
  board = jobs_engine_board_new (engine);
  line = take_line (G_LIST_MODEL (board), n / 2);
  again = g_list_model_get_item (G_LIST_MODEL (board), n / 2);
  g_assert_true (again == line);
  g_object_unref (again);
  run_well (engine);
  jobs_board_update (board);
  g_assert_cmpint (jobs_line_get_state (line), ==, JOBS_STATE_FINISHED);
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_FINISHED), ==, n);
  g_object_unref (line);
  g_assert_cmpuint (n_lines, ==, 0);

  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_active (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *deep = add (inner, "deep", NULL);
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", NULL);
  g_autoptr (JobsBoard) early = jobs_engine_board_new (engine);
  g_autoptr (JobsBoard) late = NULL;
  g_autoptr (GPtrArray) first = NULL;
  Run run;

  g_test_summary ("What runs is told from the oldest on, also where one looks late");

  jobs_action_requires (b, a);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (deep)->attempt != NULL);
  complete (a);
  spin_until (test (b)->attempt != NULL);
  assert_text (dup_active (early), "inner/deep b");

  late = jobs_engine_board_new (engine);
  assert_text (dup_active (late), "inner/deep b");
  first = jobs_board_dup_active (late, 1);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_cmpint (jobs_line_get_state (first->pdata[0]), ==, JOBS_STATE_RUNNING);

  complete (deep);
  complete (b);
  end_well (&run, engine);
  assert_text (dup_active (early), "");
  assert_text (dup_active (late), "");

  g_clear_pointer (&first, g_ptr_array_unref);
  g_assert_finalize_object (g_steal_pointer (&early));
  g_assert_finalize_object (g_steal_pointer (&late));
  g_assert_finalize_object (engine);
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    data)
{
  g_autofree char *text = g_strdup_printf ("%u-%u+%u", position, removed, added);

  note (text);
}

static void
test_edits (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *held = add (engine, "held", NULL);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = line_of (board, inner);
  JobsEngine *later;
  JobsAction *deep;
  Run run;

  g_test_summary ("What is added to a running engine is shown, what is removed is not");

  g_signal_connect (board, "items-changed", G_CALLBACK (items_changed_cb), NULL);
  g_signal_connect (jobs_line_get_children (line), "items-changed", G_CALLBACK (items_changed_cb), NULL);
  begin (&run, engine, NULL);
  spin_until (test (held)->attempt != NULL);

  later = add_engine (engine, "later");
  assert_diary ("2-0+1 ");
  deep = add (later, "deep", NULL);
  spin_until (test (deep)->attempt != NULL);
  assert_text (dup_active (board), "held later/deep");
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_RUNNING), ==, 2);

  g_object_ref (later);
  g_assert_true (jobs_engine_remove (engine, JOBS_ACTION (later)));
  assert_diary ("2-1+0 ");
  g_clear_object (&test (deep)->attempt);
  assert_text (dup_active (board), "held");
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_RUNNING), ==, 1);
  g_object_unref (later);

  add (inner, "too late", succeed);
  assert_diary ("0-0+1 ");
  complete (held);
  end_well (&run, engine);

  g_clear_object (&line);
  g_assert_finalize_object (g_steal_pointer (&board));
  settle ();
  g_assert_finalize_object (engine);
}

/* Before any turn of the main loop, in which the board would look */
static gboolean
remove_itself (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  g_set_object (&test (action)->attempt, attempt);
  g_assert_true (jobs_engine_remove (jobs_action_get_engine (action), action));
  g_assert_cmpuint (jobs_board_count (test (action)->data, JOBS_STATE_RUNNING), ==, 0);

  return TRUE;
}

/* Before the board hears of the same */
static void
remove_cancelled_cb (JobsEngine *engine,
                     JobsAction *action,
                     JobsState   old_state,
                     JobsState   new_state,
                     JobsBoard **board)
{
  if (new_state != JOBS_STATE_CANCELLING)
    return;

  g_assert_true (jobs_engine_remove (engine, action));
  g_assert_cmpuint (jobs_board_count (*board, JOBS_STATE_CANCELLING), ==, 0);
}

static void
test_removed (gconstpointer is_cancelled)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *goes = g_object_ref (add (engine, "goes", is_cancelled != NULL ? NULL : remove_itself));
  JobsBoard *board = NULL;
  Run run;

  g_test_summary ("What is removed while it runs is not shown, also where one counts just then");

  if (is_cancelled != NULL)
    g_signal_connect (engine, "action-state-changed", G_CALLBACK (remove_cancelled_cb), &board);
  board = jobs_engine_board_new (engine);
  jobs_action_set_critical (goes, FALSE);
  test (goes)->data = board;
  test (goes)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (test (goes)->attempt != NULL);
  jobs_action_cancel (goes);
  spin_until (jobs_action_get_engine (goes) == NULL);
  assert_state (goes, JOBS_STATE_CANCELLING);
  assert_text (dup_active (board), "");

  complete (goes);
  end_well (&run, engine);
  assert_text (dup_active (board), "");

  g_assert_finalize_object (board);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (goes);
}

static void
test_engine_goes_first (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = NULL;

  g_test_summary ("A board keeps no engine alive, and is empty without one");

  add (inner, "deep", NULL);
  line = g_list_model_get_item (G_LIST_MODEL (board), 0);
  g_assert_finalize_object (engine);
  g_assert_null (jobs_engine_board_get_engine (JOBS_ENGINE_BOARD (board)));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 0);
  g_assert_cmpuint (jobs_board_count (board, JOBS_STATE_IDLE), ==, 0);
  g_assert_cmpstr (jobs_line_get_path (line), ==, "inner");
  jobs_board_pause (board);
  jobs_board_resume (board);
  jobs_board_cancel (board);
  jobs_board_cancel_line (board, line);
  jobs_board_retry_line (board, line);
  jobs_board_update (board);
  g_assert_cmpint (jobs_board_get_state (board), ==, JOBS_STATE_IDLE);
}

static void
test_board_goes_first (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *deep = add (inner, "deep", NULL);
  JobsBoard *board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = line_of (board, inner);
  g_autoptr (JobsLine) child = line_of (board, deep);
  Run run;

  g_test_summary ("Lines that outlive their board stay as they are, and the run goes on");

  begin (&run, engine, NULL);
  spin_until (jobs_line_get_state (child) == JOBS_STATE_RUNNING);
  g_assert_finalize_object (board);
  g_assert_cmpuint (g_list_model_get_n_items (jobs_line_get_children (line)), ==, 0);
  complete (deep);
  end_well (&run, engine);
  g_assert_cmpint (jobs_line_get_state (child), ==, JOBS_STATE_RUNNING);

  g_clear_object (&line);
  g_clear_object (&child);
  g_assert_finalize_object (engine);
}

static void
drop_cb (JobsLine   *line,
         GParamSpec *pspec,
         JobsBoard **board)
{
  g_clear_object (board);
}

static void
test_last_unref_in_a_handler (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *one = add (engine, "one", succeed);
  JobsAction *two = add (engine, "two", succeed);
  JobsBoard *board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) first = line_of (board, one);
  g_autoptr (JobsLine) second = line_of (board, two);

  g_test_summary ("A board can go in the midst of what it tells");

  g_signal_connect (first, "notify::state", G_CALLBACK (drop_cb), &board);
  g_signal_connect (second, "notify::state", G_CALLBACK (drop_cb), &board);
  run_well (engine);
  if (board != NULL)
    jobs_board_update (board);
  g_assert_null (board);

  g_clear_object (&first);
  g_clear_object (&second);
  g_assert_finalize_object (engine);
}

static void
trouble_cb (JobsBoard  *board,
            const char *message,
            gpointer    data)
{
  note (message);
}

static void
test_commands (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *one = add (engine, "one", NULL);
  JobsAction *two = add (engine, "two", NULL);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) first = line_of (board, one);
  g_autoptr (JobsLine) second = line_of (board, two);
  Run run;

  g_test_summary ("A board pauses, resumes, cancels and retries");

  g_signal_connect (board, "trouble", G_CALLBACK (trouble_cb), NULL);
  jobs_action_set_critical (one, FALSE);
  jobs_action_set_critical (two, FALSE);
  begin (&run, engine, NULL);
  jobs_board_pause (board);
  spin_until (jobs_board_get_paused (board));
  g_assert_null (test (one)->attempt);
  jobs_board_resume (board);
  spin_until (!jobs_board_get_paused (board) && test (one)->attempt != NULL);

  jobs_board_retry_line (board, first);
  g_assert_cmpstr (diary->str, !=, "");
  g_string_truncate (diary, 0);

  jobs_board_cancel_line (board, first);
  spin_until (jobs_line_get_state (first) == JOBS_STATE_CANCELLED);
  g_clear_object (&test (one)->attempt);
  jobs_board_retry_line (board, first);
  spin_until (test (one)->attempt != NULL);
  assert_diary ("");

  jobs_board_cancel (board);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&test (one)->attempt);
  g_clear_object (&test (two)->attempt);

  g_clear_object (&first);
  g_clear_object (&second);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_refused (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *outer = add_engine (engine, "outer");
  JobsEngine *inner = add_engine (outer, "inner");
  JobsAction *deep = add (inner, "deep", fail);
  JobsAction *last = add (engine, "last", NULL);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = line_of (board, deep);
  Run run;

  g_test_summary ("Where an engine around it cannot be tried again, all is left as it is");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_DRAIN);
  jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
  g_signal_connect (board, "trouble", G_CALLBACK (trouble_cb), NULL);
  begin (&run, engine, NULL);
  spin_until (jobs_action_get_state (JOBS_ACTION (outer)) == JOBS_STATE_FINISHED);
  jobs_board_retry_line (board, line);
  assert_diary ("only an action that has not ended well can be tried again ");
  assert_state (deep, JOBS_STATE_FAILED);
  assert_state (inner, JOBS_STATE_FAILED);
  g_assert_nonnull (jobs_action_get_error (deep));
  complete (last);
  end_well (&run, engine);

  /* And where the run ends */
  jobs_action_set_critical (JOBS_ACTION (inner), TRUE);
  begin (&run, engine, NULL);
  spin_until (jobs_action_get_state (JOBS_ACTION (outer)) == JOBS_STATE_FAILED);
  jobs_board_retry_line (board, line);
  assert_diary ("the run is ending; try again after it ");
  assert_state (deep, JOBS_STATE_FAILED);
  assert_state (inner, JOBS_STATE_FAILED);
  complete (last);
  end_badly (&run, engine, JOBS_ERROR, JOBS_ERROR_CRITICAL);

  g_clear_object (&line);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_title_and_time_left (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  gint64 left;

  g_test_summary ("Whoever knows how long it will take says so, and it goes down by itself");

  g_assert_null (jobs_board_get_title (board));
  jobs_board_set_title (board, "nightly");
  g_assert_cmpstr (jobs_board_get_title (board), ==, "nightly");
  g_assert_cmpint (jobs_board_get_time_left (board), ==, -1);
  jobs_board_set_time_left (board, 60 * G_USEC_PER_SEC);
  left = jobs_board_get_time_left (board);
  g_assert_cmpint (left, <=, 60 * G_USEC_PER_SEC);
  spin_until (jobs_board_get_time_left (board) < left || !g_main_context_iteration (NULL, FALSE));
  jobs_board_set_time_left (board, 0);
  g_assert_cmpint (jobs_board_get_time_left (board), ==, 0);

  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static JobsAction *
add_command (JobsEngine *engine,
             const char *label,
             const char *command)
{
  JobsAction *action = jobs_command_action_new_shell (label, NULL, command);

  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

static void
test_output (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *plain = add_command (engine, "plain", "printf 'one\\ntwo\\n'; printf 'thr'; printf 'ee'");
  JobsAction *bar = add_command (engine, "bar", "printf ' 10%%\\r 20%%\\r'; printf ' 30%%\\r'");
  JobsAction *wild = add_command (engine, "wild", "printf '\\377\\033[2J\\n'");
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) first = line_of (board, plain);
  g_autoptr (JobsLine) second = line_of (board, bar);
  g_autoptr (JobsLine) third = line_of (board, wild);
  g_autoptr (JobsLine) late = NULL;

  g_test_summary ("The message of a command is its last line; who follows it has all it writes");

  g_assert_null (jobs_line_get_output (first));
  jobs_board_follow (board, first, TRUE);
  g_assert_cmpstr (jobs_line_get_output (first), ==, "");
  run_well (engine);
  jobs_board_update (board);
  g_assert_cmpstr (jobs_line_get_message (first), ==, "three");
  g_assert_cmpstr (jobs_line_get_output (first), ==, "one\ntwo\nthree");
  g_assert_cmpstr (jobs_line_get_message (second), ==, " 30%");
  g_assert_true (g_utf8_validate (jobs_line_get_message (third), -1, NULL));
  jobs_board_follow (board, first, TRUE);
  jobs_board_follow (board, first, FALSE);
  g_assert_nonnull (jobs_line_get_output (first));
  jobs_board_follow (board, first, FALSE);
  g_assert_null (jobs_line_get_output (first));
  jobs_board_follow (board, first, FALSE);

  /* Who comes late has the end of it */
  g_clear_object (&first);
  late = line_of (board, plain);
  g_assert_cmpstr (jobs_line_get_message (late), ==, "three");
  jobs_board_follow (board, late, TRUE);
  g_assert_cmpstr (jobs_line_get_output (late), ==, "one\ntwo\nthree\n");

  g_clear_object (&second);
  g_clear_object (&third);
  g_clear_object (&late);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
changed_cb (JobsBoard *board,
            GPtrArray *lines,
            gpointer   data)
{
  for (guint i = 0; i < lines->len; i++)
    note (jobs_line_get_path (lines->pdata[i]));
}

static void
test_order (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  JobsAction *last = NULL;

  g_test_summary ("Lines are told of in the order in which they changed");

  for (guint i = 0; i < 6; i++)
    {
      const char label[] = { 'f' - i, '\0' };
      JobsAction *action = add (engine, label, succeed);

      jobs_action_requires (action, last);
      last = action;
    }
  board = jobs_engine_board_new (engine);
  for (guint i = 0; i < 6; i++)
    g_ptr_array_add (lines, g_list_model_get_item (G_LIST_MODEL (board), i));
  g_signal_connect (board, "changed", G_CALLBACK (changed_cb), NULL);
  run_well (engine);
  jobs_board_update (board);
  assert_diary ("f e d c b a ");

  g_clear_pointer (&lines, g_ptr_array_unref);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_output_of_a_retry (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = add_command (engine, "again", "test \"$ASYNCJOBS_TRY\" = 2 || { echo first; exit 1; }");
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = line_of (board, action);

  g_test_summary ("What an earlier attempt has written is no message of the next one");

  jobs_action_set_critical (action, FALSE);
  run_well (engine);
  jobs_board_update (board);
  g_assert_cmpstr (jobs_line_get_message (line), ==, "first");
  jobs_command_action_setenv (JOBS_COMMAND_ACTION (action), "ASYNCJOBS_TRY", "2");
  g_assert_true (jobs_engine_retry (engine, action, NULL));
  run_well (engine);
  jobs_board_update (board);
  g_assert_null (jobs_line_get_message (line));

  g_clear_object (&line);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

static void
test_long_output (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = add_command (engine, "long", "yes 0123456789 | head -c 5000000; echo the end");
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = line_of (board, action);
  const char *output;

  g_test_summary ("Of an output that is long the end is kept, from the beginning of a line on");

  jobs_board_follow (board, line, TRUE);
  run_well (engine);
  output = jobs_line_get_output (line);
  g_assert_cmpuint (strlen (output), >=, 1000000);
  g_assert_cmpuint (strlen (output), <=, 1600000);
  g_assert_true (g_str_has_prefix (output, "0123456789\n"));
  g_assert_true (g_str_has_suffix (output, "the end\n"));

  g_clear_object (&line);
  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/board/lists", test_lists);
  g_test_add_func ("/jobs/board/follows-a-run", test_follows_a_run);
  g_test_add_func ("/jobs/board/lazy", test_lazy);
  g_test_add_func ("/jobs/board/active", test_active);
  g_test_add_func ("/jobs/board/edits", test_edits);
  g_test_add_data_func ("/jobs/board/removed", NULL, test_removed);
  g_test_add_data_func ("/jobs/board/removed-in-a-handler", GINT_TO_POINTER (TRUE), test_removed);
  g_test_add_func ("/jobs/board/engine-goes-first", test_engine_goes_first);
  g_test_add_func ("/jobs/board/board-goes-first", test_board_goes_first);
  g_test_add_func ("/jobs/board/last-unref-in-a-handler", test_last_unref_in_a_handler);
  g_test_add_func ("/jobs/board/commands", test_commands);
  g_test_add_func ("/jobs/board/refused", test_refused);
  g_test_add_func ("/jobs/board/title-and-time-left", test_title_and_time_left);
  g_test_add_func ("/jobs/board/output", test_output);
  g_test_add_func ("/jobs/board/order", test_order);
  g_test_add_func ("/jobs/board/output-of-a-retry", test_output_of_a_retry);
  g_test_add_func ("/jobs/board/long-output", test_long_output);

  return test_run ();
}
