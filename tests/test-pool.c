/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "jobs-pool-private.h"

static void
count_cb (gpointer data)
{
  (*(guint *) data)++;
}

/* A claim on one or two pools; serial and time are 0 */
static JobsPoolClaim *
claim (JobsPool *a,
       guint     amount_a,
       JobsPool *b,
       guint     amount_b,
       int       priority,
       guint     index,
       guint    *n_calls)
{
  JobsPoolNeed needs[] = { { a, amount_a }, { b, amount_b } };

  return jobs_pool_claim_new (needs, b != NULL ? 2 : 1, priority, 0, 0, index, count_cb, n_calls);
}

static void
assert_finalize (JobsPool *pool)
{
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);
  g_assert_finalize_object (pool);
}

static void
notify_cb (JobsPool   *pool,
           GParamSpec *pspec,
           guint      *n_calls)
{
  (*n_calls)++;
}

static void
test_properties (void)
{
  JobsPool *pool = jobs_pool_new ("gpu", 2);
  JobsPoolClaim *one;
  g_autofree char *name = NULL;
  guint capacity, in_use, n_waiting, n_calls = 0, n_notified = 0;

  g_test_summary ("A pool tells its name, its capacity and what is in use");

  g_signal_connect (pool, "notify::capacity", G_CALLBACK (notify_cb), &n_notified);
  jobs_pool_set_capacity (pool, 2);
  g_assert_cmpuint (n_notified, ==, 0);
  g_object_set (pool, "capacity", 3, NULL);
  g_assert_cmpuint (n_notified, ==, 1);

  one = claim (pool, 2, NULL, 0, 0, 0, &n_calls);
  g_assert_true (jobs_pool_claim_try (one));
  g_assert_true (jobs_pool_claim_is_held (one));

  g_object_get (pool, "name", &name, "capacity", &capacity, "in-use", &in_use,
                "n-waiting", &n_waiting, NULL);
  g_assert_cmpstr (name, ==, "gpu");
  g_assert_cmpstr (jobs_pool_get_name (pool), ==, "gpu");
  g_assert_cmpuint (capacity, ==, 3);
  g_assert_cmpuint (in_use, ==, 2);
  g_assert_cmpuint (n_waiting, ==, 0);

  jobs_pool_claim_release (one);
  g_assert_false (jobs_pool_claim_is_held (one));
  jobs_pool_claim_free (one);
  g_assert_cmpuint (n_calls, ==, 0);
  assert_finalize (pool);
}

static void
test_order (void)
{
  static const struct
  {
    int     priority;
    gint64  ready_time;
    guint64 serial;
    guint   index;
  } keys[] = {
    { 5, 9, 9, 9 }, { 0, 1, 9, 9 }, { 0, 2, 1, 9 }, { 0, 2, 2, 1 }, { 0, 2, 2, 3 }, { -1, 0, 0, 0 },
  };
  static const guint arrival[] = { 3, 5, 0, 4, 2, 1 };
  JobsPool *pool = jobs_pool_new (NULL, 1);
  JobsPoolNeed need = { pool, 1 };
  JobsPoolClaim *claims[G_N_ELEMENTS (keys)], *holder;
  guint n_calls[G_N_ELEMENTS (keys)] = { 0 }, n_ignored = 0;

  g_test_summary ("Claims are served by priority, time, engine and insertion, in whatever "
                  "order they came, and one at a time is told");

  holder = claim (pool, 1, NULL, 0, 100, 0, &n_ignored);
  g_assert_true (jobs_pool_claim_try (holder));

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      guint k = arrival[i];

      claims[k] = jobs_pool_claim_new (&need, 1, keys[k].priority, keys[k].ready_time,
                                       keys[k].serial, keys[k].index, count_cb, &n_calls[k]);
      g_assert_false (jobs_pool_claim_try (claims[k]));
    }
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, G_N_ELEMENTS (keys));

  jobs_pool_claim_free (holder);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (keys); j++)
        g_assert_cmpuint (n_calls[j], ==, j <= i ? 1 : 0);

      if (i + 1 < G_N_ELEMENTS (keys))
        g_assert_false (jobs_pool_claim_try (claims[i + 1]));
      g_assert_true (jobs_pool_claim_try (claims[i]));
      jobs_pool_claim_free (claims[i]);
    }

  assert_finalize (pool);
}

