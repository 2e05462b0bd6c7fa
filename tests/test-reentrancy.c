/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* The same deeds are done from within everything that a run calls. Each is done
 * once, the first time that there is an action in the right state for it. */

typedef struct
{
  JobsEngine *engine;
  gboolean    is_done;
  gboolean    is_under_way;
  Run         second;
  guint       n_busy;
} Stage;

typedef void (*Deed) (Stage      *stage,
                      JobsAction *self);

typedef enum
{
  FROM_START,
  FROM_STOP,
  FROM_CLEAN_UP,
  FROM_PERFORM,
  FROM_STARTED,
  FROM_RUNNING,
  FROM_ENDED,
  FROM_NOTIFY,
  FROM_PROGRESS,
  FROM_FINISHED,
  N_PLACES
} Place;

static Stage *stage;
static Deed deed;
static Place place;

static void
act (Place       here,
     JobsAction *self)
{
  if (here != place || stage->is_done)
    return;

  stage->is_done = TRUE;
  stage->is_under_way = TRUE;
  deed (stage, self);
  stage->is_under_way = FALSE;
}

static gboolean
act_start (JobsAction  *action,
           JobsAttempt *attempt,
           GError     **error)
{
  g_autoptr (JobsAttempt) mine = g_object_ref (attempt);

  jobs_attempt_report (attempt, 0.5, NULL);
  act (FROM_START, action);
  if (g_strcmp0 (jobs_action_get_label (action), "kept") == 0)
    g_set_object (&test (action)->attempt, attempt);
  else if (!jobs_attempt_has_outcome (attempt))
    jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
act_stop (JobsAction  *action,
          JobsAttempt *attempt,
          GError     **error)
{
  act (FROM_STOP, action);
  g_clear_object (&test (action)->attempt);
  if (!jobs_attempt_has_outcome (attempt))
    jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
act_clean_up (JobsAction  *action,
              JobsAttempt *attempt,
              GError     **error)
{
  act (FROM_CLEAN_UP, action);
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
act_perform (JobsAction *action,
             gpointer    data,
             GError    **error)
{
  act (FROM_PERFORM, action);

  return TRUE;
}

static void
started_cb (JobsEngine *engine)
{
  act (FROM_STARTED, NULL);
}

static void
finished_cb (JobsEngine *engine,
             gboolean    success)
{
  act (FROM_FINISHED, NULL);
}

static void
state_cb (JobsEngine *engine,
          JobsAction *action,
          JobsState   old_state,
          JobsState   new_state)
{
  if (new_state == JOBS_STATE_RUNNING)
    act (FROM_RUNNING, action);
  else if (jobs_state_is_terminal (new_state))
    act (FROM_ENDED, action);
}

static void
progress_cb (JobsEngine *engine,
             JobsAction *action)
{
  act (FROM_PROGRESS, action);
}

static void
notify_cb (JobsAction *action,
           GParamSpec *pspec)
{
  act (FROM_NOTIFY, action);
}

static JobsAction *
add_acting (JobsEngine *engine,
            const char *label)
{
  JobsAction *action = add_tidy (engine, label, act_start);

  test (action)->stop = act_stop;
  test (action)->clean_up = act_clean_up;
  g_signal_connect (action, "notify::state", G_CALLBACK (notify_cb), NULL);

  return action;
}

/* The deeds */

static void
deed_add (Stage      *self,
          JobsAction *action)
{
  JobsAction *more[3];

  for (guint i = 0; i < 3; i++)
    {
      more[i] = add_acting (NULL, NULL);
      if (i > 0)
        jobs_action_requires (more[i], more[i - 1]);
    }
  g_assert_true (jobs_engine_add_many (self->engine, more, 3));
  for (guint i = 0; i < 3; i++)
    g_object_unref (more[i]);
}

static void
deed_remove_self (Stage      *self,
                  JobsAction *action)
{
  if (action != NULL)
    g_assert_true (jobs_engine_remove (self->engine, action));
}

static void
deed_remove_others (Stage      *self,
                    JobsAction *action)
{
  GListModel *model = G_LIST_MODEL (self->engine);

  for (guint i = g_list_model_get_n_items (model); i > 0; i--)
    {
      g_autoptr (JobsAction) one = g_list_model_get_item (model, i - 1);

      if (one != action)
        g_assert_true (jobs_engine_remove (self->engine, one));
    }
}

static void
deed_remove_all (Stage      *self,
                 JobsAction *action)
{
  GListModel *model = G_LIST_MODEL (self->engine);

  while (g_list_model_get_n_items (model) > 0)
    {
      g_autoptr (JobsAction) one = g_list_model_get_item (model, 0);

      g_assert_true (jobs_engine_remove (self->engine, one));
    }
}

static void
deed_cancel_self (Stage      *self,
                  JobsAction *action)
{
  if (action != NULL)
    jobs_action_cancel (action);
}

static void
deed_cancel_others (Stage      *self,
                    JobsAction *action)
{
  g_autoptr (GPtrArray) all = jobs_engine_dup_all (self->engine, FALSE);

  for (guint i = 0; i < all->len; i++)
    if (all->pdata[i] != action)
      jobs_action_cancel (all->pdata[i]);
}

static void
deed_cancel_engine (Stage      *self,
                    JobsAction *action)
{
  jobs_engine_cancel (self->engine);
}

static gboolean
resume_cb (gpointer data)
{
  jobs_engine_resume (data);

  return G_SOURCE_REMOVE;
}

static void
deed_pause (Stage      *self,
            JobsAction *action)
{
  jobs_engine_pause (self->engine, JOBS_PAUSE_CLOCKS);
  g_idle_add_full (G_PRIORITY_LOW, resume_cb, g_object_ref (self->engine), g_object_unref);
}

static void
deed_retry (Stage      *self,
            JobsAction *action)
{
  g_autoptr (GPtrArray) all = jobs_engine_dup_all (self->engine, FALSE);

  for (guint i = 0; i < all->len; i++)
    if (jobs_action_get_engine (all->pdata[i]) == self->engine)
      {
        g_autoptr (GError) error = NULL;

        if (!jobs_engine_retry (self->engine, all->pdata[i], &error))
          g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
      }
}

static void
deed_orchestrate (Stage      *self,
                  JobsAction *action)
{
  Run run;

  /* From the last signal on it may run again, and it does */
  if (!jobs_engine_is_active (self->engine))
    {
      begin (&self->second, self->engine, NULL);
      return;
    }

  g_assert_false (jobs_engine_orchestrate (self->engine, NULL, NULL));
  begin (&run, self->engine, NULL);
  end_badly (&run, self->engine, JOBS_ERROR, JOBS_ERROR_BUSY);
  self->n_busy++;
}

static void
deed_orchestrate_other (Stage      *self,
                        JobsAction *action)
{
  JobsEngine *other = jobs_engine_new ();
  JobsAction *a = add (other, "a", succeed);
  JobsAction *b = add (other, "b", succeed);

  jobs_action_requires (b, a);
  g_assert_true (jobs_engine_orchestrate (other, NULL, NULL));
  assert_state (b, JOBS_STATE_FINISHED);
  g_assert_finalize_object (other);
}

static void
deed_nest (Stage      *self,
           JobsAction *action)
{
  settle ();
}

static void
deed_drop (Stage      *self,
           JobsAction *action)
{
  /* The run holds its own reference until it has ended */
  g_object_unref (self->engine);
}

static void
deed_requirements (Stage      *self,
                   JobsAction *action)
{
  g_autoptr (GPtrArray) all = jobs_engine_dup_all (self->engine, FALSE);

  for (guint i = 0; i < all->len; i++)
    for (guint j = 0; j < all->len; j++)
      if (jobs_action_get_engine (all->pdata[i]) == jobs_action_get_engine (all->pdata[j]) &&
          !jobs_action_get_forever (all->pdata[j]) && !jobs_action_requires_full (all->pdata[i], all->pdata[j], JOBS_CONDITION_AFTER, NULL))
        jobs_action_drop_requirement (all->pdata[i], all->pdata[j]);
  if (!jobs_engine_is_active (self->engine))
    for (guint i = 0; i < all->len; i++)
      for (guint j = 0; j < all->len; j++)
        jobs_action_drop_requirement (all->pdata[i], all->pdata[j]);
}

static const struct
{
  const char *name;
  Deed        deed;
} deeds[] = {
  { "add", deed_add },
  { "remove-self", deed_remove_self },
  { "remove-others", deed_remove_others },
  { "remove-all", deed_remove_all },
  { "cancel-self", deed_cancel_self },
  { "cancel-others", deed_cancel_others },
  { "cancel-engine", deed_cancel_engine },
  { "pause", deed_pause },
  { "retry", deed_retry },
  { "orchestrate", deed_orchestrate },
  { "orchestrate-other", deed_orchestrate_other },
  { "nested-loop", deed_nest },
  { "drop", deed_drop },
  { "requirements", deed_requirements },
};

/* Two acting actions, one that is stopped at the end, one that fails, one with a
 * perform, one inside an engine */
static JobsEngine *
set_stage (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *first = add_acting (engine, "first");
  JobsAction *perform = add_callback (engine, "perform", act_perform, NULL);
  JobsAction *last = add_acting (engine, "last");
  JobsAction *kept = add_acting (engine, "kept");
  JobsAction *fails = add (engine, "fails", fail);
  JobsEngine *inner = add_engine (engine, "inner");

  add (inner, "inside", succeed);
  jobs_action_set_forever (kept, TRUE);
  jobs_action_set_critical (fails, FALSE);
  jobs_action_requires (last, perform);
  jobs_action_requires (perform, first);
  jobs_action_requires (JOBS_ACTION (inner), first);
  g_signal_connect (engine, "started", G_CALLBACK (started_cb), NULL);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (state_cb), NULL);
  g_signal_connect (engine, "action-progress", G_CALLBACK (progress_cb), NULL);
  g_signal_connect (engine, "finished", G_CALLBACK (finished_cb), NULL);

  return engine;
}

static void
assert_all_ended (JobsEngine *engine)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      /* One that was added when the run had begun to end stays idle, and one that
       * is to be tried again waits for the next run */
      if (deed != deed_add && deed != deed_retry)
        g_assert_true (jobs_action_is_ended (action));
      g_assert_cmpint (jobs_action_get_state (action), !=, JOBS_STATE_RUNNING);
      g_assert_cmpint (jobs_action_get_state (action), !=, JOBS_STATE_SCHEDULED);
      g_assert_cmpint (jobs_action_get_state (action), !=, JOBS_STATE_CANCELLING);
    }
}

