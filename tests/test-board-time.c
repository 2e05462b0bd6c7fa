/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* How often a board tells of anything */

static void
count_cb (JobsBoard *board,
          GPtrArray *lines,
          guint     *n)
{
  (*n)++;
}

static void
test_coalesces (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  gint64 begun = g_get_monotonic_time ();
  guint n = 0, n_allowed;

  g_test_summary ("A board tells of changes at most ten times a second");

  jobs_engine_set_window (engine, 1);
  for (guint i = 0; i < 300; i++)
    {
      JobsAction *action = jobs_delay_action_new (NULL, 1);

      g_assert_true (jobs_engine_add (engine, action));
      g_object_unref (action);
    }
  board = jobs_engine_board_new (engine);
  g_signal_connect (board, "changed", G_CALLBACK (count_cb), &n);
  run_well (engine);
  n_allowed = 1 + (guint) ((g_get_monotonic_time () - begun) / (100 * G_TIME_SPAN_MILLISECOND));
  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpuint (n, <=, n_allowed);

  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

/* As in jobs-board-private.h */
#define BUSY 20
#define INTERVAL (100 * G_TIME_SPAN_MILLISECOND)
#define INTERVAL_MAX (400 * G_TIME_SPAN_MILLISECOND)

/* What a board may tell, and when */
typedef struct
{
  guint n_changes; /* of actions, since it last told */
  guint n_longest; /* intervals */
  gint64 interval; /* µs */
  gint64 due;      /* it may not tell again before, µs */
} Load;

static void
action_changed_cb (JobsEngine *engine,
                   JobsAction *action,
                   JobsState   old_state,
                   JobsState   new_state,
                   Load       *load)
{
  load->n_changes++;
}

/* It is told of a while after its time has come, so times are added up and not measured: whatever
 * is late makes the next one later */
static void
load_cb (JobsBoard *board,
         GPtrArray *lines,
         Load      *load)
{
  g_assert_cmpint (g_get_monotonic_time (), >=, load->due);
  load->interval = MIN (INTERVAL * (1 + load->n_changes * INTERVAL / load->interval / BUSY), INTERVAL_MAX);
  load->due += load->interval;
  load->n_changes = 0;
  load->n_longest += load->interval == INTERVAL_MAX ? 1 : 0;
  if (load->n_longest == 4)
    jobs_engine_cancel (jobs_engine_board_get_engine (JOBS_ENGINE_BOARD (board)));
}

static void
test_busy (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  Load load = { .interval = INTERVAL };

  g_test_summary ("Where more changes than anybody reads, a board tells of it less often");

  jobs_engine_set_window (engine, 50);
  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (JobsAction) action = jobs_delay_action_new (NULL, 5);

      jobs_engine_add (engine, action);
    }
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_changed_cb), &load);
  g_signal_connect (board, "changed", G_CALLBACK (load_cb), &load);
  load.due = g_get_monotonic_time ();
  run_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (load.n_longest, >=, 4);

  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

typedef struct
{
  guint n_changes;
  guint n_at_begin; /* told within the first second */
  guint n_seconds;
} Clock;

static void
second_cb (JobsBoard  *board,
           GParamSpec *pspec,
           Clock      *clock)
{
  gint64 elapsed;

  g_object_get (board, "elapsed", &elapsed, NULL);
  g_assert_cmpint (elapsed, >=, clock->n_seconds * G_USEC_PER_SEC);
  clock->n_seconds++;
  /* The first is told of at the begin of the run. What the cancellation changes may be told
   * of before the run is over or after it */
  if (clock->n_seconds == 2)
    clock->n_at_begin = clock->n_changes;
  else if (clock->n_seconds == 3)
    {
      g_assert_cmpuint (clock->n_changes, ==, clock->n_at_begin);
      jobs_engine_cancel (jobs_engine_board_get_engine (JOBS_ENGINE_BOARD (board)));
    }
}

static void
test_seconds (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsAction) action = jobs_delay_action_new (NULL, 1000000);
  Clock clock = { 0 };

  g_test_summary ("Each second of a run is told of when it is over, and nothing else that has not changed");

  jobs_engine_add (engine, action);
  g_signal_connect (board, "notify::elapsed", G_CALLBACK (second_cb), &clock);
  g_signal_connect (board, "changed", G_CALLBACK (count_cb), &clock.n_changes);
  run_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (clock.n_seconds, ==, 3);

  g_assert_finalize_object (g_steal_pointer (&board));
  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/board-time/coalesces", test_coalesces);
  g_test_add_func ("/jobs/board-time/busy", test_busy);
  g_test_add_func ("/jobs/board-time/seconds", test_seconds);

  return test_run ();
}