static void
test_newcomer (void)
{
  JobsPool *pool = jobs_pool_new (NULL, 1);
  guint n_first = 0, n_late = 0;
  JobsPoolClaim *holder = claim (pool, 1, NULL, 0, 0, 0, &n_first);
  JobsPoolClaim *first = claim (pool, 1, NULL, 0, 0, 1, &n_first);
  JobsPoolClaim *late = claim (pool, 1, NULL, 0, 9, 2, &n_late);

  g_test_summary ("One that comes after the first was told, but sorts before it, goes first, "
                  "and the first is told again");

  g_assert_true (jobs_pool_claim_try (holder));
  g_assert_false (jobs_pool_claim_try (first));
  jobs_pool_claim_release (holder);
  g_assert_cmpuint (n_first, ==, 1);

  g_assert_true (jobs_pool_claim_try (late));
  g_assert_false (jobs_pool_claim_try (first));
  jobs_pool_claim_release (late);
  g_assert_cmpuint (n_first, ==, 2);
  g_assert_cmpuint (n_late, ==, 0);
  g_assert_true (jobs_pool_claim_try (first));

  jobs_pool_claim_free (first);
  jobs_pool_claim_free (late);
  jobs_pool_claim_free (holder);
  assert_finalize (pool);
}

static void
test_all_or_none (void)
{
  JobsPool *a = jobs_pool_new ("a", 1), *b = jobs_pool_new ("b", 1);
  guint n_holder = 0, n_both = 0, n_other = 0;
  JobsPoolClaim *holder = claim (a, 1, NULL, 0, 0, 0, &n_holder);
  JobsPoolClaim *both = claim (b, 1, a, 1, 0, 1, &n_both);
  JobsPoolClaim *other = claim (b, 1, NULL, 0, 0, 2, &n_other);

  g_test_summary ("A claim on two pools takes both at once or nothing, and keeps its place "
                  "in both");

  g_assert_true (jobs_pool_claim_try (holder));
  g_assert_false (jobs_pool_claim_try (both));
  g_assert_cmpuint (jobs_pool_get_in_use (b), ==, 0);
  g_assert_false (jobs_pool_claim_try (other));
  g_assert_cmpuint (n_other, ==, 0);

  jobs_pool_claim_release (holder);
  g_assert_cmpuint (n_both, ==, 1);
  g_assert_true (jobs_pool_claim_try (both));
  g_assert_cmpuint (jobs_pool_get_in_use (a), ==, 1);
  g_assert_cmpuint (jobs_pool_get_in_use (b), ==, 1);

  jobs_pool_claim_release (both);
  g_assert_cmpuint (n_other, ==, 1);
  g_assert_true (jobs_pool_claim_try (other));

  jobs_pool_claim_free (other);
  jobs_pool_claim_free (both);
  jobs_pool_claim_free (holder);
  assert_finalize (a);
  assert_finalize (b);
}

static void
test_starvation (void)
{
  JobsPool *pool = jobs_pool_new (NULL, 4);
  guint n_big = 0, n_small = 0;
  JobsPoolClaim *running[4], *big, *small;

  g_test_summary ("One that needs much is not overtaken by those behind it that need little");

  for (guint i = 0; i < 4; i++)
    {
      running[i] = claim (pool, 1, NULL, 0, 0, i, &n_small);
      g_assert_true (jobs_pool_claim_try (running[i]));
    }
  big = claim (pool, 4, NULL, 0, 0, 10, &n_big);
  small = claim (pool, 1, NULL, 0, 0, 11, &n_small);
  g_assert_false (jobs_pool_claim_try (big));
  g_assert_false (jobs_pool_claim_try (small));

  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (n_big, ==, 0);
      jobs_pool_claim_free (running[i]);
      g_assert_false (jobs_pool_claim_try (small));
    }
  g_assert_cmpuint (n_big, ==, 1);
  g_assert_cmpuint (n_small, ==, 0);
  g_assert_true (jobs_pool_claim_try (big));
  jobs_pool_claim_free (big);
  g_assert_cmpuint (n_small, ==, 1);
  g_assert_true (jobs_pool_claim_try (small));

  jobs_pool_claim_free (small);
  assert_finalize (pool);
}

