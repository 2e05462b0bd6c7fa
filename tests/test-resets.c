/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-utils.h"

/* Actions forget their past before they run once more. Whoever is told of it may do
 * whatever a program may do, and finds a run whose books are in order. */

/* a fails, b and c are skipped behind it; d goes on; e waits for a and d; f comes later */
#define N_ACTIONS 6

typedef struct _Scene Scene;

typedef void (*Deed) (Scene *scene);

struct _Scene
{
  JobsEngine *engine;
  JobsAction *actions[N_ACTIONS]; /* (owned) */
  JobsAction *watched;
  Deed deed;
  guint n_deeds;
};

static void
deed_drop (Scene *scene)
{
  jobs_action_drop_requirement (scene->actions[1], scene->actions[0]);
  jobs_action_drop_requirement (scene->actions[4], scene->actions[0]);
}

static void
deed_drop_all (Scene *scene)
{
  for (guint i = 0; i < N_ACTIONS; i++)
    for (guint j = 0; j < 3; j++)
      jobs_action_drop_requirement (scene->actions[i], scene->actions[j]);
}

static void
deed_require (Scene *scene)
{
  jobs_action_requires_full (scene->actions[2], scene->actions[0], JOBS_CONDITION_SUCCESS, NULL);
  jobs_action_requires_full (scene->actions[1], scene->actions[3], JOBS_CONDITION_DONE, NULL);
}

static void
deed_require_back (Scene *scene)
{
  jobs_action_requires_full (scene->actions[0], scene->actions[2], JOBS_CONDITION_DONE, NULL);
}

static void
deed_replace (Scene *scene)
{
  jobs_action_requires_full (scene->actions[1], scene->actions[0], JOBS_CONDITION_FAILURE, NULL);
  jobs_action_requires_full (scene->actions[4], scene->actions[0], JOBS_CONDITION_AFTER, NULL);
}

static void
deed_remove_first (Scene *scene)
{
  jobs_engine_remove (scene->engine, scene->actions[0]);
}

static void
deed_remove_second (Scene *scene)
{
  jobs_engine_remove (scene->engine, scene->actions[1]);
}

static void
deed_remove_last (Scene *scene)
{
  jobs_engine_remove (scene->engine, scene->actions[2]);
}

static void
deed_put_back (Scene *scene)
{
  for (guint i = 0; i < 3; i++)
    if (jobs_engine_remove (scene->engine, scene->actions[i]))
      g_assert_true (jobs_engine_add (scene->engine, scene->actions[i]));
}

static void
deed_retry (Scene *scene)
{
  for (guint i = 0; i < 3; i++)
    if (jobs_action_get_engine (scene->actions[i]) == scene->engine)
      jobs_engine_retry (scene->engine, scene->actions[i], NULL);
}

static void
deed_cancel (Scene *scene)
{
  jobs_action_cancel (scene->actions[1]);
}

static void
deed_cancel_and_drop (Scene *scene)
{
  jobs_action_cancel (scene->actions[1]);
  deed_drop_all (scene);
}

static void
deed_add (Scene *scene)
{
  jobs_action_requires (scene->actions[5], scene->actions[1]);
  g_assert_true (jobs_engine_add (scene->engine, scene->actions[5]));
}

static void
deed_look (Scene *scene)
{
  g_autoptr (GVariant) report = g_variant_take_ref (jobs_engine_dup_report (scene->engine));

  g_assert_true (jobs_engine_check (scene->engine, NULL, NULL));
}

static void
deed_iterate (Scene *scene)
{
  test_settle ();
}

static const Deed deeds[] = {
  deed_drop, deed_drop_all, deed_require, deed_require_back, deed_replace, deed_remove_first,
  deed_remove_second, deed_remove_last, deed_put_back, deed_retry, deed_cancel,
  deed_cancel_and_drop, deed_add, deed_look, deed_iterate,
};

/* All conditions here are of ends */
static void
assert_may_start (JobsAction *action)
{
  g_autoptr (GPtrArray) required = jobs_action_dup_requirements (action);

  for (guint i = 0; i < required->len; i++)
    g_assert_true (jobs_action_is_ended (g_ptr_array_index (required, i)));
}

/* Nobody hears of states out of their order */
static void
state_cb (JobsAction *action,
          GParamSpec *pspec,
          Scene      *scene)
{
  JobsState state = jobs_action_get_state (action);
  JobsState told = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (action), "told"));

  g_object_set_data (G_OBJECT (action), "told", GUINT_TO_POINTER (state));
  if (jobs_state_is_terminal (told))
    g_assert_cmpint (state, ==, JOBS_STATE_IDLE);
  else if (state != JOBS_STATE_IDLE)
    g_assert_cmpint (state, >, told);
  if (state == JOBS_STATE_RUNNING)
    assert_may_start (action);

  if (action == scene->watched && jobs_state_is_terminal (told) && scene->deed != NULL)
    {
      scene->n_deeds++;
      g_steal_pointer (&scene->deed) (scene);
    }
}