static void
test_deed (gconstpointer data)
{
  guint which = GPOINTER_TO_UINT (data);

  g_test_summary ("The same from each callback of a run; then all has ended, and nothing is left");

  for (guint i = 0; i < N_PLACES; i++)
    {
      Stage here = { 0 };
      JobsEngine *engine = set_stage ();
      gpointer weak = engine;
      Run run;

      g_object_add_weak_pointer (weak, &weak);
      here.engine = engine;
      stage = &here;
      deed = deeds[which].deed;
      place = i;
      begin (&run, engine, NULL);
      spin_until (run.result != NULL);
      if (deed == deed_orchestrate && place == FROM_FINISHED)
        end_well (&here.second, engine);
      settle ();
      g_assert_true (here.is_done);
      g_assert_false (here.is_under_way);

      /* The result holds the engine */
      g_assert_nonnull (weak);
      g_assert_false (jobs_engine_is_active (engine));
      assert_all_ended (engine);
      if (deed == deed_orchestrate && place != FROM_FINISHED)
        g_assert_cmpuint (here.n_busy, ==, 1);

      /* And it still runs */
      jobs_engine_resume (engine);
      begin (&here.second, engine, NULL);
      settle ();
      jobs_engine_cancel (engine); /* nothing but “kept” may be left in it */
      spin_until (here.second.result != NULL);
      g_clear_object (&here.second.result);
      assert_all_ended (engine);
      if (deed != deed_drop)
        g_object_unref (engine);
      g_clear_object (&run.result);
      settle ();
      g_assert_null (weak);
    }
}

