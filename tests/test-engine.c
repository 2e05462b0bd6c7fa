/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* The list of an engine, kept up to date by its signal alone */
typedef struct
{
  GPtrArray *items;
  guint      n_signals;
} Mirror;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  Mirror     *mirror)
{
  mirror->n_signals++;
  if (n_removed > 0)
    g_ptr_array_remove_range (mirror->items, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (mirror->items, (int) (position + i),
                        g_list_model_get_item (model, position + i));
}

static void
mirror_init (Mirror     *mirror,
             JobsEngine *engine)
{
  mirror->items = g_ptr_array_new_with_free_func (g_object_unref);
  mirror->n_signals = 0;
  g_signal_connect (engine, "items-changed", G_CALLBACK (items_changed_cb), mirror);
}

static void
assert_mirror (Mirror     *mirror,
               JobsEngine *engine,
               guint       n_signals)
{
  GListModel *model = G_LIST_MODEL (engine);

  g_assert_cmpuint (mirror->n_signals, ==, n_signals);
  mirror->n_signals = 0;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, mirror->items->len);
  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (model, i);

      g_assert_true (action == g_ptr_array_index (mirror->items, i));
    }
  g_assert_null (g_list_model_get_item (model, mirror->items->len));
}

static void
assert_items (JobsEngine *engine,
              const char *labels)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_string_append (found, jobs_action_get_label (action));
    }
  g_assert_cmpstr (found->str, ==, labels);
}

static void
test_members (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a, *b;
  Mirror mirror;

  g_test_summary ("Actions come and go, and the list says so at the right place");

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (engine)) == JOBS_TYPE_ACTION);
  mirror_init (&mirror, engine);
  assert_mirror (&mirror, engine, 0);

  a = add (engine, "a", succeed);
  assert_mirror (&mirror, engine, 1);
  b = add (engine, "b", succeed);
  add (engine, "c", succeed);
  assert_mirror (&mirror, engine, 2);
  g_assert_true (jobs_action_get_engine (a) == engine);
  g_assert_true (jobs_engine_contains (engine, a));

  /* Again is no change */
  g_assert_true (jobs_engine_add (engine, a));
  assert_mirror (&mirror, engine, 0);
  assert_items (engine, "abc");

  g_object_ref (b);
  g_assert_true (jobs_engine_remove (engine, b));
  assert_mirror (&mirror, engine, 1);
  assert_items (engine, "ac");
  g_assert_null (jobs_action_get_engine (b));
  g_assert_false (jobs_engine_contains (engine, b));
  g_assert_false (jobs_engine_remove (engine, b));
  assert_mirror (&mirror, engine, 0);

  /* One that comes back is the last one */
  g_assert_true (jobs_engine_add (engine, b));
  g_object_unref (b);
  assert_mirror (&mirror, engine, 1);
  assert_items (engine, "acb");
  g_assert_true (jobs_engine_remove (engine, a));
  assert_mirror (&mirror, engine, 1);
  assert_items (engine, "cb");
  add (engine, "d", succeed);
  g_assert_true (jobs_engine_remove (engine, b));
  add (engine, "e", succeed);
  assert_mirror (&mirror, engine, 3);
  assert_items (engine, "cde");

  run_well (engine);
  assert_mirror (&mirror, engine, 0);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, 3);

  g_ptr_array_unref (mirror.items);
  g_assert_finalize_object (engine);
}

static void
test_add_many (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *other = jobs_engine_new ();
  JobsAction *actions[5];
  Mirror mirror;

  g_test_summary ("Many come with one signal, each once; or none of them");

  for (guint i = 0; i < 4; i++)
    actions[i] = add (NULL, (char[]) { 'a' + i, '\0' }, succeed);
  actions[4] = actions[1];

  mirror_init (&mirror, engine);
  g_assert_true (jobs_engine_add_many (engine, NULL, 0));
  assert_mirror (&mirror, engine, 0);
  g_assert_true (jobs_engine_add (engine, actions[2]));
  g_assert_true (jobs_engine_add_many (engine, actions, 5));
  assert_mirror (&mirror, engine, 2);
  assert_items (engine, "cabd");

  g_assert_true (jobs_engine_remove (engine, actions[0]));
  g_assert_true (jobs_engine_remove (engine, actions[3]));
  assert_mirror (&mirror, engine, 2);
  expect_log ("cannot be added to an engine: it is in another engine");
  g_assert_false (jobs_engine_add_many (other, actions, 5));
  assert_logged ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (other)), ==, 0);
  g_assert_null (jobs_action_get_engine (actions[0]));
  assert_items (engine, "cb");

  g_ptr_array_unref (mirror.items);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (other);
  for (guint i = 0; i < 4; i++)
    g_assert_finalize_object (actions[i]);
}

