/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <float.h>
#include <math.h>

#include "test-support.h"

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           GString    *names)
{
  g_string_append_printf (names, "%s ", pspec->name);
}

static void
assert_notified (GString    *names,
                 const char *expected)
{
  g_assert_cmpstr (names->str, ==, expected);
  g_string_truncate (names, 0);
}

static void
test_policy (void)
{
  static const struct
  {
    const char *name;
    int         before;
    int         after;
  } properties[] = {
    { "critical", TRUE, FALSE },
    { "forever", FALSE, TRUE },
    { "timeout", 0, 100 },
    { "retries", 0, 2 },
    { "retry-delay", 0, 30 },
    { "retry-delay-max", 60000, 40 },
    { "priority", 0, -7 },
  };
  JobsAction *action = add (NULL, NULL, NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  g_test_summary ("Each property has its default, is what it was set to, and notifies of changes only");

  g_signal_connect (action, "notify", G_CALLBACK (notify_cb), names);
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      const char *name = properties[i].name;
      g_autofree char *expected = g_strconcat (name, " ", NULL);
      int value;

      g_object_get (action, name, &value, NULL);
      g_assert_cmpint (value, ==, properties[i].before);
      g_object_set (action, name, properties[i].before, NULL);
      assert_notified (names, "");
      g_object_set (action, name, properties[i].after, NULL);
      assert_notified (names, expected);
      g_object_get (action, name, &value, NULL);
      g_assert_cmpint (value, ==, properties[i].after);
      g_object_set (action, name, properties[i].after, NULL);
      assert_notified (names, "");
    }

  g_assert_false (jobs_action_get_critical (action));
  g_assert_true (jobs_action_get_forever (action));
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 100);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 2);
  g_assert_cmpuint (jobs_action_get_retry_delay (action), ==, 30);
  g_assert_cmpuint (jobs_action_get_retry_delay_max (action), ==, 40);
  g_assert_cmpint (jobs_action_get_priority (action), ==, -7);

  g_assert_finalize_object (action);
}

static void
test_label (void)
{
  static const char *const labels[] = { "", "a b", "naïve", "構築", "a/b", "`'<>\n", "\xf0\x9f\x92\xa1" };
  JobsAction *action = add (NULL, NULL, NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  g_test_summary ("A label is any text in UTF-8, and nothing else; details likewise");

  g_assert_null (jobs_action_get_label (action));
  g_assert_null (jobs_action_get_details (action));
  assert_text (jobs_action_dup_display_label (action), NULL);
  assert_text (jobs_action_dup_path (action), "NO_LABEL");
  g_signal_connect (action, "notify", G_CALLBACK (notify_cb), names);
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      g_autofree char *text = g_strdup_printf ("<Action `%s' IDLE>", labels[i]);

      jobs_action_set_label (action, labels[i]);
      assert_notified (names, "label ");
      g_assert_cmpstr (jobs_action_get_label (action), ==, labels[i]);
      assert_text (jobs_action_to_string (action), text);
      g_object_set (action, "details", labels[i], "label", labels[i], NULL);
      assert_notified (names, "details ");
      g_assert_cmpstr (jobs_action_get_details (action), ==, labels[i]);
      assert_text (jobs_action_dup_display_details (action), labels[i]);
    }

  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*g_utf8_validate*");
  jobs_action_set_label (action, "\xff");
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*g_utf8_validate*");
  jobs_action_set_details (action, "a\xc3");
  g_test_assert_expected_messages ();
  g_assert_cmpstr (jobs_action_get_label (action), ==, "\xf0\x9f\x92\xa1");
  assert_notified (names, "");
  jobs_action_set_label (action, NULL);
  assert_text (jobs_action_to_string (action), "<Action `NO_LABEL' IDLE>");

  g_assert_finalize_object (action);
}