static gboolean
drop_last (JobsAction *action,
           gpointer    data,
           GError    **error)
{
  gpointer *last = data;

  g_clear_object (last);

  return TRUE;
}

static void
test_last_references (void)
{
  JobsEngine *engine = jobs_engine_new ();
  gpointer other = add (NULL, "other", succeed);
  gpointer weak = other;
  JobsAction *a;

  g_test_summary ("The last references to actions go while they run");

  a = add_callback (engine, "a", drop_last, &other);
  jobs_action_requires (a, other);
  g_assert_true (jobs_engine_add (engine, other));
  g_object_add_weak_pointer (weak, &weak);
  run_well (engine);
  g_assert_nonnull (weak);
  g_assert_true (jobs_engine_remove (engine, weak));
  g_assert_nonnull (weak);
  g_assert_true (jobs_action_drop_requirement (a, weak));
  g_assert_null (weak);

  g_assert_finalize_object (engine);
}

static gboolean
perform_removes_itself (JobsAction *action,
                        gpointer    data,
                        GError    **error)
{
  gpointer weak = action;

  g_assert_true (jobs_engine_remove (data, action));
  g_object_add_weak_pointer (weak, &weak);
  g_assert_nonnull (weak);
  g_object_remove_weak_pointer (weak, &weak);

  return TRUE;
}