static void
test_add_sequence (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsSequence *sequence = jobs_sequence_new ();
  JobsAction *a = add (NULL, "a", succeed);
  JobsAction *b = add (NULL, "b", succeed);
  JobsAction *c = add (NULL, "c", succeed);
  Mirror mirror;

  g_test_summary ("A sequence comes with its actions, those appended later too");

  mirror_init (&mirror, engine);
  g_assert_true (jobs_engine_add_sequence (engine, sequence));
  assert_mirror (&mirror, engine, 0);
  g_assert_true (jobs_sequence_append (sequence, a));
  g_assert_true (jobs_sequence_append (sequence, b));
  assert_mirror (&mirror, engine, 2);
  g_assert_true (jobs_sequence_append (sequence, c));
  assert_mirror (&mirror, engine, 1);
  assert_items (engine, "abc");
  g_assert_true (jobs_action_get_requirement (c, b, NULL));
  g_assert_true (jobs_action_get_requirement (b, a, NULL));

  g_ptr_array_unref (mirror.items);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (sequence);
  g_assert_finalize_object (c);
  g_assert_finalize_object (b);
  g_assert_finalize_object (a);
}

static void
test_refused (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *other = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsEngine *innermost = add_engine (inner, "innermost");
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *runs = add (other, "runs", NULL);
  Run run;

  g_test_summary ("An action is in one engine, no engine in itself, and none comes that runs");

  expect_log ("cannot be added to an engine: it is in another engine");
  g_assert_false (jobs_engine_add (other, a));
  g_assert_true (jobs_action_get_engine (a) == engine);

  expect_log ("cannot be added to an engine: it would be inside itself");
  g_assert_false (jobs_engine_add (engine, JOBS_ACTION (engine)));
  expect_log ("cannot be added to an engine: it would be inside itself");
  g_assert_false (jobs_engine_add (innermost, JOBS_ACTION (engine)));
  expect_log ("cannot be added to an engine: it is in another engine");
  g_assert_false (jobs_engine_add (innermost, JOBS_ACTION (inner)));

  begin (&run, other, NULL);
  spin_until (test (runs)->attempt != NULL);
  expect_log ("cannot be added to an engine: it runs");
  g_assert_false (jobs_engine_add (engine, JOBS_ACTION (other)));
  assert_logged ();
  complete (runs);
  end_well (&run, other);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (other)));

  g_object_unref (other);
  g_assert_finalize_object (engine);
}

static void
test_remove_running (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (NULL, "a", NULL);
  JobsAction *b = add (engine, "b", succeed);
  JobsAction *c = add (engine, "c", NULL);
  JobsAction *waits = add (NULL, "waits", succeed);
  Mirror mirror;
  Run run;

  g_test_summary ("A running action that is removed is cancelled, waited for, and skipped for those behind it");

  g_assert_true (jobs_engine_add (engine, a));
  g_assert_true (jobs_engine_add (engine, waits));
  mirror_init (&mirror, engine);
  g_ptr_array_add (mirror.items, g_object_ref (b));
  g_ptr_array_add (mirror.items, g_object_ref (c));
  g_ptr_array_add (mirror.items, g_object_ref (a));
  g_ptr_array_add (mirror.items, g_object_ref (waits));
  jobs_action_requires (b, a);
  jobs_action_requires (waits, c);
  test (a)->stop = ignore;

  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (c)->attempt != NULL);
  g_assert_true (jobs_engine_remove (engine, waits));
  assert_state (waits, JOBS_STATE_SKIPPED);
  g_assert_true (jobs_engine_remove (engine, a));
  g_assert_null (jobs_action_get_engine (a));
  assert_mirror (&mirror, engine, 2);
  assert_state (a, JOBS_STATE_CANCELLING);
  g_assert_cmpuint (test (a)->n_stops, ==, 1);
  expect_log ("cannot be added to an engine: it is under way");
  g_assert_false (jobs_engine_add (engine, a));
  spin_until (jobs_action_is_ended (b));
  assert_state (b, JOBS_STATE_FINISHED);
  g_assert_false (jobs_action_get_requirement (b, a, NULL));
  complete (c);
  settle ();

  /* The run waits for it, and its end makes no difference */
  g_assert_null (run.result);
  jobs_attempt_fail_message (test (a)->attempt, "late");
  g_clear_object (&test (a)->attempt);
  end_well (&run, engine);
  assert_state (a, JOBS_STATE_FAILED);
  g_assert_cmpuint (test (waits)->n_starts, ==, 0);

  g_assert_true (jobs_engine_add (engine, a));
  g_assert_true (jobs_engine_remove (engine, a));
  g_ptr_array_unref (mirror.items);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (waits);
  g_assert_finalize_object (a);
}