static void
test_to_string (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, NULL, NULL);
  JobsAction *c = add (engine, "c", succeed);
  JobsAction *d = add (engine, "d", NULL);
  JobsAction *e = add (engine, "e", NULL);
  JobsAction *f = add (engine, "f", fail);
  JobsAction *g = add (engine, "g", NULL);
  Run run;

  g_test_summary ("An action says in one line what became of it, in each state");

  jobs_engine_set_window (engine, 3);
  jobs_action_requires (c, a);
  jobs_action_requires (c, b);
  jobs_action_set_critical (b, FALSE);
  jobs_action_set_critical (d, FALSE);
  jobs_action_set_critical (f, FALSE);
  jobs_action_set_critical (g, FALSE);
  jobs_action_set_timeout (g, 1);
  test (d)->stop = ignore;
  g_assert_true (jobs_action_requires_full (e, a, JOBS_CONDITION_FAILURE, NULL));
  assert_text (jobs_action_to_string (a), "<Action `a' IDLE>");
  assert_text (jobs_action_to_string (c), "<Action `c' IDLE - [requires [a] [NO_LABEL]]>");

  begin (&run, engine, NULL);
  spin_until (test (d)->attempt != NULL && jobs_action_get_state (f) == JOBS_STATE_SCHEDULED);
  assert_text (jobs_action_to_string (a), "<Action `a' pending - [allows [c] [e]]>");
  assert_text (jobs_action_to_string (b), "<Action `NO_LABEL' pending - [allows [c]]>");
  assert_text (jobs_action_to_string (c),
               "<Action `c' IDLE - [requires [a] [NO_LABEL]]>");
  assert_text (jobs_action_to_string (f), "<Action `f' scheduled>");
  jobs_action_cancel (d);
  assert_text (jobs_action_to_string (d), "<Action `d' cancelling>");
  complete (d);
  complete (a);
  jobs_action_cancel (b);
  end_well (&run, engine);
  g_clear_object (&test (b)->attempt);
  g_clear_object (&test (g)->attempt);

  assert_text (jobs_action_to_string (a), "<Action `a' finished -> None - [allows [c] [e]]>");
  assert_text (jobs_action_to_string (b), "<Action `NO_LABEL' cancelled !! cancelled - [allows [c]]>");
  assert_text (jobs_action_to_string (c), "<Action `c' finished -> None - [requires [a] [NO_LABEL]]>");
  assert_text (jobs_action_to_string (d), "<Action `d' finished -> None>");
  assert_text (jobs_action_to_string (e), "<Action `e' skipped - [requires [a]]>");
  assert_text (jobs_action_to_string (f), "<Action `f' failed !! no luck>");
  assert_text (jobs_action_to_string (g), "<Action `g' timed-out !! timed out after 0.001 s>");

  g_assert_finalize_object (engine);
}

static void
assert_result (const GValue *value,
               const char   *expected)
{
  JobsAction *action = add (NULL, "x", NULL);
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *line = g_strdup_printf ("<Action `x' finished -> %s>", expected);
  Run run;

  g_assert_true (jobs_engine_add (engine, action));
  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  g_assert_null (jobs_action_get_result (action));
  jobs_attempt_complete (test (action)->attempt, value);
  g_clear_object (&test (action)->attempt);
  end_well (&run, engine);
  assert_text (jobs_action_to_string (action), line);
  if (strcmp (expected, "None") != 0)
    g_assert_true (G_VALUE_TYPE (jobs_action_get_result (action)) == G_VALUE_TYPE (value));

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
}

static void
assert_number (double      number,
               const char *expected)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  assert_result (&value, expected);
  if (!isnan (number))
    g_assert_true (g_ascii_strtod (expected, NULL) == number);
}

