/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs-run.h"
#include "test-utils.h"

struct _TestAction
{
  JobsAction parent_instance;

  char **plan;
  const char *word;     /* of the present attempt */
  JobsAttempt *attempt; /* while it goes on */
};

G_DEFINE_FINAL_TYPE (TestAction, test_action, JOBS_TYPE_ACTION)

static GString *events;
static GHashTable *results; /* of the runs that go on: JobsEngine → GAsyncResult or NULL */

static void
note (JobsAction *action,
      const char *what)
{
  if (events == NULL)
    events = g_string_new (NULL);

  g_string_append_printf (events, "%s%s%s", events->len > 0 ? " " : "",
                          jobs_action_get_label (action), what);
}

/* The attempt is let go before its outcome is heard of */
static void
test_action_end (TestAction *self,
                 gboolean    success)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&self->attempt);

  g_assert_nonnull (attempt);

  if (success)
    jobs_attempt_complete (attempt, NULL);
  else
    jobs_attempt_fail_message (attempt, "broken");
}

static gboolean
test_action_start (JobsAction  *action,
                   JobsAttempt *attempt,
                   GError     **error)
{
  TestAction *self = TEST_ACTION (action);
  guint n = MIN (jobs_attempt_get_number (attempt), g_strv_length (self->plan));

  g_assert_null (self->attempt);

  self->word = self->plan[n - 1];
  note (action, "");

  if (g_str_equal (self->word, "fail"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "broken");
      return FALSE;
    }
  if (g_str_equal (self->word, "quit"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
  if (g_str_equal (self->word, "full"))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES, "no room");
      return FALSE;
    }
  if (g_str_equal (self->word, "drop"))
    return TRUE;

  self->attempt = g_object_ref (attempt);
  if (g_str_equal (self->word, "ok"))
    test_action_end (self, TRUE);
  else if (g_str_equal (self->word, "ready"))
    jobs_attempt_ready (attempt);

  return TRUE;
}

static gboolean
test_action_stop (JobsAction  *action,
                  JobsAttempt *attempt,
                  GError     **error)
{
  TestAction *self = TEST_ACTION (action);

  note (action, "!");
  if (g_str_equal (self->word, "stay"))
    return TRUE;
  if (g_str_equal (self->word, "win") || g_str_equal (self->word, "lose"))
    {
      test_action_end (self, g_str_equal (self->word, "win"));
      return TRUE;
    }

  g_clear_object (&self->attempt);

  return JOBS_ACTION_CLASS (test_action_parent_class)->stop (action, attempt, error);
}

static void
test_action_finalize (GObject *object)
{
  TestAction *self = TEST_ACTION (object);

  g_clear_object (&self->attempt);
  g_strfreev (self->plan);

  G_OBJECT_CLASS (test_action_parent_class)->finalize (object);
}

static void
test_action_class_init (TestActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = test_action_finalize;
  action_class->start = test_action_start;
  action_class->stop = test_action_stop;
}

static void
test_action_init (TestAction *self)
{
}

JobsAction *
test_action_new (const char *label,
                 const char *plan)
{
  JobsAction *action = g_object_new (TEST_TYPE_ACTION, "label", label, NULL);

  test_action_set_plan (action, plan);

  return action;
}

void
test_action_set_plan (JobsAction *action,
                      const char *plan)
{
  static const char *const words[] = {
    "ok", "fail", "quit", "full", "drop", "hang", "ready", "win", "lose", "stay", NULL
  };
  TestAction *self = TEST_ACTION (action);

  g_assert_null (self->attempt);

  g_strfreev (self->plan);
  self->plan = g_strsplit (plan, " ", -1);
  for (guint i = 0; self->plan[i] != NULL; i++)
    g_assert_true (g_strv_contains (words, self->plan[i]));
}

void
test_action_complete (JobsAction *action)
{
  note (action, ".");
  test_action_end (TEST_ACTION (action), TRUE);
}

void
test_action_fail (JobsAction *action)
{
  note (action, ".");
  test_action_end (TEST_ACTION (action), FALSE);
}

void
test_action_ready (JobsAction *action)
{
  g_assert_nonnull (TEST_ACTION (action)->attempt);

  jobs_attempt_ready (TEST_ACTION (action)->attempt);
}

static void
alarm_cb (int signal_number)
{
  static const char text[] = "Bail out! a test does not come to its end\n";

  if (write (STDERR_FILENO, text, sizeof text - 1) > 0)
    abort ();
  abort ();
}