static void
test_remove_dangling (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (NULL, "a", succeed);
  JobsAction *b = add (engine, "b", succeed);
  JobsCondition condition;

  g_test_summary ("Between runs a requirement on a removed action dangles until it is back");

  g_assert_true (jobs_engine_add (engine, a));
  g_assert_true (jobs_action_requires_full (b, a, JOBS_CONDITION_SUCCESS, NULL));
  run_well (engine);
  g_assert_true (jobs_engine_remove (engine, a));
  g_assert_true (jobs_action_get_requirement (b, a, &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_SUCCESS);
  run_badly (engine, JOBS_ERROR, JOBS_ERROR_DANGLING);
  g_assert_true (jobs_engine_add (engine, a));
  run_well (engine);
  g_assert_cmpuint (test (b)->n_starts, ==, 2);
  g_assert_cmpint (jobs_action_get_start_time (b), >=, jobs_action_get_end_time (a));

  g_assert_finalize_object (engine);
  g_assert_finalize_object (a);
}

static void
test_lookup (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "tests");
  JobsAction *unit = add (inner, "unit", succeed);
  JobsAction *nameless, *last;

  g_test_summary ("Actions are found by their paths, and by their places where they have no label");

  nameless = add (engine, NULL, succeed);
  last = add (engine, NULL, succeed);
  add (inner, "unit", succeed);

  g_assert_true (jobs_engine_lookup (engine, "tests") == JOBS_ACTION (inner));
  g_assert_true (jobs_engine_lookup (engine, "tests/unit") == unit);
  g_assert_true (jobs_engine_lookup (inner, "unit") == unit);
  g_assert_null (jobs_engine_lookup (engine, "unit"));
  g_assert_null (jobs_engine_lookup (engine, "tests/"));
  g_assert_null (jobs_engine_lookup (engine, "tests/unit/"));
  g_assert_null (jobs_engine_lookup (engine, "/tests"));
  g_assert_null (jobs_engine_lookup (engine, ""));
  assert_text (jobs_action_dup_path (unit), "tests/unit");

  g_assert_true (jobs_engine_lookup (engine, "#2") == nameless);
  g_assert_true (jobs_engine_lookup (engine, "#3") == last);
  g_assert_null (jobs_engine_lookup (engine, "#1"));
  g_assert_null (jobs_engine_lookup (engine, "#4"));
  g_assert_true (jobs_engine_remove (engine, nameless));
  assert_text (jobs_action_dup_path (last), "#2");
  g_assert_true (jobs_engine_lookup (engine, "#2") == last);
  g_assert_null (jobs_engine_lookup (engine, "#3"));

  jobs_action_set_label (unit, "integration");
  g_assert_true (jobs_engine_lookup (engine, "tests/integration") == unit);
  g_assert_true (jobs_engine_lookup (engine, "tests/unit") != unit);
  g_assert_nonnull (jobs_engine_lookup (engine, "tests/unit"));
  jobs_action_set_label (last, "last");
  g_assert_true (jobs_engine_lookup (engine, "last") == last);
  jobs_action_set_label (last, NULL);
  g_assert_null (jobs_engine_lookup (engine, "last"));

  g_assert_finalize_object (engine);
}

static void
test_lookup_slashes (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "a/b");
  JobsEngine *shorter = add_engine (engine, "a");
  JobsAction *actions[] = {
    JOBS_ACTION (inner),
    JOBS_ACTION (shorter),
    add (engine, "x/y", succeed),
    add (inner, "c", succeed),
    add (inner, "c/d/", succeed),
    add (inner, "/", succeed),
    add (shorter, "c", succeed),
    add (shorter, "b/e", succeed),
  };

  g_test_summary ("Each action is found by its path, slashes in labels or not");

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *path = jobs_action_dup_path (actions[i]);

      g_assert_true (jobs_engine_lookup (engine, path) == actions[i]);
    }
  g_assert_null (jobs_engine_lookup (engine, "a/b/e/f"));
  g_assert_null (jobs_engine_lookup (engine, "x/y/"));

  g_assert_finalize_object (engine);
}

