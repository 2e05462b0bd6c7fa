/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-pump.h"

/* The queue that drives a run */

typedef struct
{
  JobsPost post;
  JobsPump *pump;
  guint n_left;      /* of its calls that end since the time is over */
  guint n_in_a_turn;
  guint worst;
} Worker;

/* Small pieces of work, until there is no time for more */
static void
work_cb (JobsPost *post)
{
  Worker *worker = JOBS_POST_CONTAINER (post, Worker, post);

  worker->n_in_a_turn++;
  worker->worst = MAX (worker->worst, worker->n_in_a_turn);
  while (!jobs_pump_is_out_of_time (worker->pump))
    ;
  if (--worker->n_left > 0)
    g_assert_true (jobs_pump_post (worker->pump, post));
}

static gboolean
turn_cb (gpointer user_data)
{
  ((Worker *) user_data)->n_in_a_turn = 0;

  return G_SOURCE_CONTINUE;
}

/* Twenty pieces of work that each take all the time there is */
static void
work_in_turns (void (*work) (JobsPost *post))
{
  Worker worker = { .post.func = work, .n_left = 20 };
  guint source;

  worker.pump = jobs_pump_new (NULL, G_PRIORITY_DEFAULT);
  jobs_pump_hold (worker.pump);
  source = g_idle_add_full (G_PRIORITY_DEFAULT, turn_cb, &worker, NULL);
  jobs_pump_post (worker.pump, &worker.post);
  while (worker.n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (worker.worst, ==, 1);

  g_source_remove (source);
  jobs_pump_release (worker.pump);
  jobs_pump_unref (worker.pump);
}

static void
test_turns (void)
{
  g_test_summary ("When its time is over others have their turn, also where the work is small");

  work_in_turns (work_cb);
}

static void
yield_cb (JobsPost *post)
{
  Worker *worker = JOBS_POST_CONTAINER (post, Worker, post);

  worker->n_in_a_turn++;
  worker->worst = MAX (worker->worst, worker->n_in_a_turn);
  jobs_pump_yield (worker->pump);
  g_assert_true (jobs_pump_is_out_of_time (worker->pump));
  if (--worker->n_left > 0)
    jobs_pump_post (worker->pump, post);
}

static void
test_yield (void)
{
  g_test_summary ("Who has taken long by one call lets others go on");

  work_in_turns (yield_cb);
}

static void
count_cb (JobsPost *post)
{
  JOBS_POST_CONTAINER (post, Worker, post)->n_left++;
}

static void
test_withdraw (void)
{
  Worker worker = { .post.func = count_cb };

  g_test_summary ("A post is called once per time it was posted, unless it is withdrawn");

  worker.pump = jobs_pump_new (NULL, G_PRIORITY_DEFAULT);
  g_assert_false (jobs_pump_post (worker.pump, &worker.post));
  jobs_pump_hold (worker.pump);
  g_assert_false (jobs_pump_withdraw (worker.pump, &worker.post));
  g_assert_true (jobs_pump_post (worker.pump, &worker.post));
  g_assert_false (jobs_pump_post (worker.pump, &worker.post));
  g_assert_true (jobs_pump_withdraw (worker.pump, &worker.post));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (worker.n_left, ==, 0);

  g_assert_true (jobs_pump_post (worker.pump, &worker.post));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (worker.n_left, ==, 1);

  /* The last release calls what is left */
  g_assert_true (jobs_pump_post (worker.pump, &worker.post));
  jobs_pump_release (worker.pump);
  g_assert_cmpuint (worker.n_left, ==, 2);
  jobs_pump_unref (worker.pump);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/pump/turns", test_turns);
  g_test_add_func ("/jobs/pump/yield", test_yield);
  g_test_add_func ("/jobs/pump/withdraw", test_withdraw);

  return g_test_run ();
}