static void
test_doubles (void)
{
  g_test_summary ("A double is shown in the shortest form that is this number, with a point");

  assert_number (1500.0, "1500.0");
  assert_number (0.0, "0.0");
  assert_number (-0.0, "-0.0");
  assert_number (-2.5, "-2.5");
  assert_number (0.1, "0.1");
  assert_number (0.1 + 0.2, "0.30000000000000004");
  assert_number (1.0 / 3.0, "0.3333333333333333");
  assert_number (1e15, "1000000000000000.0");
  assert_number (123456789012345680.0, "1.2345678901234568e+17");
  assert_number (1e100, "1e+100");
  assert_number (1e-5, "1e-05");
  assert_number (0.0001, "0.0001");
  assert_number (5e-324, "5e-324");
  assert_number (DBL_MAX, "1.7976931348623157e+308");
  assert_number (INFINITY, "inf");
  assert_number (-INFINITY, "-inf");
  assert_number (NAN, "nan");
}

#define assert_value(type, setter, what, expected) \
  G_STMT_START { \
    GValue the_value = G_VALUE_INIT; \
    g_value_init (&the_value, type); \
    setter (&the_value, what); \
    assert_result (&the_value, expected); \
    g_value_unset (&the_value); \
  } G_STMT_END

static void
test_results (void)
{
  static const char *const strings[] = { "a", "b", NULL };
  GValue value = G_VALUE_INIT;

  g_test_summary ("A result may be of any type; no value, of no type or a null pointer, is none");

  assert_result (NULL, "None");
  assert_result (&value, "None");
  assert_value (G_TYPE_POINTER, g_value_set_pointer, NULL, "None");
  assert_value (G_TYPE_STRING, g_value_set_string, NULL, "None");
  assert_value (G_TYPE_STRING, g_value_set_string, "text", "text");
  assert_value (G_TYPE_STRING, g_value_set_string, "", "");
  assert_value (G_TYPE_BOOLEAN, g_value_set_boolean, TRUE, "True");
  assert_value (G_TYPE_BOOLEAN, g_value_set_boolean, FALSE, "False");
  assert_value (G_TYPE_INT, g_value_set_int, G_MININT, "-2147483648");
  assert_value (G_TYPE_UINT, g_value_set_uint, G_MAXUINT, "4294967295");
  assert_value (G_TYPE_INT64, g_value_set_int64, G_MININT64, "-9223372036854775808");
  assert_value (G_TYPE_UINT64, g_value_set_uint64, G_MAXUINT64, "18446744073709551615");
  assert_value (G_TYPE_LONG, g_value_set_long, -1, "-1");
  assert_value (G_TYPE_ULONG, g_value_set_ulong, 1, "1");
  assert_value (G_TYPE_CHAR, g_value_set_schar, 7, "7");
  assert_value (G_TYPE_UCHAR, g_value_set_uchar, 200, "200");
  assert_value (G_TYPE_FLOAT, g_value_set_float, 1.5f, "1.5");
  assert_value (JOBS_TYPE_STATE, g_value_set_enum, JOBS_STATE_FAILED, "JOBS_STATE_FAILED");
  assert_value (G_TYPE_VARIANT, g_value_take_variant, g_variant_ref_sink (g_variant_new ("(is)", 1, "x")),
                "(1, 'x')");
  assert_value (G_TYPE_STRV, g_value_set_static_boxed, strings, "[\"a\", \"b\"]");
}

static void
test_result_objects (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue value = G_VALUE_INIT;
  Run run;

  g_test_summary ("A result that is an object is kept until the next run, and no longer");

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_attempt_complete (test (a)->attempt, &value);
  g_clear_object (&test (a)->attempt);
  g_value_unset (&value);
  g_assert_cmpuint (object->ref_count, ==, 2);
  end_well (&run, engine);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_assert_true (g_value_get_object (jobs_action_get_result (a)) == object);

  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  g_assert_null (jobs_action_get_result (a));
  g_assert_cmpuint (object->ref_count, ==, 1);
  complete (a);
  end_well (&run, engine);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (object);
}

static gboolean
take (JobsAction *action,
      gpointer    data,
      GError    **error)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, GPOINTER_TO_INT (data) - 1);
  jobs_action_take_result (action, &value);
  g_value_set_int (&value, GPOINTER_TO_INT (data));
  jobs_action_take_result (action, &value);

  return TRUE;
}

