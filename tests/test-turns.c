/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* A run is cancelled, or its engine let go, after each turn of the main loop that it
 * takes: whatever goes on just then comes to its end, and nothing is left. */

#define MAX_TURNS 500

typedef struct
{
  JobsEngine *engine;
  JobsPool *pool;
  GObject *lines[2];
  guint n_alive; /* actions */
} Site;

static Site *site;

/* A connection that takes a turn to open and to close */

#define TEST_TYPE_LINE (test_line_get_type ())
G_DECLARE_FINAL_TYPE (TestLine, test_line, TEST, LINE, GObject)

struct _TestLine
{
  GObject       parent_instance;

  JobsResource *parent; /* (unowned) (nullable) */
  gboolean      is_open;
};

static gboolean
complete_cb (gpointer data)
{
  if (!jobs_attempt_has_outcome (data))
    jobs_attempt_complete (data, NULL);

  return G_SOURCE_REMOVE;
}

static void
complete_later (JobsAttempt *attempt)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, complete_cb, g_object_ref (attempt), g_object_unref);
}

static gboolean
test_line_open (JobsResource *resource,
                JobsAttempt  *attempt,
                GError      **error)
{
  g_assert_false (TEST_LINE (resource)->is_open);
  TEST_LINE (resource)->is_open = TRUE;
  complete_later (attempt);

  return TRUE;
}

static gboolean
test_line_close (JobsResource *resource,
                 JobsAttempt  *attempt,
                 GError      **error)
{
  g_assert_true (TEST_LINE (resource)->is_open);
  TEST_LINE (resource)->is_open = FALSE;
  complete_later (attempt);

  return TRUE;
}

static JobsResource *
test_line_get_parent (JobsResource *resource)
{
  return TEST_LINE (resource)->parent;
}

static void
test_line_iface_init (JobsResourceInterface *iface)
{
  iface->open = test_line_open;
  iface->close = test_line_close;
  iface->get_parent = test_line_get_parent;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestLine, test_line, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE, test_line_iface_init))

static void
test_line_class_init (TestLineClass *klass)
{
}

static void
test_line_init (TestLine *self)
{
}

/* What the actions do */

static gboolean
later (JobsAction  *action,
       JobsAttempt *attempt,
       GError     **error)
{
  complete_later (attempt);

  return TRUE;
}

static gboolean
never (JobsAction  *action,
       JobsAttempt *attempt,
       GError     **error)
{
  jobs_attempt_ready (attempt);
  g_set_object (&test (action)->attempt, attempt);

  return TRUE;
}

/* As a stop: it lets its attempt go */
static gboolean
give_up (JobsAction  *action,
         JobsAttempt *attempt,
         GError     **error)
{
  g_clear_object (&test (action)->attempt);

  return TRUE;
}

static gboolean
fail_twice (JobsAction  *action,
            JobsAttempt *attempt,
            GError     **error)
{
  if (jobs_attempt_get_number (attempt) > 2)
    return later (action, attempt, error);

  return fail (action, attempt, error);
}

static gboolean
perform (JobsAction *action,
         gpointer    data,
         GError    **error)
{
  return TRUE;
}

static void
gone_cb (gpointer data,
         GObject *object)
{
  (*(guint *) data)--;
}

static void
watch (gpointer action)
{
  site->n_alive++;
  g_object_weak_ref (action, gone_cb, &site->n_alive);
}

static JobsAction *
add_behind (JobsEngine *engine,
            TestHook    start,
            JobsAction *other)
{
  JobsAction *action = add_tidy (engine, NULL, start);

  watch (action);
  if (start == never)
    test (action)->stop = give_up;
  jobs_action_requires (action, other);

  return action;
}

/* The graphs */

static JobsAction *
build_chain (JobsEngine *engine)
{
  JobsAction *last = NULL;

  for (guint i = 0; i < 5; i++)
    last = add_behind (engine, i % 2 == 0 ? later : succeed, last);

  return last;
}

static void
chain (JobsEngine *engine)
{
  build_chain (engine);
}

static void
fan (JobsEngine *engine)
{
  JobsAction *first = add_behind (engine, later, NULL);
  JobsAction *last = add_behind (engine, later, NULL);

  for (guint i = 0; i < 6; i++)
    jobs_action_requires (last, add_behind (engine, i % 2 == 0 ? later : succeed, first));
  jobs_engine_set_window (engine, 2);
}