static void
scene_init (Scene        *scene,
            JobsOnFailure on_failure)
{
  static const char *const plans[] = { "fail", "ok", "ok", "hang", "ok", "ok" };

  *scene = (Scene) { .engine = test_engine_new (on_failure) };
  for (guint i = 0; i < N_ACTIONS; i++)
    {
      char label[2] = { (char) ('a' + i) };

      scene->actions[i] = test_action_new (label, plans[i]);
      g_signal_connect (scene->actions[i], "notify::state", G_CALLBACK (state_cb), scene);
    }
  test_require (scene->actions[1], scene->actions[0], JOBS_CONDITION_SUCCESS);
  test_require (scene->actions[2], scene->actions[1], JOBS_CONDITION_SUCCESS);
  test_require (scene->actions[4], scene->actions[0], JOBS_CONDITION_DONE);
  test_require (scene->actions[4], scene->actions[3], JOBS_CONDITION_DONE);
  jobs_action_set_critical (scene->actions[0], FALSE);
}

/* All has come to an end */
static void
scene_end (Scene *scene)
{
  test_settle ();
  test_action_complete (scene->actions[3]);
  test_end (scene->engine, NULL);

  for (guint i = 0; i < N_ACTIONS; i++)
    if (jobs_action_get_engine (scene->actions[i]) == scene->engine)
      g_assert_true (jobs_action_is_ended (scene->actions[i]));
  g_assert_finalize_object (scene->engine);
  for (guint i = 0; i < N_ACTIONS; i++)
    g_assert_finalize_object (scene->actions[i]);
}

/* Each deed, when each of the first three is told of in that moment */
static void
for_each_deed (void (*before) (Scene *scene),
               void (*moment) (Scene *scene))
{
  for (guint which = 0; which < 3; which++)
    for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
      {
        Scene scene;

        scene_init (&scene, JOBS_ON_FAILURE_KEEP_GOING);
        before (&scene);
        scene.watched = scene.actions[which];
        scene.deed = deeds[i];
        moment (&scene);
        g_assert_cmpuint (scene.n_deeds, ==, 1);
        scene_end (&scene);
      }
}

static void
run_and_fail (Scene *scene)
{
  g_assert_true (jobs_engine_add_many (scene->engine, scene->actions, 5));
  test_begin (scene->engine);
  test_assert_states (scene->engine, "a=failed b=skipped c=skipped d=running e=idle");
  test_action_set_plan (scene->actions[0], "ok");
}

static void
retry_first (Scene *scene)
{
  g_assert_true (jobs_engine_retry (scene->engine, scene->actions[0], NULL));
}

static void
test_retrying (void)
{
  g_test_summary ("While a retry tells of each action that it resets, handlers change the graph");

  for_each_deed (run_and_fail, retry_first);
}

static void
run_first_three (Scene *scene)
{
  jobs_engine_add_many (scene->engine, scene->actions, 3);
  test_begin (scene->engine);
  test_end_well (scene->engine);
  test_action_set_plan (scene->actions[0], "ok");
}

static void
run_others (Scene *scene)
{
  run_first_three (scene);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (jobs_engine_remove (scene->engine, scene->actions[i]));
      jobs_action_drop_requirement (scene->actions[4], scene->actions[i]);
    }
  g_assert_true (jobs_engine_add_many (scene->engine, scene->actions + 3, 2));
  test_begin (scene->engine);
}

static void
add_first_three (Scene *scene)
{
  g_assert_true (jobs_engine_add_many (scene->engine, scene->actions, 3));
}

static void
test_coming (void)
{
  g_test_summary ("While actions with a past come into a run, and it tells that they forget it");

  for_each_deed (run_others, add_first_three);
}

static void
run_and_add (Scene *scene)
{
  run_first_three (scene);
  g_assert_true (jobs_engine_add_many (scene->engine, scene->actions + 3, 2));
}

static void
begin (Scene *scene)
{
  test_begin (scene->engine);
}

static void
test_beginning (void)
{
  g_test_summary ("While a run begins, and what the last one left is forgotten");

  for_each_deed (run_and_add, begin);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/resets/retrying", test_retrying);
  g_test_add_func ("/jobs/resets/coming", test_coming);
  g_test_add_func ("/jobs/resets/beginning", test_beginning);

  return g_test_run ();
}