static void
test_take_result (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add_callback (engine, "a", take, GINT_TO_POINTER (42));

  g_test_summary ("What a perform gives last is the result");

  run_well (engine);
  g_assert_cmpint (g_value_get_int (jobs_action_get_result (a)), ==, 42);
  assert_text (jobs_action_to_string (a), "<Action `a' finished -> 42>");
  run_well (engine);
  assert_text (jobs_action_to_string (a), "<Action `a' finished -> 42>");

  g_assert_finalize_object (engine);
}

static void
test_life (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  gint64 before = g_get_monotonic_time ();
  gint64 start_time, end_time;
  g_autoptr (JobsEngine) its_engine = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  JobsState state;
  guint attempts;
  double progress;
  Run run;

  g_test_summary ("What is known of an action's life is in properties, which notify when they change");

  jobs_action_set_critical (a, FALSE);
  g_object_get (a, "start-time", &start_time, "end-time", &end_time, "state", &state,
                "attempts", &attempts, "progress", &progress, "message", &message,
                "error", &error, "engine", &its_engine, NULL);
  g_assert_cmpint (start_time, ==, 0);
  g_assert_cmpint (end_time, ==, 0);
  g_assert_cmpint (state, ==, JOBS_STATE_IDLE);
  g_assert_cmpuint (attempts, ==, 0);
  g_assert_cmpfloat (progress, <, 0.0);
  g_assert_null (message);
  g_assert_null (error);
  g_assert_true (its_engine == engine);

  g_signal_connect (a, "notify", G_CALLBACK (notify_cb), names);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  assert_notified (names, "start-time attempts state ");
  jobs_attempt_report (test (a)->attempt, 0.25, "a quarter");
  spin_until (jobs_action_get_message (a) != NULL);
  assert_notified (names, "progress message ");
  jobs_attempt_fail_message (test (a)->attempt, "oh");
  g_clear_object (&test (a)->attempt);
  end_well (&run, engine);
  assert_notified (names, "end-time error state ");

  g_object_get (a, "start-time", &start_time, "end-time", &end_time, "state", &state,
                "attempts", &attempts, "progress", &progress, "message", &message,
                "error", &error, NULL);
  g_assert_cmpint (start_time, >=, before);
  g_assert_cmpint (end_time, >=, start_time);
  g_assert_cmpint (end_time, <=, g_get_monotonic_time ());
  g_assert_cmpint (state, ==, JOBS_STATE_FAILED);
  g_assert_cmpuint (attempts, ==, 1);
  g_assert_cmpfloat (progress, ==, 0.25);
  g_assert_cmpstr (message, ==, "a quarter");
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_FAILED);
  g_assert_true (jobs_action_is_done (a));
  g_assert_true (jobs_action_is_ended (a));
  g_assert_false (jobs_action_is_ready (a));

  jobs_engine_remove (engine, g_object_ref (a));
  assert_notified (names, "engine ");
  g_assert_null (jobs_action_get_engine (a));

  g_assert_true (jobs_engine_add (engine, a));
  assert_notified (names, "engine ");
  g_assert_true (jobs_engine_remove (engine, a));
  g_clear_object (&its_engine);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (a);
}

static void
assert_requirements (JobsAction *action,
                     const char *labels)
{
  g_autoptr (GPtrArray) found = jobs_action_dup_requirements (action);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    g_string_append (text, jobs_action_get_label (found->pdata[i]));
  g_assert_cmpstr (text->str, ==, labels);
}