static void
nested (JobsEngine *engine)
{
  JobsEngine *inner = add_engine (engine, "inner");
  JobsEngine *innermost = add_engine (inner, "innermost");
  JobsAction *last = build_chain (inner);

  watch (inner);
  watch (innermost);
  jobs_action_requires (JOBS_ACTION (innermost), last);
  build_chain (innermost);
  watch (add_callback (innermost, NULL, perform, NULL));
  add_behind (engine, later, JOBS_ACTION (inner));
}

static void
retry (JobsEngine *engine)
{
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *action = add_behind (engine, fail_twice, NULL);
  JobsAction *inside = add_behind (inner, fail, build_chain (inner));

  watch (inner);
  jobs_action_set_retries (action, 2);
  jobs_action_set_retry_delay (action, 1);
  jobs_action_set_retries (inside, 1);
  jobs_action_set_retries (JOBS_ACTION (inner), 1);
  jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
  add_behind (engine, later, action);
}

static void
forever (JobsEngine *engine)
{
  JobsAction *server = add_behind (engine, never, NULL);
  JobsAction *stubborn = add_behind (engine, later, NULL);
  JobsAction *client = add_behind (engine, later, NULL);

  jobs_action_requires_full (client, server, JOBS_CONDITION_READY, NULL);
  jobs_action_set_forever (server, TRUE);
  jobs_action_set_forever (stubborn, TRUE);
  test (stubborn)->stop = ignore;
  build_chain (engine);
}

static void
pools (JobsEngine *engine)
{
  for (guint i = 0; i < 5; i++)
    {
      JobsAction *action = add_behind (engine, i == 3 ? fail_twice : later, NULL);

      jobs_action_add_pool (action, site->pool, 1 + i % 2);
      jobs_action_set_retries (action, 2);
    }
}

static void
resources (JobsEngine *engine)
{
  JobsEngine *inner = add_engine (engine, "inner");

  watch (inner);
  for (guint i = 0; i < 4; i++)
    jobs_action_use (add_behind (i < 2 ? engine : inner, later, NULL), JOBS_RESOURCE (site->lines[i % 2]));
}

static void
timeouts (JobsEngine *engine)
{
  JobsAction *slow = add_behind (engine, never, NULL);
  JobsEngine *inner = add_engine (engine, "inner");

  watch (inner);
  jobs_action_set_timeout (slow, 1);
  jobs_action_set_critical (slow, FALSE);
  add_behind (engine, later, slow);
  add_behind (inner, never, NULL);
  jobs_action_set_timeout (JOBS_ACTION (inner), 1);
  jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
}

static void
clean_up (JobsEngine *engine)
{
  JobsEngine *inner = add_engine (engine, "inner");

  watch (inner);
  for (guint i = 0; i < 6; i++)
    test (add_behind (i < 3 ? engine : inner, later, NULL))->clean_up = i % 3 == 0 ? fail : later;
}

static void
failure (JobsEngine *engine)
{
  JobsAction *bad = add_behind (engine, fail, add_behind (engine, later, NULL));
  JobsAction *notice = add_behind (engine, later, NULL);

  jobs_action_requires_full (notice, bad, JOBS_CONDITION_FAILURE, NULL);
  test (add_behind (engine, later, NULL))->stop = ignore;
  add_behind (engine, never, NULL);
  build_chain (engine);
}

static const struct
{
  const char *name;
  void      (*build) (JobsEngine *engine);
} graphs[] = {
  { "chain", chain },
  { "fan", fan },
  { "nested", nested },
  { "retry", retry },
  { "forever", forever },
  { "pools", pools },
  { "resources", resources },
  { "timeouts", timeouts },
  { "clean-up", clean_up },
  { "failure", failure },
};

/* The laws */

static void
started_cb (JobsEngine *engine,
            guint      *n_started)
{
  (*n_started)++;
}

static void
site_open (Site *self,
           guint which)
{
  *self = (Site) { .engine = jobs_engine_new (), .pool = jobs_pool_new (NULL, 2) };
  site = self;
  for (guint i = 0; i < G_N_ELEMENTS (self->lines); i++)
    {
      self->lines[i] = g_object_new (TEST_TYPE_LINE, NULL);
      TEST_LINE (self->lines[i])->parent = i > 0 ? JOBS_RESOURCE (self->lines[0]) : NULL;
    }
  watch (self->engine);
  graphs[which].build (self->engine);
}

