/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <string.h>

/* An action that fails where its label begins so, else gives a number */
#define TEST_TYPE_DEED (test_deed_get_type ())
G_DECLARE_FINAL_TYPE (TestDeed, test_deed, TEST, DEED, JobsAction)

struct _TestDeed
{
  JobsAction parent_instance;
};

G_DEFINE_FINAL_TYPE (TestDeed, test_deed, JOBS_TYPE_ACTION)

static gboolean
test_deed_start (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  const char *label = jobs_action_get_label (action);
  GValue value = G_VALUE_INIT;

  if (label != NULL && g_str_has_prefix (label, "fail"))
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_EXITED, "no luck\nwith %s", label);
      return FALSE;
    }

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 42);
  jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);

  return TRUE;
}

static void
test_deed_class_init (TestDeedClass *klass)
{
  JOBS_ACTION_CLASS (klass)->start = test_deed_start;
}

static void
test_deed_init (TestDeed *self)
{
}

static JobsAction *
add (JobsEngine *engine,
     const char *label,
     const char *requires)
{
  g_autoptr (JobsAction) action = g_object_new (TEST_TYPE_DEED, "label", label, NULL);

  g_assert_true (jobs_engine_add (engine, action));
  if (requires != NULL)
    jobs_action_requires (action, jobs_engine_lookup (engine, requires));

  return action;
}

static JobsEngine *
add_engine (JobsEngine *engine,
            const char *label)
{
  g_autoptr (JobsEngine) inner = jobs_engine_new ();

  jobs_action_set_label (JOBS_ACTION (inner), label);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));

  return inner;
}