static void
test_requirements (void)
{
  JobsAction *a = add (NULL, "a", succeed);
  JobsAction *b = add (NULL, "b", succeed);
  JobsAction *c = add (NULL, "c", succeed);
  g_autoptr (GError) error = NULL;
  JobsCondition condition;

  g_test_summary ("One requirement for each pair; a later condition counts. NULL is harmless, and so "
                  "is the action itself, which is told");

  expect_log ("a cannot require itself");
  jobs_action_requires (a, a);
  assert_logged ();
  g_assert_false (jobs_action_requires_full (a, a, JOBS_CONDITION_AFTER, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  jobs_action_requires (a, NULL);
  assert_requirements (a, "");
  g_assert_false (jobs_action_get_requirement (a, a, NULL));

  jobs_action_requires (c, b);
  jobs_action_requires (c, a);
  jobs_action_requires (c, b);
  assert_requirements (c, "ba");
  g_assert_true (jobs_action_requires_full (c, b, JOBS_CONDITION_READY, NULL));
  assert_requirements (c, "ba");
  g_assert_true (jobs_action_get_requirement (c, b, &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_READY);
  jobs_action_requires (c, b);
  g_assert_true (jobs_action_get_requirement (c, b, &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_DONE);

  g_assert_true (jobs_action_drop_requirement (c, b));
  g_assert_false (jobs_action_drop_requirement (c, b));
  assert_requirements (c, "a");
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*condition*");
  g_assert_false (jobs_action_requires_full (c, b, 17, NULL));
  g_test_assert_expected_messages ();
  assert_requirements (c, "a");

  /* What is required is kept alive */
  g_object_unref (b);
  g_object_add_weak_pointer (G_OBJECT (a), (gpointer *) &a);
  g_object_unref (a);
  g_assert_nonnull (a);
  g_assert_finalize_object (c);
  g_assert_null (a);
}

static void
test_many_requirements (void)
{
  JobsAction *last = add (NULL, "last", succeed);
  JobsAction *actions[100];
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GPtrArray) found = NULL;
  JobsCondition condition;

  g_test_summary ("Many requirements outside of an engine, dropped and changed at any place");

  for (guint i = 0; i < 100; i++)
    {
      actions[i] = add (engine, NULL, succeed);
      jobs_action_requires (last, actions[i]);
    }
  for (guint i = 0; i < 100; i += 3)
    g_assert_true (jobs_action_drop_requirement (last, actions[i]));
  for (guint i = 0; i < 100; i += 2)
    g_assert_true (jobs_action_requires_full (last, actions[i], JOBS_CONDITION_SUCCESS, NULL));
  g_assert_true (jobs_engine_add (engine, last));
  for (guint i = 0; i < 100; i++)
    {
      gboolean is_there = i % 2 == 0 || i % 3 != 0;

      g_assert_cmpint (jobs_action_get_requirement (last, actions[i], &condition), ==, is_there);
      if (is_there)
        g_assert_cmpint (condition, ==, i % 2 == 0 ? JOBS_CONDITION_SUCCESS : JOBS_CONDITION_DONE);
    }
  run_well (engine);
  for (guint i = 0; i < 100; i++)
    if (i % 2 == 0 || i % 3 != 0)
      g_assert_cmpint (jobs_action_get_start_time (last), >=, jobs_action_get_end_time (actions[i]));
  found = jobs_action_dup_requirements (last);
  g_assert_cmpuint (found->len, ==, 83);
  g_clear_pointer (&found, g_ptr_array_unref);

  g_object_unref (last);
  g_assert_finalize_object (engine);
}

static gboolean
note_start_cb (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  note (jobs_action_get_label (action));

  return succeed (action, attempt, error);
}

static JobsAction *
note_start (JobsEngine *engine,
            const char *label)
{
  return add (engine, label, note_start_cb);
}

static void
test_entering (void)
{
  /* In which order a, b, c come in, and the requirements c → b → a are made */
  static const char *const orders[] = {
    "abc<-", "<-abc", "cba<-", "<-cba", "a<b-c", "c-b<a", "<a-bc", "b<-ca", "c<a-b", "-c<ba", "bc-a<",
  };

  g_test_summary ("Requirements hold whenever they are made, before actions enter an engine or after");

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      JobsEngine *engine = jobs_engine_new ();
      JobsAction *actions[3];

      for (guint j = 0; j < 3; j++)
        actions[j] = note_start (NULL, (char[]) { 'a' + j, '\0' });
      for (const char *step = orders[i]; *step != '\0'; step++)
        switch (*step)
          {
          case '<':
            jobs_action_requires (actions[1], actions[0]);
            break;
          case '-':
            jobs_action_requires (actions[2], actions[1]);
            break;
          default:
            g_assert_true (jobs_engine_add (engine, actions[*step - 'a']));
          }
      for (guint j = 0; j < 3; j++)
        g_object_unref (actions[j]);
      assert_requirements (actions[0], "");
      assert_requirements (actions[1], "a");
      assert_requirements (actions[2], "b");

      run_well (engine);
      assert_diary ("a b c ");
      assert_text (jobs_action_to_string (actions[1]),
                   "<Action `b' finished -> None - [requires [a]] - [allows [c]]>");
      g_assert_true (jobs_action_drop_requirement (actions[2], actions[1]));
      assert_requirements (actions[2], "");
      g_assert_finalize_object (engine);
    }
}

static void
test_moving (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *other = jobs_engine_new ();
  JobsAction *a = note_start (engine, "a");
  JobsAction *b = note_start (NULL, "b");

  g_test_summary ("Requirements go along into another engine");

  g_assert_true (jobs_engine_add (engine, b));
  jobs_action_requires (b, a);
  g_object_ref (a);
  g_assert_true (jobs_engine_remove (engine, b));
  g_assert_true (jobs_engine_remove (engine, a));
  g_assert_true (jobs_engine_add (other, b));
  g_assert_true (jobs_engine_add (other, a));
  g_object_unref (a);
  g_object_unref (b);
  assert_requirements (b, "a");
  run_well (other);
  assert_diary ("a b ");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (other);
}

static void
test_too_late (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", succeed);
  JobsAction *c = add (engine, "c", succeed);
  JobsAction *outside = add (NULL, "outside", succeed);
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("One that has started gets no requirement more; one on what has ended is judged at once");

  jobs_action_requires (c, a);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && jobs_action_is_ended (b));

  g_assert_false (jobs_action_requires_full (a, c, JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_STARTED);
  g_clear_error (&error);
  g_assert_false (jobs_action_requires_full (b, a, JOBS_CONDITION_AFTER, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_STARTED);
  g_clear_error (&error);
  expect_log ("it has started: it is too late for a requirement");
  jobs_action_requires (a, c);
  assert_logged ();
  g_assert_false (jobs_action_requires_full (c, outside, JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_DANGLING);
  g_clear_error (&error);
  assert_requirements (a, "");
  assert_requirements (c, "a");

  g_assert_true (jobs_action_requires_full (c, b, JOBS_CONDITION_FAILURE, NULL));
  spin_until (jobs_action_is_ended (c));
  assert_state (c, JOBS_STATE_SKIPPED);
  complete (a);
  end_well (&run, engine);

  /* After the run the next one counts */
  g_assert_true (jobs_action_requires_full (a, b, JOBS_CONDITION_DONE, NULL));
  g_assert_finalize_object (engine);
  g_assert_finalize_object (outside);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/action/policy", test_policy);
  g_test_add_func ("/jobs/action/label", test_label);
  g_test_add_func ("/jobs/action/to-string", test_to_string);
  g_test_add_func ("/jobs/action/doubles", test_doubles);
  g_test_add_func ("/jobs/action/results", test_results);
  g_test_add_func ("/jobs/action/result-objects", test_result_objects);
  g_test_add_func ("/jobs/action/take-result", test_take_result);
  g_test_add_func ("/jobs/action/life", test_life);
  g_test_add_func ("/jobs/action/requirements", test_requirements);
  g_test_add_func ("/jobs/action/many-requirements", test_many_requirements);
  g_test_add_func ("/jobs/action/entering", test_entering);
  g_test_add_func ("/jobs/action/moving", test_moving);
  g_test_add_func ("/jobs/action/too-late", test_too_late);

  return test_run ();
}