void
test_watch (guint seconds)
{
  signal (SIGALRM, alarm_cb);
  alarm (seconds);
}

JobsEngine *
test_engine_new (JobsOnFailure on_failure)
{
  JobsEngine *engine = jobs_engine_new ();

  test_watch (20);
  g_free (test_take_log ());
  jobs_engine_set_on_failure (engine, on_failure);

  return engine;
}

JobsAction *
test_add (JobsEngine *engine,
          const char *label,
          const char *plan)
{
  g_autoptr (JobsAction) action = test_action_new (label, plan);

  g_assert_true (jobs_engine_add (engine, action));

  return action;
}

JobsAction *
test_add_behind (JobsEngine   *engine,
                 const char   *label,
                 const char   *plan,
                 JobsAction   *other,
                 JobsCondition condition)
{
  g_autoptr (JobsAction) action = test_action_new (label, plan);

  /* First required, then added: a run that goes on must not start it between */
  test_require (action, other, condition);
  g_assert_true (jobs_engine_add (engine, action));

  return action;
}

JobsAction *
test_add_callback (JobsEngine  *engine,
                   const char  *label,
                   JobsCallback callback,
                   gpointer     user_data)
{
  g_autoptr (JobsAction) action = jobs_callback_action_new (label, callback, user_data, NULL);

  g_assert_true (jobs_engine_add (engine, action));

  return action;
}

JobsEngine *
test_add_engine (JobsEngine   *engine,
                 const char   *label,
                 JobsOnFailure on_failure)
{
  g_autoptr (JobsEngine) inner = jobs_engine_new ();

  jobs_action_set_label (JOBS_ACTION (inner), label);
  jobs_engine_set_on_failure (inner, on_failure);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));

  return inner;
}

void
test_require (JobsAction   *action,
              JobsAction   *other,
              JobsCondition condition)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = jobs_action_requires_full (action, other, condition, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
begin_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_hash_table_insert (results, object, g_object_ref (result));
}

void
test_begin (JobsEngine *engine)
{
  if (results == NULL)
    results = g_hash_table_new (NULL, NULL);
  g_assert_true (g_hash_table_insert (results, engine, NULL));

  /* Else the machine would tell what comes first of what engines beside each other do */
  jobs_pump_set_slice (G_TIME_SPAN_DAY);
  jobs_engine_orchestrate_async (engine, NULL, begin_cb, NULL);
  test_settle ();
}

void
test_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
test_wait_state (JobsAction *action,
                 JobsState   state)
{
  while (jobs_action_get_state (action) != state)
    g_main_context_iteration (NULL, TRUE);
}

void
test_hurry (JobsDeadline *deadline)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);

  g_assert_true (jobs_deadline_is_armed (deadline));
  jobs_deadlines_arm (deadlines, deadline, g_get_monotonic_time ());
  while (jobs_deadline_is_armed (deadline))
    g_main_context_iteration (NULL, TRUE);
  jobs_deadlines_unref (deadlines);
  test_settle ();
}

void
test_time_out (JobsAction *action)
{
  test_hurry (JOBS_IS_ENGINE (action) ? &jobs_engine_get_run (JOBS_ENGINE (action))->deadline
                                      : &jobs_action_peek_ticket (action)->deadline);
}

gboolean
test_end (JobsEngine *engine,
          GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  while (g_hash_table_lookup (results, engine) == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = g_hash_table_lookup (results, engine);
  g_hash_table_remove (results, engine);

  return jobs_engine_orchestrate_finish (engine, result, error);
}

void
test_end_well (JobsEngine *engine)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = test_end (engine, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_true (jobs_engine_get_verdict (engine));
  g_assert_null (jobs_engine_get_culprit (engine));
  test_assert_why (engine, "all went well");
}

void
test_end_badly (JobsEngine *engine,
                GQuark      domain,
                int         code,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (test_end (engine, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_false (jobs_engine_get_verdict (engine));
  test_assert_why (engine, message);
}

char *
test_dup_states (JobsEngine *engine)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", jobs_action_get_label (action),
                              jobs_state_get_nick (jobs_action_get_state (action)));
    }

  return g_string_free (text, FALSE);
}

char *
test_take_log (void)
{
  char *text = events != NULL ? g_string_free (events, FALSE) : g_strdup ("");

  events = NULL;

  return text;
}

void
test_assert_nothing_armed (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);

  g_assert_cmpuint (jobs_deadlines_get_n_armed (deadlines), ==, 0);
  jobs_deadlines_unref (deadlines);
}
