/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "jobs-deadlines.h"

#define N_MANY 20000

typedef struct
{
  JobsDeadline   deadline;
  JobsDeadlines *deadlines;
  gint64         due;
  guint          n_fired;
  gpointer       other;
} Item;

static GArray *fired; /* of gint64: the dues of those that fired */
static guint n_fired;

static Item *
item_of (JobsDeadline *deadline)
{
  return JOBS_DEADLINE_CONTAINER (deadline, Item, deadline);
}

static void
note_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);

  g_assert_false (jobs_deadline_is_armed (deadline));
  item->n_fired++;
  n_fired++;
  if (fired != NULL)
    g_array_append_val (fired, item->due);
}

static void
run_until_none (JobsDeadlines *deadlines)
{
  while (jobs_deadlines_get_n_armed (deadlines) > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* For the end of a case: the object is gone, with its source */
static void
assert_unref_is_last (JobsDeadlines *deadlines)
{
  GMainContext *context = g_main_context_default ();

  g_assert_cmpuint (jobs_deadlines_get_n_armed (deadlines), ==, 0);
  jobs_deadlines_unref (deadlines);
  g_assert_false (g_main_context_pending (context));
}

static void
test_order (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item *items = g_new0 (Item, N_MANY);
  gint64 now = g_get_monotonic_time ();
  guint n_expected = 0;

  g_test_summary ("Whatever is armed, moved and disarmed in whatever order, exactly the "
                  "armed ones fire, once each, in the order of their times");

  fired = g_array_new (FALSE, FALSE, sizeof (gint64));
  n_fired = 0;

  for (guint i = 0; i < N_MANY; i++)
    {
      items[i].deadline.func = note_cb;
      items[i].due = now + g_test_rand_int_range (0, 20000);
      jobs_deadlines_arm (deadlines, &items[i].deadline, items[i].due);
    }
  for (guint i = 0; i < N_MANY; i++)
    {
      if (i % 3 == 0)
        {
          jobs_deadlines_disarm (deadlines, &items[i].deadline);
          items[i].due = 0;
        }
      else if (i % 3 == 1)
        {
          items[i].due = now + g_test_rand_int_range (0, 20000);
          jobs_deadlines_arm (deadlines, &items[i].deadline, items[i].due);
        }
      n_expected += items[i].due != 0;
    }
  g_assert_cmpuint (jobs_deadlines_get_n_armed (deadlines), ==, n_expected);

  run_until_none (deadlines);

  g_assert_cmpuint (n_fired, ==, n_expected);
  for (guint i = 1; i < fired->len; i++)
    g_assert_cmpint (g_array_index (fired, gint64, i - 1), <=, g_array_index (fired, gint64, i));
  for (guint i = 0; i < N_MANY; i++)
    g_assert_cmpuint (items[i].n_fired, ==, items[i].due != 0);

  g_clear_pointer (&fired, g_array_unref);
  g_free (items);
  assert_unref_is_last (deadlines);
}

static void
test_not_early (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item head = { .deadline.func = note_cb }, item = { .deadline.func = note_cb };
  gint64 now = g_get_monotonic_time ();

  g_test_summary ("None fires before its time, also where the first one is disarmed while "
                  "the source is set to it");

  jobs_deadlines_arm (deadlines, &head.deadline, now + 5000);
  jobs_deadlines_arm (deadlines, &item.deadline, now + 30000);
  jobs_deadlines_disarm (deadlines, &head.deadline);
  run_until_none (deadlines);

  g_assert_cmpint (g_get_monotonic_time (), >=, now + 30000);
  g_assert_cmpuint (item.n_fired, ==, 1);
  g_assert_cmpuint (head.n_fired, ==, 0);

  assert_unref_is_last (deadlines);
}

static void
test_idle (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item soon = { .deadline.func = note_cb }, late = { .deadline.func = note_cb };

  g_test_summary ("The main loop has nothing to do until the next one is due");

  jobs_deadlines_arm (deadlines, &soon.deadline, 0);
  jobs_deadlines_arm (deadlines, &late.deadline, g_get_monotonic_time () + G_TIME_SPAN_HOUR);
  while (soon.n_fired == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (jobs_deadlines_get_n_armed (deadlines), ==, 1);

  jobs_deadlines_disarm (deadlines, &late.deadline);
  assert_unref_is_last (deadlines);
}

static void
sooner_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);

  note_cb (deadline);
  jobs_deadlines_arm (item->deadlines, item->other, 0);
}

static void
test_sooner (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item late = { .deadline.func = note_cb };
  Item first = { .deadline.func = sooner_cb, .deadlines = deadlines, .other = &late.deadline };
  gint64 now = g_get_monotonic_time ();

  g_test_summary ("One that is moved to the past from within another fires in the next "
                  "dispatch, not at its former time");

  jobs_deadlines_arm (deadlines, &late.deadline, now + G_TIME_SPAN_HOUR);
  jobs_deadlines_arm (deadlines, &first.deadline, now);
  run_until_none (deadlines);

  g_assert_cmpuint (late.n_fired, ==, 1);
  g_assert_cmpint (g_get_monotonic_time (), <, now + G_TIME_SPAN_MINUTE);

  assert_unref_is_last (deadlines);
}

static void
again_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);

  note_cb (deadline);
  if (item->n_fired < 100)
    jobs_deadlines_arm (item->deadlines, deadline, 0);
}

