/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* A resource that writes down when it is opened and closed */

#define TEST_TYPE_LINE (test_line_get_type ())
G_DECLARE_FINAL_TYPE (TestLine, test_line, TEST, LINE, GObject)

struct _TestLine
{
  GObject       parent_instance;

  const char   *name;
  JobsResource *parent; /* (unowned) */
  gboolean      is_open;
  gboolean      fails_to_close;
};

static gboolean
test_line_open (JobsResource *resource,
                JobsAttempt  *attempt,
                GError      **error)
{
  TestLine *self = TEST_LINE (resource);

  g_assert_false (self->is_open);
  g_assert_true (self->parent == NULL || TEST_LINE (self->parent)->is_open);
  self->is_open = TRUE;
  g_string_append_printf (diary, "+%s ", self->name);
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
test_line_close (JobsResource *resource,
                 JobsAttempt  *attempt,
                 GError      **error)
{
  TestLine *self = TEST_LINE (resource);

  g_assert_true (self->is_open);
  self->is_open = FALSE;
  g_string_append_printf (diary, "-%s ", self->name);
  if (self->fails_to_close)
    jobs_attempt_fail_message (attempt, "the line is dead");
  else
    jobs_attempt_complete (attempt, NULL);

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

/* Which tells one of several from the others */
static void
test_line_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  g_value_set_string (value, TEST_LINE (object)->name);
}

static void
test_line_class_init (TestLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_line_get_property;
  g_object_class_install_property (object_class, 1,
                                   g_param_spec_string ("name", NULL, NULL, NULL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
test_line_init (TestLine *self)
{
}

static TestLine *
line_new (const char *name,
          TestLine   *parent)
{
  TestLine *self = g_object_new (TEST_TYPE_LINE, NULL);

  self->name = name;
  self->parent = (JobsResource *) parent;

  return self;
}

static gboolean
note_clean_up (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  g_assert_true (jobs_attempt_get_action (attempt) == action);
  g_assert_cmpuint (jobs_attempt_get_number (attempt), ==, 0);
  note (jobs_action_get_label (action));
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static JobsAction *
add_noting (JobsEngine *engine,
            const char *label,
            TestHook    start)
{
  JobsAction *action = add_tidy (engine, label, start);

  test (action)->clean_up = note_clean_up;

  return action;
}

#define assert_failures(engine, expected) \
  G_STMT_START { \
    g_auto (GStrv) the_failures = jobs_engine_dup_clean_up_failures (engine); \
    g_autofree char *the_text = the_failures != NULL ? g_strjoinv ("; ", the_failures) : g_strdup (""); \
    g_assert_cmpstr (the_text, ==, expected); \
  } G_STMT_END

static void
test_once (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_noting (engine, "a", succeed);
  JobsAction *b = add_noting (engine, "b", fail);
  JobsAction *skipped = add_noting (engine, "skipped", succeed);
  JobsAction *removed = add_noting (engine, "removed", succeed);

  g_test_summary ("Each action is cleaned up after once in each run, also where it did not start");

  jobs_action_set_critical (b, FALSE);
  g_assert_true (jobs_action_requires_full (skipped, b, JOBS_CONDITION_SUCCESS, NULL));
  g_object_ref (removed);
  g_assert_true (jobs_engine_remove (engine, removed));
  run_well (engine);
  assert_diary ("skipped b a ");
  run_well (engine);
  assert_diary ("skipped b a ");
  g_assert_cmpuint (test (a)->n_clean_ups, ==, 2);
  g_assert_cmpuint (test (skipped)->n_starts, ==, 0);
  g_assert_cmpuint (test (removed)->n_clean_ups, ==, 0);
  assert_failures (engine, "");

  /* A graph that is wrong starts nothing, and has nothing to clean up */
  jobs_action_requires (a, skipped);
  jobs_action_requires (skipped, a);
  run_badly (engine, JOBS_ERROR, JOBS_ERROR_CYCLE);
  assert_diary ("");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (removed);
}

static void
test_order (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_noting (engine, "a", succeed);
  JobsAction *b = add_noting (engine, "b", succeed);
  JobsAction *c = add_noting (engine, "c", succeed);
  JobsAction *d = add_noting (engine, "d", succeed);

  g_test_summary ("Those that require are cleaned up after before what they require");

  jobs_action_requires (a, b);
  jobs_action_requires (b, c);
  jobs_action_requires (b, d);
  run_well (engine);
  g_assert_true (g_str_equal (diary->str, "a b d c ") || g_str_equal (diary->str, "a b c d "));
  g_string_truncate (diary, 0);

  g_assert_finalize_object (engine);
}

static gboolean
note_and_keep (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  note (jobs_action_get_label (action));

  return keep_cleaning (action, attempt, error);
}

static void
test_at_once (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_noting (engine, "a", succeed);
  JobsAction *b = add_noting (engine, "b", succeed);
  Run run;

  g_test_summary ("They do not wait for one another, but the run does, and is active meanwhile");

  jobs_engine_set_shutdown_timeout (engine, 0);
  jobs_engine_set_window (engine, 1);
  jobs_action_requires (b, a);
  test (a)->clean_up = note_and_keep;
  test (b)->clean_up = note_and_keep;
  begin (&run, engine, NULL);
  spin_until (test (a)->cleaning != NULL && test (b)->cleaning != NULL);
  assert_diary ("b a ");
  g_assert_true (jobs_engine_is_active (engine));
  clean (b);
  settle ();
  g_assert_null (run.result);
  clean (a);
  end_well (&run, engine);

  g_assert_finalize_object (engine);
}

static void
test_deadline (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_noting (engine, "a", succeed);
  JobsAction *b = add_noting (engine, "b", succeed);
  JobsAction *c = add_noting (engine, "c", succeed);
  GCancellable *cancellable;
  Run run;

  g_test_summary ("What is not clean in time is cancelled, waited for within the grace, and then left");

  jobs_engine_set_shutdown_timeout (engine, 1);
  test (a)->clean_up = keep_cleaning;
  test (a)->stop = ignore;
  test (b)->clean_up = keep_cleaning;

  /* The default stop ends the one, the other goes on until it is told */
  begin (&run, engine, NULL);
  spin_until (test (a)->cleaning != NULL);
  cancellable = jobs_attempt_get_cancellable (test (a)->cleaning);
  spin_until (test (a)->n_stops == 1);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_cmpuint (test (b)->n_stops, ==, 1);
  g_assert_cmpuint (test (c)->n_stops, ==, 0);
  settle ();
  g_assert_null (run.result);
  clean (a);
  end_well (&run, engine);
  assert_failures (engine, "b: the clean-up did not end in time; a: the clean-up did not end in time");
  assert_state (a, JOBS_STATE_FINISHED);
  g_clear_object (&test (b)->cleaning);
  assert_diary ("c ");

  /* And where it is not told, the run ends without it */
  jobs_engine_set_grace (engine, 1);
  begin (&run, engine, NULL);
  end_well (&run, engine);
  g_assert_true (jobs_engine_get_verdict (engine));
  assert_diary ("c ");
  g_clear_object (&test (b)->cleaning);
  clean (a);
  settle ();

  g_assert_finalize_object (engine);
}

static gboolean
refuse_silently (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  return FALSE;
}

static void
test_failures (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *a = add_tidy (engine, "a", succeed);
  JobsAction *b = add_tidy (engine, "b", succeed);
  JobsAction *c = add_tidy (engine, "c", succeed);
  JobsAction *d = add_tidy (inner, "d", succeed);
  g_autoptr (GVariant) report = NULL;
  g_auto (GStrv) listed = NULL;
  g_autofree char *debrief = NULL;

  g_test_summary ("A clean-up that fails is listed with its path, and changes no verdict");

  test (a)->clean_up = fail;
  test (b)->clean_up = refuse_silently;
  test (c)->clean_up = ignore;
  test (d)->clean_up = fail;
  run_well (engine);
  assert_failures (engine,
                   "c: abandoned: nothing can give the attempt its outcome any more; "
                   "b: clean_up() did not return true, and gave no error; a: no luck");
  assert_failures (inner, "inner/d: no luck");
  debrief = jobs_engine_debrief (engine);
  g_assert_cmpstr (debrief, ==,
                   "all went well\n"
                   "After the end: c: abandoned: nothing can give the attempt its outcome any more\n"
                   "After the end: b: clean_up() did not return true, and gave no error\n"
                   "After the end: a: no luck\n"
                   "After the end: inner/d: no luck\n"
                   "4 finished: 4 actions\n");
  report = jobs_engine_dup_report (inner);
  g_assert_true (g_variant_lookup (report, "clean-up-failures", "^as", &listed));
  g_assert_cmpuint (g_strv_length (listed), ==, 1);
  g_assert_cmpstr (listed[0], ==, "inner/d: no luck");
  assert_state (a, JOBS_STATE_FINISHED);
  g_assert_null (jobs_action_get_error (a));

  test (a)->clean_up = test (b)->clean_up = test (c)->clean_up = test (d)->clean_up = NULL;
  run_well (engine);
  assert_failures (engine, "");

  g_assert_finalize_object (engine);
}

static void
test_cancelled (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_tidy (engine, "a", succeed);
  Run run;

  g_test_summary ("A cancel during the clean-up shortens it to the grace; the verdict stands");

  jobs_engine_set_shutdown_timeout (engine, 0);
  jobs_engine_set_grace (engine, 1);
  test (a)->clean_up = keep_cleaning;
  begin (&run, engine, NULL);
  spin_until (test (a)->cleaning != NULL);
  settle ();
  g_assert_null (run.result);
  jobs_engine_cancel (engine);
  end_well (&run, engine);
  assert_failures (engine, "a: the clean-up did not end in time");
  g_clear_object (&test (a)->cleaning);

  /* A cancelled run cleans up too */
  test (a)->start = NULL;
  test (a)->clean_up = NULL;
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (a)->n_clean_ups, ==, 2);
  g_clear_object (&test (a)->attempt);

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *before = add_noting (engine, "before", succeed);
  JobsAction *after = add_noting (engine, "after", NULL);
  Run run;

  g_test_summary ("What is inside an engine is cleaned up at its own end, once for each attempt at it");

  add_noting (inner, "first", succeed);
  add_noting (inner, "second", fail);
  jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
  jobs_action_set_retries (JOBS_ACTION (inner), 1);
  jobs_action_requires (JOBS_ACTION (inner), before);
  jobs_action_requires (after, JOBS_ACTION (inner));
  begin (&run, engine, NULL);
  spin_until (test (after)->attempt != NULL);
  assert_diary ("second first second first ");
  complete (after);
  end_well (&run, engine);
  assert_diary ("after before ");

  g_assert_finalize_object (engine);
}

static void
test_resources (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  TestLine *gateway = line_new ("gateway", NULL);
  TestLine *host = line_new ("host", gateway);
  TestLine *unused = line_new ("unused", NULL);
  JobsAction *a = add_noting (engine, "a", succeed);
  JobsAction *b = add_noting (inner, "b", succeed);
  JobsAction *c = add_noting (engine, "c", succeed);
  JobsAction *skipped = add_noting (engine, "skipped", succeed);

  g_test_summary ("What actions share is opened before its first user, closed after the last clean-up, each once");

  jobs_action_use (a, JOBS_RESOURCE (host));
  jobs_action_use (b, JOBS_RESOURCE (host));
  jobs_action_use (c, JOBS_RESOURCE (gateway));
  jobs_action_use (skipped, JOBS_RESOURCE (unused));
  jobs_action_requires (JOBS_ACTION (inner), a);
  jobs_action_requires (c, JOBS_ACTION (inner));
  g_assert_true (jobs_action_requires_full (skipped, a, JOBS_CONDITION_FAILURE, NULL));
  run_well (engine);
  assert_diary ("+gateway +host b c skipped a -host -gateway ");
  run_well (engine);
  assert_diary ("+gateway +host b c skipped a -host -gateway ");

  host->fails_to_close = TRUE;
  run_well (engine);
  g_assert_false (gateway->is_open);
  assert_failures (engine, "A resource (TestLine host) was not closed well: the line is dead");
  g_string_truncate (diary, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (host);
  g_assert_finalize_object (gateway);
  g_assert_finalize_object (unused);
}

static void
shut_down_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  GError **error = data;

  if (jobs_engine_shutdown_finish (JOBS_ENGINE (object), result, error))
    *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "it went well");
}

static void
test_by_hand (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_tidy (engine, "a", NULL);
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("Asked for by hand it is done already after a run, and busy during one");

  jobs_engine_set_shutdown_timeout (engine, 0);
  test (a)->clean_up = keep_cleaning;
  jobs_engine_shutdown_async (engine, NULL, shut_down_cb, &error);
  spin_until (error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_engine_shutdown_async (engine, NULL, shut_down_cb, &error);
  spin_until (error != NULL);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_clear_error (&error);
  complete (a);
  spin_until (test (a)->cleaning != NULL);
  jobs_engine_shutdown_async (engine, NULL, shut_down_cb, &error);
  spin_until (error != NULL);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_clear_error (&error);
  clean (a);
  end_well (&run, engine);
  jobs_engine_shutdown_async (engine, NULL, shut_down_cb, &error);
  spin_until (error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_cmpuint (test (a)->n_clean_ups, ==, 1);

  g_assert_finalize_object (engine);
}

static void
test_verdict (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_tidy (engine, "a", fail);
  JobsAction *b = add_tidy (engine, "b", NULL);

  g_test_summary ("A failed run keeps its own error, however the clean-up ends");

  test (b)->clean_up = fail;
  jobs_action_requires (b, a);
  run_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_true (jobs_engine_get_culprit (engine) == a);
  g_assert_cmpuint (test (a)->n_clean_ups, ==, 1);
  g_assert_cmpuint (test (b)->n_clean_ups, ==, 1);
  assert_failures (engine, "b: no luck");

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/shutdown/once", test_once);
  g_test_add_func ("/jobs/shutdown/order", test_order);
  g_test_add_func ("/jobs/shutdown/at-once", test_at_once);
  g_test_add_func ("/jobs/shutdown/deadline", test_deadline);
  g_test_add_func ("/jobs/shutdown/failures", test_failures);
  g_test_add_func ("/jobs/shutdown/cancelled", test_cancelled);
  g_test_add_func ("/jobs/shutdown/nested", test_nested);
  g_test_add_func ("/jobs/shutdown/resources", test_resources);
  g_test_add_func ("/jobs/shutdown/by-hand", test_by_hand);
  g_test_add_func ("/jobs/shutdown/verdict", test_verdict);

  return test_run ();
}