static void
test_count (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", fail);
  JobsAction *c = add (engine, "c", succeed);
  Run run;

  g_test_summary ("Each action counts in the state that it is in");

  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_IDLE), ==, 3);
  jobs_action_set_critical (b, FALSE);
  jobs_action_requires (c, a);
  begin (&run, engine, NULL);
  spin_until (jobs_action_is_ended (b));
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_IDLE), ==, 1);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, 1);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FAILED), ==, 1);
  complete (a);
  end_well (&run, engine);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, 2);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, 0);
  g_assert_true (jobs_engine_remove (engine, b));
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FAILED), ==, 0);

  g_assert_finalize_object (engine);
}

static void
test_clear (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (NULL, "a", succeed);
  JobsAction *b = add (NULL, "b", succeed);
  Mirror mirror;
  Run run;

  g_test_summary ("All go at once, with what they required of each other; the engine can be filled again");

  mirror_init (&mirror, engine);
  jobs_engine_clear (engine);
  assert_mirror (&mirror, engine, 0);

  g_assert_true (jobs_engine_add (engine, a));
  g_assert_true (jobs_engine_add (engine, b));
  jobs_action_requires (b, a);
  jobs_action_requires (a, b);
  assert_mirror (&mirror, engine, 2);
  jobs_engine_clear (engine);
  assert_mirror (&mirror, engine, 1);
  g_assert_null (jobs_action_get_engine (a));
  g_assert_false (jobs_action_get_requirement (a, b, NULL));
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_IDLE), ==, 0);
  g_assert_null (jobs_engine_lookup (engine, "a"));

  test (b)->start = NULL;
  g_assert_true (jobs_engine_add (engine, b));
  begin (&run, engine, NULL);
  spin_until (test (b)->attempt != NULL);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*!jobs_engine_is_active*");
  jobs_engine_clear (engine);
  g_test_assert_expected_messages ();
  g_assert_true (jobs_engine_contains (engine, b));
  complete (b);
  end_well (&run, engine);

  g_ptr_array_unref (mirror.items);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
}

static void
cleared_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_assert_true (jobs_engine_clear_finish (JOBS_ENGINE (object), result, NULL));
  *(gboolean *) data = TRUE;
}

static gboolean
nothing (JobsAction *action,
         gpointer    data,
         GError    **error)
{
  return TRUE;
}

static gboolean
count_cb (gpointer data)
{
  (*(guint *) data)++;

  return G_SOURCE_CONTINUE;
}

static void
refused_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  *(gboolean *) user_data = TRUE;
}