static void
test_room (void)
{
  JobsPool *pool = jobs_pool_new (NULL, 0);
  guint n_calls[3] = { 0 };
  JobsPoolClaim *claims[3];

  g_test_summary ("Where there is room for more than the first, the next one is told as soon as "
                  "the first is served");

  for (guint i = 0; i < 3; i++)
    {
      claims[i] = claim (pool, 1, NULL, 0, 0, i, &n_calls[i]);
      g_assert_false (jobs_pool_claim_try (claims[i]));
    }
  jobs_pool_set_capacity (pool, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (n_calls[i], ==, 1);
      g_assert_cmpuint (n_calls[i + 1], ==, 0);
      g_assert_true (jobs_pool_claim_try (claims[i]));
    }
  g_assert_cmpuint (n_calls[2], ==, 0);

  for (guint i = 0; i < 3; i++)
    jobs_pool_claim_free (claims[i]);
  assert_finalize (pool);
}

static void
test_leave (void)
{
  JobsPool *a = jobs_pool_new ("a", 1), *b = jobs_pool_new ("b", 0);
  guint n_first = 0, n_second = 0;
  JobsPoolClaim *first = claim (a, 1, b, 1, 0, 0, &n_first);
  JobsPoolClaim *second = claim (a, 1, NULL, 0, 0, 1, &n_second);

  g_test_summary ("Where the first one leaves, or is freed, the next one is told");

  g_assert_false (jobs_pool_claim_try (first));
  g_assert_false (jobs_pool_claim_try (second));
  jobs_pool_claim_leave (first);
  g_assert_cmpuint (n_second, ==, 1);

  /* Back again, before the second has tried */
  g_assert_false (jobs_pool_claim_try (first));
  g_assert_false (jobs_pool_claim_try (second));
  jobs_pool_claim_free (first);
  g_assert_cmpuint (n_second, ==, 2);
  g_assert_true (jobs_pool_claim_try (second));
  g_assert_cmpuint (n_first, ==, 0);

  jobs_pool_claim_free (second);
  assert_finalize (a);
  assert_finalize (b);
}

static void
test_told_once (void)
{
  JobsPool *pool = jobs_pool_new (NULL, 0);
  guint n_calls = 0;
  JobsPoolClaim *one = claim (pool, 1, NULL, 0, 0, 0, &n_calls);

  g_test_summary ("One is told once until it tries again");

  g_assert_false (jobs_pool_claim_try (one));
  jobs_pool_set_capacity (pool, 1);
  jobs_pool_set_capacity (pool, 2);
  g_assert_cmpuint (n_calls, ==, 1);
  jobs_pool_set_capacity (pool, 0);
  g_assert_false (jobs_pool_claim_try (one));
  jobs_pool_set_capacity (pool, 1);
  g_assert_cmpuint (n_calls, ==, 2);

  jobs_pool_claim_free (one);
  assert_finalize (pool);
}

static void
test_capacity (void)
{
  JobsPool *pool = jobs_pool_new (NULL, 3);
  guint n_calls = 0;
  JobsPoolClaim *one = claim (pool, 3, NULL, 0, 0, 0, &n_calls);
  JobsPoolClaim *two = claim (pool, G_MAXUINT, NULL, 0, 0, 1, &n_calls);

  g_test_summary ("A capacity below what is in use lets nothing start, and the largest "
                  "amounts do not wrap around");

  g_assert_true (jobs_pool_claim_try (one));
  jobs_pool_set_capacity (pool, 1);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 3);
  g_assert_false (jobs_pool_claim_try (two));
  jobs_pool_set_capacity (pool, G_MAXUINT);
  g_assert_cmpuint (n_calls, ==, 0);
  jobs_pool_claim_release (one);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_true (jobs_pool_claim_try (two));
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, G_MAXUINT);

  jobs_pool_claim_free (one);
  jobs_pool_claim_free (two);
  assert_finalize (pool);
}