static void
test_self_removal (void)
{
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("An action may remove itself, which only the run has a reference to");

  for (guint i = 0; i < 100; i++)
    {
      JobsAction *action = add_callback (engine, NULL, perform_removes_itself, engine);

      if (i % 2 == 1)
        jobs_action_set_retries (action, 1);
    }
  run_well (engine);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 0);

  g_assert_finalize_object (engine);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

typedef struct
{
  JobsEngine *other;
  JobsAction *first;
} Loop;

static gboolean
run_loop (JobsAction *action,
          gpointer    data,
          GError    **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Loop *self = data;

  /* The other run ends in here; this one stands still, whatever happens */
  spin_until (jobs_action_is_ended (JOBS_ACTION (self->other)));
  g_idle_add_full (G_PRIORITY_LOW, quit_cb, loop, NULL);
  g_main_loop_run (loop);
  assert_state (self->first, JOBS_STATE_RUNNING);
  g_assert_true (jobs_attempt_has_outcome (test (self->first)->attempt));

  return TRUE;
}

static gboolean
complete_cb (gpointer data)
{
  jobs_attempt_complete (data, NULL);

  return G_SOURCE_REMOVE;
}

static gboolean
complete_later (JobsAction  *action,
                JobsAttempt *attempt,
                GError     **error)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, complete_cb, g_object_ref (attempt), g_object_unref);

  return TRUE;
}

static gboolean
complete_later_and_keep (JobsAction  *action,
                         JobsAttempt *attempt,
                         GError     **error)
{
  g_set_object (&test (action)->attempt, attempt);

  return complete_later (action, attempt, error);
}

static void
test_nested_loops (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *other = jobs_engine_new ();
  JobsAction *behind, *loop;
  Loop data = { .other = other };
  Run run, other_run;

  g_test_summary ("A callback that runs the main loop holds up its own run, and no other one");

  data.first = add (engine, "first", complete_later_and_keep);
  behind = add (engine, "behind", complete_later);
  jobs_action_requires (behind, data.first);
  loop = add_callback (engine, "loop", run_loop, &data);
  for (guint i = 0; i < 10; i++)
    add (other, NULL, complete_later);
  jobs_engine_set_window (other, 1);

  begin (&run, engine, NULL);
  begin (&other_run, other, NULL);
  end_well (&run, engine);
  end_well (&other_run, other);
  assert_state (loop, JOBS_STATE_FINISHED);
  assert_state (behind, JOBS_STATE_FINISHED);
  g_clear_object (&test (data.first)->attempt);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (other);
}

static gboolean
orchestrate_deeper (JobsAction *action,
                    gpointer    data,
                    GError    **error)
{
  guint depth = GPOINTER_TO_UINT (data);
  JobsEngine *engine;

  if (depth == 0)
    return TRUE;

  engine = jobs_engine_new ();
  add_callback (engine, NULL, orchestrate_deeper, GUINT_TO_POINTER (depth - 1));
  add (engine, NULL, complete_later);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, error));
  g_assert_finalize_object (engine);

  return TRUE;
}

static void
test_blocking (void)
{
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("Engines that are run blockingly from one another's callbacks all come to their ends");

  add_callback (engine, NULL, orchestrate_deeper, GUINT_TO_POINTER (20));
  add (engine, NULL, complete_later);
  run_well (engine);

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/reentrancy/", deeds[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_deed);
    }
  g_test_add_func ("/jobs/reentrancy/last-references", test_last_references);
  g_test_add_func ("/jobs/reentrancy/self-removal", test_self_removal);
  g_test_add_func ("/jobs/reentrancy/nested-loops", test_nested_loops);
  g_test_add_func ("/jobs/reentrancy/blocking", test_blocking);

  return test_run ();
}