static void
test_clear_async (void)
{
  JobsEngine *engine = jobs_engine_new ();
  gboolean is_clear = FALSE;
  guint n_turns = 0;
  guint source;
  gpointer last;

  g_test_summary ("Many actions are dropped little by little, while the main loop goes on");

  for (guint i = 0; i < 200000; i++)
    add_callback (engine, NULL, nothing, NULL);
  last = g_list_model_get_item (G_LIST_MODEL (engine), 199999);
  g_object_add_weak_pointer (last, &last);
  g_object_unref (last);

  source = g_idle_add_full (jobs_engine_get_source_priority (engine), count_cb, &n_turns, NULL);
  jobs_engine_clear_async (engine, NULL, cleared_cb, &is_clear);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 0);
  g_assert_nonnull (last);
  add (engine, "new", succeed);
  while (!is_clear)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_null (last);
  g_assert_cmpuint (n_turns, >, 5);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 1);
  run_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_check_in_slices (void)
{
  enum { N = 300000 };
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  g_autofree JobsAction **actions = g_new (JobsAction *, N);
  gboolean is_over = FALSE;
  guint n_turns = 0;
  guint source;

  g_test_summary ("A big graph is looked at little by little, and a circle in it found");

  /* Each requires the next one, so that only a look shows that there is no circle */
  for (guint i = 0; i < N; i++)
    actions[i] = add_callback (inner, NULL, nothing, NULL);
  for (guint i = 1; i < N; i++)
    jobs_action_requires (actions[i - 1], actions[i]);
  jobs_action_requires (actions[N - 1], actions[N - 2]);

  source = g_idle_add_full (jobs_engine_get_source_priority (engine), count_cb, &n_turns, NULL);
  jobs_engine_orchestrate_async (engine, NULL, refused_cb, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_cmpuint (n_turns, >, 3);
  g_assert_cmpuint (jobs_engine_count (inner, JOBS_STATE_IDLE), ==, N);

  g_assert_true (jobs_action_drop_requirement (actions[N - 1], actions[N - 2]));
  run_well (engine);
  g_assert_cmpuint (jobs_engine_count (inner, JOBS_STATE_FINISHED), ==, N);

  g_assert_finalize_object (engine);
}

static void
test_dispose (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  gpointer weak[5];
  JobsAction *outlives = add (NULL, "outlives", succeed);

  g_test_summary ("Circles of requirements go with their engine; an action that stays is in none");

  for (guint i = 0; i < 4; i++)
    weak[i] = add (i < 2 ? engine : inner, NULL, succeed);
  g_assert_true (jobs_engine_add (engine, outlives));
  jobs_action_requires (weak[0], weak[1]);
  jobs_action_requires (weak[1], weak[0]);
  jobs_action_requires (outlives, weak[0]);
  jobs_action_requires (weak[2], weak[3]);
  jobs_action_requires (weak[3], weak[2]);

  /* Beside the graph: it dangles as long as the other engine holds its end */
  jobs_action_requires (weak[1], weak[2]);
  weak[4] = inner;
  for (guint i = 0; i < 5; i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);

  g_assert_false (jobs_engine_check (engine, NULL, NULL));
  g_assert_finalize_object (engine);
  for (guint i = 0; i < 5; i++)
    g_assert_null (weak[i]);
  g_assert_null (jobs_action_get_engine (outlives));
  g_assert_finalize_object (outlives);
}

static void
test_outlives (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (NULL, "a", fail);
  g_autofree char *text = NULL;

  g_test_summary ("An action that outlives its engine keeps its state and outcome");

  jobs_action_set_critical (a, FALSE);
  g_assert_true (jobs_engine_add (engine, a));
  run_well (engine);
  g_assert_finalize_object (engine);
  assert_state (a, JOBS_STATE_FAILED);
  g_assert_error (jobs_action_get_error (a), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  text = jobs_action_to_string (a);
  g_assert_cmpstr (text, ==, "<Action `a' failed !! no luck>");
  g_assert_finalize_object (a);
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           guint      *n)
{
  (*n)++;
}

static void
test_properties (void)
{
  static const struct
  {
    const char *name;
    int         before;
    int         after;
  } properties[] = {
    { "window", 0, 3 },
    { "on-failure", JOBS_ON_FAILURE_ABORT, JOBS_ON_FAILURE_DRAIN },
    { "grace", 10000, 0 },
    { "shutdown-timeout", 1000, 7 },
    { "source-priority", G_PRIORITY_HIGH_IDLE + 20, G_PRIORITY_LOW },
    { "timeout", 0, 25 },
  };
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("Each property has its default, is what it was set to, and notifies of changes only");

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      g_autofree char *detail = g_strconcat ("notify::", properties[i].name, NULL);
      guint n = 0;
      int value;
      gulong handler = g_signal_connect (engine, detail, G_CALLBACK (notify_cb), &n);

      g_object_get (engine, properties[i].name, &value, NULL);
      g_assert_cmpint (value, ==, properties[i].before);
      g_object_set (engine, properties[i].name, value, NULL);
      g_assert_cmpuint (n, ==, 0);
      g_object_set (engine, properties[i].name, properties[i].after, NULL);
      g_object_get (engine, properties[i].name, &value, NULL);
      g_assert_cmpint (value, ==, properties[i].after);
      g_assert_cmpuint (n, ==, 1);
      g_signal_handler_disconnect (engine, handler);
    }
  g_assert_cmpuint (jobs_engine_get_window (engine), ==, 3);
  g_assert_cmpint (jobs_engine_get_on_failure (engine), ==, JOBS_ON_FAILURE_DRAIN);
  g_assert_cmpuint (jobs_engine_get_grace (engine), ==, 0);
  g_assert_cmpuint (jobs_engine_get_shutdown_timeout (engine), ==, 7);
  g_assert_cmpint (jobs_engine_get_source_priority (engine), ==, G_PRIORITY_LOW);
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 0);

  g_assert_finalize_object (engine);
}