static void
site_close (Site *self)
{
  settle ();
  g_assert_cmpuint (self->n_alive, ==, 0);
  g_assert_cmpuint (jobs_pool_get_in_use (self->pool), ==, 0);
  g_assert_cmpuint (jobs_pool_get_n_waiting (self->pool), ==, 0);
  g_assert_finalize_object (self->pool);
  for (guint i = 0; i < G_N_ELEMENTS (self->lines); i++)
    g_assert_false (TEST_LINE (self->lines[i])->is_open);
  for (guint i = G_N_ELEMENTS (self->lines); i > 0; i--)
    g_assert_finalize_object (self->lines[i - 1]);
}

static void
assert_over (JobsEngine *engine,
             guint       n_runs)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_assert_true (jobs_action_is_ended (action));
      if (TEST_IS_TIDY (action))
        g_assert_cmpuint (test (action)->n_clean_ups, ==, n_runs);
      if (JOBS_IS_ENGINE (action) && jobs_action_get_attempts (action) > 0)
        assert_over (JOBS_ENGINE (action), jobs_action_get_attempts (action));
    }
  g_assert_false (jobs_engine_is_active (engine));
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 0);
}

/* FALSE where it has ended before */
static gboolean
begin_and_turn (Run  *run,
                guint n_turns)
{
  begin (run, site->engine, NULL);
  for (guint turn = 0; turn < n_turns && run->result == NULL; turn++)
    g_main_context_iteration (NULL, TRUE);

  return run->result == NULL;
}

static void
test_cancel (gconstpointer data)
{
  gboolean goes_on = TRUE;

  g_test_summary ("Cancelled after each turn of the main loop: all ends, and is cleaned up after once");

  for (guint n_turns = 0; goes_on; n_turns++)
    {
      Site here;
      Run run;
      guint n_started = 0;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (n_turns, <, MAX_TURNS);
      site_open (&here, GPOINTER_TO_UINT (data));
      g_signal_connect (here.engine, "started", G_CALLBACK (started_cb), &n_started);
      goes_on = begin_and_turn (&run, n_turns);
      jobs_engine_cancel (here.engine);
      if (!end (&run, here.engine, &error) && !g_error_matches (error, JOBS_ERROR, JOBS_ERROR_CRITICAL))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (n_started, ==, 1);
      assert_over (here.engine, 1);
      g_object_unref (here.engine);
      site_close (&here);
    }
}

/* Counts down, and cancels it then */
static void
state_cb (JobsEngine *engine,
          JobsAction *action,
          JobsState   old_state,
          JobsState   new_state,
          guint      *n_left)
{
  if (*n_left > 0 && --*n_left == 0)
    jobs_engine_cancel (engine);
}

static void
test_cancel_within (gconstpointer data)
{
  guint n_left = 0;

  g_test_summary ("Cancelled at each change of a state: likewise");

  for (guint n_changes = 1; n_left == 0; n_changes++)
    {
      Site here;
      Run run;
      g_autoptr (GError) error = NULL;

      n_left = n_changes;
      g_assert_cmpuint (n_changes, <, MAX_TURNS);
      site_open (&here, GPOINTER_TO_UINT (data));
      g_signal_connect (here.engine, "action-state-changed", G_CALLBACK (state_cb), &n_left);
      begin (&run, here.engine, NULL);
      if (!end (&run, here.engine, &error) && !g_error_matches (error, JOBS_ERROR, JOBS_ERROR_CRITICAL))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_over (here.engine, 1);
      g_object_unref (here.engine);
      site_close (&here);
    }
}

static void
test_let_go (gconstpointer data)
{
  gboolean goes_on = TRUE;

  g_test_summary ("The last reference to the engine goes after each turn: the run comes to its end");

  for (guint n_turns = 0; goes_on; n_turns++)
    {
      Site here;
      Run run;

      g_assert_cmpuint (n_turns, <, MAX_TURNS);
      site_open (&here, GPOINTER_TO_UINT (data));
      goes_on = begin_and_turn (&run, n_turns);
      g_object_unref (here.engine);
      spin_until (run.result != NULL);
      settle ();
      assert_over (here.engine, 1);
      g_object_unref (run.result);
      site_close (&here);
    }
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      g_autofree char *cancel = g_strconcat ("/jobs/turns/cancel/", graphs[i].name, NULL);
      g_autofree char *within = g_strconcat ("/jobs/turns/cancel-within/", graphs[i].name, NULL);
      g_autofree char *let_go = g_strconcat ("/jobs/turns/let-go/", graphs[i].name, NULL);

      g_test_add_data_func (cancel, GUINT_TO_POINTER (i), test_cancel);
      g_test_add_data_func (within, GUINT_TO_POINTER (i), test_cancel_within);
      g_test_add_data_func (let_go, GUINT_TO_POINTER (i), test_let_go);
    }

  return test_run ();
}