static void
assert_text (char       *text,
             const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
assert_part (const char *text,
             const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("No “%s” in:\n%s", part, text);
}

static void
test_stats (void)
{
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("Counts before a run, after one that went well, and after one that did not");

  assert_text (jobs_engine_dup_stats (engine), "0D + 0R + 0I = 0");
  add (engine, "a", NULL);
  add (engine, "b", "a");
  assert_text (jobs_engine_dup_stats (engine), "0D + 0R + 2I = 2");
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  assert_text (jobs_engine_dup_stats (engine), "2D + 0R + 0I = 2");

  add (engine, "fail", "b");
  add (engine, "c", "fail");
  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  assert_text (jobs_engine_dup_stats (engine), "3D + 0R + 0I + 1S = 4");

  g_assert_finalize_object (engine);
}

static void
test_list (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *last, *outside = g_object_new (TEST_TYPE_DEED, "label", "x", NULL);

  g_test_summary ("One line for each action, in order, with what it requires");

  assert_text (jobs_engine_dup_list (engine, TRUE), "");

  last = add (engine, "last", NULL);
  add (engine, "first", NULL);
  jobs_action_requires (last, jobs_engine_lookup (engine, "first"));
  jobs_action_set_details (last, "two\nlines\n");
  jobs_action_set_critical (last, FALSE);
  inner = add_engine (engine, "in");
  jobs_action_requires_full (JOBS_ACTION (inner), last, JOBS_CONDITION_SUCCESS, NULL);
  add (inner, "more\nlines\033[1m", NULL);
  jobs_action_set_forever (add (inner, NULL, NULL), TRUE);

  assert_text (jobs_engine_dup_list (engine, FALSE),
               "1 idle       first\n"
               "2 idle       last  not critical  requires 1\n"
               "3 idle       in/  requires 2 (success)\n"
               "4 idle         more lines [1m\n"
               "5 idle         NO_LABEL  forever\n");
  assert_text (jobs_engine_dup_list (JOBS_ENGINE (inner), TRUE),
               "1 idle       more lines [1m\n"
               "2 idle       NO_LABEL  forever\n");

  for (guint i = 0; i < 5; i++)
    add (inner, "z", NULL);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  {
    g_autofree char *list = jobs_engine_dup_list (engine, TRUE);

    assert_part (list, "01 finished   first\n"
                       "02 finished   last  not critical  requires 01\n"
                       "                two\n"
                       "                lines\n"
                       "03 finished   in/  requires 02 (success)\n");
    assert_part (list, "\n10 finished     z\n");
  }

  /* A circle is listed too, and so is what is outside */
  jobs_engine_clear (inner);
  jobs_action_requires (jobs_engine_lookup (engine, "first"), last);
  assert_text (jobs_engine_dup_list (engine, FALSE),
               "1 finished   last  not critical  requires 2\n"
               "2 finished   first  requires 1\n"
               "3 finished   in/  requires 1 (success)\n");
  jobs_engine_clear (engine);
  jobs_action_requires (add (engine, "a", NULL), outside);
  assert_text (jobs_engine_dup_list (engine, FALSE), "1 idle       a  requires “x”\n");

  jobs_engine_sanitize (engine);
  g_assert_finalize_object (outside);
  g_assert_finalize_object (engine);
}

static void
test_debrief_abort (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  g_autofree char *text = NULL;
  g_autofree char *why = NULL;
  g_autofree char *first = NULL;

  g_test_summary ("A debrief names the first failure, why, and what did not run because of it");

  add (engine, "a", NULL);
  inner = add_engine (engine, "in");
  jobs_action_requires (JOBS_ACTION (inner), jobs_engine_lookup (engine, "a"));
  add (inner, "fail", NULL);
  add (inner, "never", "fail");
  add (engine, "neither", "in");

  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  text = jobs_engine_debrief (engine);
  why = jobs_engine_why (engine);
  first = g_strdup_printf ("%s\nin/fail failed: no luck with fail\n"
                           "  and so these did not come to their end: in/never\n", why);
  g_assert_true (g_str_has_prefix (text, first));
  assert_part (text, "in/never");
  assert_part (text, "neither");
  g_assert_true (g_str_has_suffix (text, ": 4 actions\n"));
  assert_part (text, "1 finished, 1 failed, ");

  g_assert_finalize_object (engine);
}

static void
test_debrief_keep_going (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *text = NULL;
  char label[] = "skipped-00";

  g_test_summary ("Of very many names only the first are told; all failures are");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_action_set_critical (add (engine, "fail-gently", NULL), FALSE);
  add (engine, "fail-hard", NULL);
  add (engine, "fail-hard-too", NULL);
  for (guint i = 0; i < 50; i++)
    {
      g_snprintf (label, sizeof label, "skipped-%02u", i);
      add (engine, label, "fail-hard");
    }

  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  text = jobs_engine_debrief (engine);
  assert_part (text, "\nfail-hard failed: no luck with fail-hard\n"
                     "  and so these did not come to their end: skipped-00, skipped-01, ");
  assert_part (text, ", skipped-19 and 30 more\n");
  assert_part (text, "\nfail-hard-too failed: no luck with fail-hard-too\n");
  assert_part (text, "\nfail-gently, which is not critical, failed: no luck");
  g_assert_null (strstr (text, "Cancelled:"));
  assert_part (text, "\n3 failed, 50 skipped: 53 actions\n");

  g_assert_finalize_object (engine);
}

static void
test_debrief_well (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *text = NULL;

  g_test_summary ("Where all went well there is little to tell");

  add (engine, "a", NULL);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  text = jobs_engine_debrief (engine);
  g_assert_true (g_str_has_suffix (text, "\n1 finished: 1 action\n"));
  g_assert_null (strstr (text, "failed"));

  g_assert_finalize_object (engine);
}

static GVariant *
find_action (GVariant *report,
             guint     index)
{
  g_autoptr (GVariant) actions = g_variant_lookup_value (report, "actions", G_VARIANT_TYPE ("aa{sv}"));

  g_assert_nonnull (actions);
  g_assert_cmpuint (index, <, g_variant_n_children (actions));

  return g_variant_get_child_value (actions, index);
}

static void
assert_string (GVariant   *dict,
               const char *key,
               const char *expected)
{
  const char *value = NULL;

  g_variant_lookup (dict, key, "&s", &value);
  g_assert_cmpstr (value, ==, expected);
}

static void
test_report (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  g_autoptr (GVariant) report = NULL, a = NULL, in = NULL, failed = NULL, error = NULL, requires = NULL;
  g_autoptr (GVariant) result = NULL;
  gboolean success = TRUE, critical = TRUE;
  gint64 start = 0, end = 0, duration = -1;
  guint32 version = 0, number, n_failed = 0;
  const char *condition;
  gint32 code = -1;

  g_test_summary ("The report has all about the run, nested engines inside");

  jobs_action_set_label (JOBS_ACTION (engine), "main");
  add (engine, "a", NULL);
  inner = add_engine (engine, "in");
  jobs_action_requires_full (JOBS_ACTION (inner), jobs_engine_lookup (engine, "a"), JOBS_CONDITION_SUCCESS, NULL);
  jobs_action_set_critical (add (inner, "fail", NULL), FALSE);
  add (inner, "fail too", NULL);

  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  report = jobs_engine_dup_report (engine);
  g_assert_false (g_variant_is_floating (report));
  g_assert_cmpstr (g_variant_get_type_string (report), ==, "a{sv}");
  g_assert_true (g_variant_lookup (report, "version", "u", &version));
  g_assert_cmpuint (version, ==, 1);
  g_assert_true (g_variant_lookup (report, "success", "b", &success));
  g_assert_false (success);
  assert_string (report, "label", "main");
  assert_string (report, "type", "JobsEngine");
  assert_string (report, "on-failure", "abort");

  a = find_action (report, 0);
  assert_string (a, "path", "a");
  assert_string (a, "state", "finished");
  assert_string (a, "type", "TestDeed");
  g_assert_true (g_variant_lookup (a, "start-time", "x", &start));
  g_assert_true (g_variant_lookup (a, "end-time", "x", &end));
  g_assert_true (g_variant_lookup (a, "duration", "x", &duration));
  g_assert_cmpint (start, >, 0);
  g_assert_cmpint (end, >=, start);
  g_assert_cmpint (duration, ==, end - start);
  result = g_variant_lookup_value (a, "result", G_VARIANT_TYPE_INT32);
  g_assert_nonnull (result);
  g_assert_cmpint (g_variant_get_int32 (result), ==, 42);
  g_assert_false (g_variant_lookup (a, "error", "*", NULL));

  in = find_action (report, 1);
  assert_string (in, "state", "failed");
  requires = g_variant_lookup_value (in, "requires", G_VARIANT_TYPE ("a(us)"));
  g_assert_cmpuint (g_variant_n_children (requires), ==, 1);
  g_variant_get_child (requires, 0, "(u&s)", &number, &condition);
  g_assert_cmpuint (number, ==, 1);
  g_assert_cmpstr (condition, ==, "success");
  g_clear_pointer (&requires, g_variant_unref);
  requires = g_variant_lookup_value (in, "counts", G_VARIANT_TYPE ("a{su}"));
  g_assert_true (g_variant_lookup (requires, "failed", "u", &n_failed));
  g_assert_cmpuint (n_failed, ==, 2);

  failed = find_action (in, 0);
  assert_string (failed, "path", "in/fail");
  g_assert_true (g_variant_lookup (failed, "critical", "b", &critical));
  g_assert_false (critical);
  error = g_variant_lookup_value (failed, "error", G_VARIANT_TYPE_VARDICT);
  assert_string (error, "message", "no luck\nwith fail");
  assert_string (error, "domain", g_quark_to_string (JOBS_ERROR));
  g_assert_true (g_variant_lookup (error, "code", "i", &code));
  g_assert_cmpint (code, ==, JOBS_ERROR_EXITED);

  g_assert_finalize_object (engine);
}

static void
test_report_deep (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine;
  g_autoptr (GVariant) report = NULL;
  g_autoptr (GVariant) copy = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_test_summary ("A report of deep nesting can be read by others, and is cut where it cannot");

  for (guint i = 0; i < 100; i++)
    inner = add_engine (inner, NULL);
  report = jobs_engine_dup_report (engine);
  bytes = g_variant_get_data_as_bytes (report);
  copy = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  g_assert_true (g_variant_is_normal_form (copy));
  g_assert_cmpvariant (report, copy);

  g_assert_finalize_object (engine);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/report/stats", test_stats);
  g_test_add_func ("/jobs/report/list", test_list);
  g_test_add_func ("/jobs/report/debrief-abort", test_debrief_abort);
  g_test_add_func ("/jobs/report/debrief-keep-going", test_debrief_keep_going);
  g_test_add_func ("/jobs/report/debrief-well", test_debrief_well);
  g_test_add_func ("/jobs/report/report", test_report);
  g_test_add_func ("/jobs/report/report-deep", test_report_deep);

  return g_test_run ();
}