static void
test_empty (void)
{
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("An engine without actions succeeds, again and again");

  g_assert_false (jobs_engine_get_verdict (engine));
  run_well (engine);
  assert_state (engine, JOBS_STATE_FINISHED);
  run_well (engine);
  g_assert_true (jobs_engine_get_verdict (engine));
  g_assert_false (jobs_engine_is_active (engine));

  g_assert_finalize_object (engine);
}

static void
assert_refused (JobsAction   *action,
                JobsEngine   *engine,
                JobsCondition condition)
{
  GError *error = NULL;

  g_assert_false (jobs_action_requires_full (action, JOBS_ACTION (engine), condition, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_cmpstr (error->message, ==, "it is in what it would require");
  g_assert_false (jobs_action_get_requirement (action, JOBS_ACTION (engine), NULL));
  g_error_free (error);
}

static void
test_requires_around (void)
{
  JobsEngine *outer = jobs_engine_new ();
  JobsEngine *inner = add_engine (outer, "inner");
  JobsAction *action = add (inner, "action", succeed);
  JobsAction *late = add (NULL, "late", succeed);
  JobsEngine *engine = jobs_engine_new ();

  g_test_summary ("What is in an engine cannot require it, which would keep both alive for ever");

  for (JobsCondition condition = JOBS_CONDITION_DONE; condition <= JOBS_CONDITION_AFTER; condition++)
    {
      assert_refused (action, inner, condition);
      assert_refused (action, outer, condition);
      assert_refused (JOBS_ACTION (inner), outer, condition);

      g_assert_true (jobs_action_requires_full (late, JOBS_ACTION (outer), condition, NULL));
      expect_log ("cannot be added to an engine: it requires an engine that it would be in");
      g_assert_false (jobs_engine_add (outer, late));
      expect_log ("cannot be added to an engine: it requires an engine that it would be in");
      g_assert_false (jobs_engine_add (inner, late));

      /* Neither may what is in an engine that comes */
      g_assert_true (jobs_engine_add (engine, late));
      expect_log ("cannot be added to an engine: it requires an engine that it would be in");
      g_assert_false (jobs_engine_add (outer, JOBS_ACTION (engine)));
      assert_logged ();
      g_assert_true (jobs_engine_remove (engine, late));
      g_assert_true (jobs_action_drop_requirement (late, JOBS_ACTION (outer)));
    }
  g_assert_true (jobs_engine_add (engine, late));
  g_assert_true (jobs_engine_add (inner, JOBS_ACTION (engine)));
  g_object_unref (engine);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (late);
}

static void
test_circle (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *actions[3];

  g_test_summary ("A circle of requirements goes with the engine that it is in");

  for (guint i = 0; i < 3; i++)
    actions[i] = add (NULL, (char[]) { 'a' + i, '\0' }, succeed);
  for (guint i = 0; i < 3; i++)
    jobs_action_requires (actions[i], actions[(i + 1) % 3]);
  g_assert_true (jobs_engine_add_many (engine, actions, 3));
  g_assert_finalize_object (engine);
  for (guint i = 0; i < 3; i++)
    g_assert_finalize_object (actions[i]);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/engine/members", test_members);
  g_test_add_func ("/jobs/engine/add-many", test_add_many);
  g_test_add_func ("/jobs/engine/add-sequence", test_add_sequence);
  g_test_add_func ("/jobs/engine/refused", test_refused);
  g_test_add_func ("/jobs/engine/remove-running", test_remove_running);
  g_test_add_func ("/jobs/engine/remove-dangling", test_remove_dangling);
  g_test_add_func ("/jobs/engine/lookup", test_lookup);
  g_test_add_func ("/jobs/engine/lookup-slashes", test_lookup_slashes);
  g_test_add_func ("/jobs/engine/count", test_count);
  g_test_add_func ("/jobs/engine/clear", test_clear);
  g_test_add_func ("/jobs/engine/clear-async", test_clear_async);
  g_test_add_func ("/jobs/engine/check-in-slices", test_check_in_slices);
  g_test_add_func ("/jobs/engine/dispose", test_dispose);
  g_test_add_func ("/jobs/engine/outlives", test_outlives);
  g_test_add_func ("/jobs/engine/properties", test_properties);
  g_test_add_func ("/jobs/engine/empty", test_empty);
  g_test_add_func ("/jobs/engine/requires-around", test_requires_around);
  g_test_add_func ("/jobs/engine/circle", test_circle);

  return test_run ();
}