static void
test_again (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item again = { .deadline.func = again_cb, .deadlines = deadlines };
  Item other = { .deadline.func = note_cb };
  gint64 now = g_get_monotonic_time ();

  g_test_summary ("One that arms itself for the past fires once a dispatch, and does not "
                  "keep another from firing");

  jobs_deadlines_arm (deadlines, &again.deadline, now - 2);
  jobs_deadlines_arm (deadlines, &other.deadline, now - 1);

  while (again.n_fired == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (again.n_fired, ==, 1);
  g_assert_cmpuint (other.n_fired, ==, 1);

  for (guint n = 1; again.n_fired < 100;)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (again.n_fired, <=, n + 1);
      n = again.n_fired;
    }

  assert_unref_is_last (deadlines);
}

static void
disarm_other_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);

  note_cb (deadline);
  jobs_deadlines_disarm (item->deadlines, item->other);
}

static void
test_disarm_other (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item second = { .deadline.func = note_cb };
  Item first = { .deadline.func = disarm_other_cb, .deadlines = deadlines,
                 .other = &second.deadline };
  gint64 now = g_get_monotonic_time ();

  g_test_summary ("One that is disarmed by another in the same dispatch does not fire");

  jobs_deadlines_arm (deadlines, &second.deadline, now - 1);
  jobs_deadlines_arm (deadlines, &first.deadline, now - 2);
  run_until_none (deadlines);

  g_assert_cmpuint (first.n_fired, ==, 1);
  g_assert_cmpuint (second.n_fired, ==, 0);

  /* Harmless where it is not armed */
  jobs_deadlines_disarm (deadlines, &second.deadline);
  assert_unref_is_last (deadlines);
}

static void
free_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);

  n_fired++;
  jobs_deadlines_unref (item->deadlines);
  g_free (item);
}

static void
test_last_reference (void)
{
  g_test_summary ("A function may free what waits and drop the last reference to all");

  n_fired = 0;
  for (guint i = 0; i < 3; i++)
    {
      Item *item = g_new0 (Item, 1);

      item->deadline.func = free_cb;
      item->deadlines = jobs_deadlines_ref_for_context (NULL);
      jobs_deadlines_arm (item->deadlines, &item->deadline, g_get_monotonic_time () + 100 * i);
    }

  while (n_fired < 3)
    g_main_context_iteration (NULL, TRUE);

  g_assert_false (g_main_context_pending (NULL));
}

static void
nest_cb (JobsDeadline *deadline)
{
  Item *item = item_of (deadline);
  Item inner = { .deadline.func = note_cb };

  note_cb (deadline);
  jobs_deadlines_arm (item->deadlines, &inner.deadline, 0);
  while (inner.n_fired == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_nested (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  Item outer = { .deadline.func = nest_cb, .deadlines = deadlines };

  g_test_summary ("Deadlines fire in a main loop that runs within one of them");

  jobs_deadlines_arm (deadlines, &outer.deadline, 0);
  run_until_none (deadlines);
  g_assert_cmpuint (outer.n_fired, ==, 1);

  assert_unref_is_last (deadlines);
}

static gpointer
thread_cb (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  for (guint i = 0; i < 500; i++)
    {
      JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (context);
      JobsDeadlines *same = jobs_deadlines_ref_for_context (context);
      Item item = { .deadline.func = again_cb, .deadlines = deadlines, .n_fired = 98 };

      g_assert_true (deadlines == same);
      g_assert_true (deadlines != data);

      jobs_deadlines_arm (deadlines, &item.deadline, 0);
      jobs_deadlines_unref (same);
      while (item.n_fired < 100)
        g_main_context_iteration (context, TRUE);
      jobs_deadlines_unref (deadlines);
    }

  g_main_context_unref (context);

  return NULL;
}

static void
test_contexts (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  JobsDeadlines *same = jobs_deadlines_ref_for_context (g_main_context_default ());
  GThread *threads[4];

  g_test_summary ("Each context has one of its own, in any number of threads");

  g_assert_true (deadlines == same);
  jobs_deadlines_unref (same);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("deadlines", thread_cb, deadlines);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  assert_unref_is_last (deadlines);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);

  g_test_add_func ("/jobs/deadlines/order", test_order);
  g_test_add_func ("/jobs/deadlines/not-early", test_not_early);
  g_test_add_func ("/jobs/deadlines/idle", test_idle);
  g_test_add_func ("/jobs/deadlines/sooner", test_sooner);
  g_test_add_func ("/jobs/deadlines/again", test_again);
  g_test_add_func ("/jobs/deadlines/disarm-other", test_disarm_other);
  g_test_add_func ("/jobs/deadlines/last-reference", test_last_reference);
  g_test_add_func ("/jobs/deadlines/nested", test_nested);
  g_test_add_func ("/jobs/deadlines/contexts", test_contexts);

  return g_test_run ();
}