#define N_POOLS   3
#define N_THREADS 6
#define N_ROUNDS  5000

typedef struct
{
  JobsPool *pools[N_POOLS];
  guint     capacities[N_POOLS];
  int       in_use[N_POOLS];
  guint     number;
} Arena;

static void
wake_cb (gpointer data)
{
  g_async_queue_push (data, GINT_TO_POINTER (1));
}

static void
claimant_round (Arena       *arena,
                GAsyncQueue *queue,
                GRand       *rand,
                guint        serial,
                guint        round)
{
  JobsPoolNeed needs[N_POOLS];
  guint first = g_rand_int_range (rand, 0, N_POOLS);
  guint n_needs = g_rand_int_range (rand, 1, N_POOLS + 1);
  JobsPoolClaim *one;

  for (guint i = 0; i < n_needs; i++)
    {
      guint p = (first + i) % N_POOLS;

      needs[i].pool = arena->pools[p];
      needs[i].amount = g_rand_int_range (rand, 1, arena->capacities[p] + 1);
    }

  one = jobs_pool_claim_new (needs, n_needs, g_rand_int_range (rand, 0, 3), round, serial, round,
                             wake_cb, queue);

  while (!jobs_pool_claim_try (one))
    {
      g_async_queue_pop (queue);
      if (g_rand_int_range (rand, 0, 20) == 0)
        jobs_pool_claim_leave (one);
    }

  for (guint i = 0; i < n_needs; i++)
    {
      guint p = (first + i) % N_POOLS;
      int before = g_atomic_int_add (&arena->in_use[p], needs[i].amount);

      g_assert_cmpint (before + needs[i].amount, <=, arena->capacities[p]);
    }
  if (round % 8 == 0)
    g_thread_yield ();
  for (guint i = 0; i < n_needs; i++)
    g_atomic_int_add (&arena->in_use[(first + i) % N_POOLS], -(int) needs[i].amount);

  jobs_pool_claim_free (one);
  while (g_async_queue_try_pop (queue) != NULL)
    ;
}

static gpointer
claimant_cb (gpointer data)
{
  Arena *arena = data;
  guint serial = g_atomic_int_add (&arena->number, 1);
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GRand *rand = g_rand_new_with_seed (serial);

  for (guint round = 0; round < N_ROUNDS; round++)
    claimant_round (arena, queue, rand, serial, round);

  g_rand_free (rand);

  return NULL;
}

static void
test_threads (void)
{
  Arena arena = { .capacities = { 1, 3, 8 } };
  GThread *threads[N_THREADS];

  g_test_summary ("Threads that claim, give up and come back never exceed a capacity, and none "
                  "of them waits for a word that was never said (it would wait for ever)");

  for (guint i = 0; i < N_POOLS; i++)
    arena.pools[i] = jobs_pool_new (NULL, arena.capacities[i]);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("claimant", claimant_cb, &arena);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_POOLS; i++)
    assert_finalize (arena.pools[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);

  g_test_add_func ("/jobs/pool/properties", test_properties);
  g_test_add_func ("/jobs/pool/order", test_order);
  g_test_add_func ("/jobs/pool/newcomer", test_newcomer);
  g_test_add_func ("/jobs/pool/all-or-none", test_all_or_none);
  g_test_add_func ("/jobs/pool/starvation", test_starvation);
  g_test_add_func ("/jobs/pool/room", test_room);
  g_test_add_func ("/jobs/pool/leave", test_leave);
  g_test_add_func ("/jobs/pool/told-once", test_told_once);
  g_test_add_func ("/jobs/pool/capacity", test_capacity);
  g_test_add_func ("/jobs/pool/threads", test_threads);

  return g_test_run ();
}
