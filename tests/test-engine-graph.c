/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <string.h>

/* An action that does nothing: the graph is all that matters here */
#define TEST_TYPE_NOTHING (test_nothing_get_type ())
G_DECLARE_FINAL_TYPE (TestNothing, test_nothing, TEST, NOTHING, JobsAction)

struct _TestNothing
{
  JobsAction parent_instance;
};

G_DEFINE_FINAL_TYPE (TestNothing, test_nothing, JOBS_TYPE_ACTION)

static gboolean
test_nothing_perform (JobsAction *action,
                      GError    **error)
{
  return TRUE;
}

static void
test_nothing_class_init (TestNothingClass *klass)
{
  JOBS_ACTION_CLASS (klass)->perform = test_nothing_perform;
}

static void
test_nothing_init (TestNothing *self)
{
}

/* Adds an action to the engine, behind those of the names in @requires */
static JobsAction *
add (JobsEngine *engine,
     const char *label,
     const char *requires)
{
  g_autoptr (JobsAction) action = g_object_new (TEST_TYPE_NOTHING, "label", label, NULL);
  g_auto (GStrv) names = g_strsplit (requires, " ", -1);

  g_assert_true (jobs_engine_add (engine, action));
  for (guint i = 0; names[i] != NULL && *names[i] != '\0'; i++)
    {
      JobsAction *other = jobs_engine_lookup (engine, names[i]);

      g_assert_nonnull (other);
      jobs_action_requires (action, other);
    }

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

/* Two diamonds, one behind the other */
static JobsEngine *
make_diamonds (void)
{
  JobsEngine *engine = jobs_engine_new ();

  add (engine, "j1", "");
  add (engine, "j2", "j1");
  add (engine, "j3", "j1");
  add (engine, "j4", "j2 j3");
  add (engine, "j5", "j4");
  add (engine, "j6", "j4");
  add (engine, "j7", "j5 j6");

  return engine;
}

/* Takes the array */
static void
assert_labels (GPtrArray  *actions,
               const char *expected)
{
  g_autoptr (GString) labels = g_string_new (NULL);

  g_assert_nonnull (actions);
  for (guint i = 0; i < actions->len; i++)
    {
      const char *label = jobs_action_get_label (actions->pdata[i]);

      g_string_append_printf (labels, "%s%s", i > 0 ? " " : "", label != NULL ? label : "-");
    }
  g_assert_cmpstr (labels->str, ==, expected);
  g_ptr_array_unref (actions);
}

static void
assert_actions (JobsEngine *engine,
                const char *expected)
{
  assert_labels (jobs_engine_dup_all (engine, FALSE), expected);
}

/* The actions of these names, owned by the engine */
static guint
look_up (JobsEngine  *engine,
         const char  *names,
         JobsAction **actions)
{
  g_auto (GStrv) labels = g_strsplit (names, " ", -1);
  guint n = 0;

  for (guint i = 0; labels[i] != NULL && *labels[i] != '\0'; i++)
    {
      actions[n] = jobs_engine_lookup (engine, labels[i]);
      g_assert_nonnull (actions[n]);
      n++;
    }

  return n;
}

static void
assert_reached (JobsEngine *engine,
                gboolean    successors,
                gboolean    transitive,
                const char *starts,
                const char *expected)
{
  JobsAction *actions[20];
  guint n = look_up (engine, starts, actions);

  assert_labels (successors ? jobs_engine_dup_successors (engine, actions, n, transitive)
                            : jobs_engine_dup_predecessors (engine, actions, n, transitive),
                 expected);
}

static void
assert_check (JobsEngine *engine,
              int         code,
              const char *part)
{
  g_autoptr (GError) error = NULL;

  if (part == NULL)
    {
      g_assert_true (jobs_engine_check (engine, NULL, &error));
      g_assert_no_error (error);
      return;
    }

  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_queries (void)
{
  JobsEngine *engine = make_diamonds ();
  JobsAction *forever = add (engine, "f", "");

  g_test_summary ("Order, entries, exits, and what lies before and behind");

  jobs_action_set_forever (forever, TRUE);
  assert_labels (jobs_engine_dup_order (engine, NULL), "j1 f j2 j3 j4 j5 j6 j7");
  assert_labels (jobs_engine_dup_entries (engine), "j1 f");
  assert_labels (jobs_engine_dup_exits (engine, FALSE), "j7");
  assert_labels (jobs_engine_dup_exits (engine, TRUE), "j7 f");

  assert_reached (engine, TRUE, FALSE, "j2 j5", "j4 j7");
  assert_reached (engine, FALSE, FALSE, "j4 j7", "j2 j3 j5 j6");
  assert_reached (engine, TRUE, TRUE, "j2 j4", "j4 j5 j6 j7");
  assert_reached (engine, FALSE, TRUE, "j5 j6", "j1 j2 j3 j4");
  assert_reached (engine, TRUE, FALSE, "", "");
  assert_reached (engine, FALSE, TRUE, "j1", "");

  g_assert_finalize_object (engine);
}

static void
test_foreign_starts (void)
{
  JobsEngine *engine = make_diamonds ();
  JobsEngine *elsewhere = jobs_engine_new ();
  JobsAction *foreign[] = { add (elsewhere, "x", ""), NULL, jobs_engine_lookup (engine, "j4") };

  g_test_summary ("Actions of another engine, and NULL, are ignored");

  assert_labels (jobs_engine_dup_successors (engine, foreign, 3, FALSE), "j5 j6");
  assert_labels (jobs_engine_dup_predecessors (engine, foreign, 2, TRUE), "");
  jobs_engine_keep_only_between (engine, foreign, 1, NULL, 0, TRUE, TRUE);
  assert_actions (engine, "j1 j2 j3 j4 j5 j6 j7");
  jobs_engine_keep_only (engine, foreign, 3);
  assert_actions (engine, "j4");

  g_object_unref (elsewhere);
  g_assert_finalize_object (engine);
}

static void
test_results_own (void)
{
  JobsEngine *engine = make_diamonds ();
  g_autoptr (GPtrArray) order = jobs_engine_dup_order (engine, NULL);

  g_test_summary ("What is returned outlives the engine");

  g_assert_cmpuint (G_OBJECT (order->pdata[0])->ref_count, ==, 2);
  g_assert_finalize_object (engine);
  g_assert_cmpuint (G_OBJECT (order->pdata[0])->ref_count, ==, 1);
  g_assert_cmpstr (jobs_action_get_label (order->pdata[6]), ==, "j7");
}

static void
test_all (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner, *innermost;

  g_test_summary ("Iteration goes through nested engines, in place");

  jobs_action_set_label (JOBS_ACTION (engine), "main");
  add (engine, "1", "");
  inner = add_engine (engine, "2");
  add (inner, "2.1", "");
  innermost = add_engine (inner, "2.2");
  add (innermost, "2.2.1", "");
  add (inner, "2.3", "");
  add_engine (engine, "3");
  add (engine, "4", "");

  assert_labels (jobs_engine_dup_all (engine, FALSE), "1 2.1 2.2.1 2.3 4");
  assert_labels (jobs_engine_dup_all (engine, TRUE), "main 1 2 2.1 2.2 2.2.1 2.3 3 4");
  assert_labels (jobs_engine_dup_all (innermost, TRUE), "2.2 2.2.1");

  g_assert_finalize_object (engine);
}

static void
test_check_cycles (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *a, *unnamed, *x, *y;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Each circle is told by its paths, in nested engines too, and can be cut");

  a = add (engine, "a", "");
  add (engine, "b", "a");
  add (engine, "c", "b");
  assert_check (engine, 0, NULL);

  jobs_action_requires (a, jobs_engine_lookup (engine, "c"));
  assert_check (engine, JOBS_ERROR_CYCLE, "a -> c -> b -> a");
  g_assert_null (jobs_engine_dup_order (engine, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_clear_error (&error);

  inner = add_engine (engine, "in");
  x = add (inner, "x", "");
  y = add (inner, "y", "x");
  jobs_action_requires (x, y);
  unnamed = g_object_new (TEST_TYPE_NOTHING, NULL);
  jobs_engine_add (inner, unnamed);
  jobs_action_requires (unnamed, x);
  g_assert_true (jobs_action_drop_requirement (x, y));
  jobs_action_requires (x, unnamed);
  g_object_unref (unnamed);

  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_nonnull (strstr (error->message, "a -> c -> b -> a"));
  g_assert_nonnull (strstr (error->message, "\nin/x -> in/#3 -> in/x"));
  g_clear_error (&error);

  g_assert_true (jobs_action_drop_requirement (a, jobs_engine_lookup (engine, "c")));
  assert_check (engine, JOBS_ERROR_CYCLE, "in/x -> in/#3 -> in/x");
  g_assert_true (jobs_action_drop_requirement (x, unnamed));
  assert_check (engine, 0, NULL);

  g_assert_finalize_object (engine);
}

static void
test_check_long_cycle (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;
  JobsAction *last = NULL;

  g_test_summary ("Of a circle of ten thousand only the ends are told");

  for (guint i = 0; i < 10000; i++)
    {
      JobsAction *action = add (engine, i == 0 ? "first" : NULL, "");

      if (last != NULL)
        jobs_action_requires (action, last);
      last = action;
    }
  jobs_action_requires (jobs_engine_lookup (engine, "first"), last);

  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_true (g_str_has_prefix (error->message, "first -> #10000 -> #9999 -> "));
  g_assert_nonnull (strstr (error->message, " -> #2 -> first"));
  g_assert_nonnull (strstr (error->message, "9968"));
  g_assert_cmpuint (strlen (error->message), <, 1000);

  g_assert_finalize_object (engine);
}

static void
test_check_dangling (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *outside = g_object_new (TEST_TYPE_NOTHING, "label", "out", NULL);
  JobsAction *a, *b, *c;
  g_autoptr (GPtrArray) requirements = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Requirements that lead out of their engine are errors, and can be dropped");

  a = add (engine, "a", "");
  jobs_action_requires (a, outside);
  b = add (engine, "b", "a");
  inner = add_engine (engine, "in");
  c = add (inner, "c", "");
  jobs_action_requires (c, b);
  jobs_action_requires (b, c);

  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_DANGLING);
  g_assert_nonnull (strstr (error->message, "“a” requires “out”, which is in no engine"));
  g_assert_nonnull (strstr (error->message, "“b” requires “in/c”, which is in another engine"));
  g_assert_nonnull (strstr (error->message, "“in/c” requires “b”, which is in another engine"));

  g_assert_cmpuint (jobs_engine_sanitize (engine), ==, 3);
  g_assert_cmpuint (jobs_engine_sanitize (engine), ==, 0);
  assert_check (engine, 0, NULL);
  requirements = jobs_action_dup_requirements (b);
  g_assert_cmpuint (requirements->len, ==, 1);
  g_assert_true (requirements->pdata[0] == a);
  assert_reached (engine, FALSE, FALSE, "b", "a");

  g_clear_pointer (&requirements, g_ptr_array_unref);
  g_assert_finalize_object (outside);
  g_assert_finalize_object (engine);
}

/* c, b and a, in this order: a requires b, and b c; and what is outside, where asked */
static JobsEngine *
make_loose_chain (JobsAction *outside)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a, *b, *c;

  c = add (engine, "c", "");
  b = add (engine, "b", "");
  a = add (engine, "a", "");
  if (outside != NULL)
    jobs_action_requires (a, outside);
  jobs_action_requires (a, b);
  if (outside != NULL)
    jobs_action_requires_full (b, outside, JOBS_CONDITION_AFTER, NULL);
  jobs_action_requires (b, c);

  return engine;
}

static void
assert_shown (JobsEngine *engine,
              const char *label,
              const char *expected)
{
  g_autofree char *text = jobs_action_to_string (jobs_engine_lookup (engine, label));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_dangling_beside_others (void)
{
  JobsAction *outside = g_object_new (TEST_TYPE_NOTHING, "label", "out", NULL);

  g_test_summary ("A requirement that leads out of the engine hides none of the others");

  for (guint dangling = 0; dangling < 2; dangling++)
    {
      JobsEngine *engine = make_loose_chain (dangling ? outside : NULL);
      JobsAction *actions[2];
      g_autofree char *dot = NULL;
      g_autofree char *list = NULL;

      assert_labels (jobs_engine_dup_order (engine, NULL), "c b a");
      assert_reached (engine, FALSE, FALSE, "a", "b");
      assert_reached (engine, FALSE, TRUE, "a", "c b");
      assert_reached (engine, TRUE, TRUE, "c", "b a");
      assert_labels (jobs_engine_dup_entries (engine), "c");
      assert_labels (jobs_engine_dup_exits (engine, TRUE), "a");
      dot = jobs_engine_to_dot (engine);
      g_assert_nonnull (strstr (dot, "n2 -> n3"));
      list = jobs_engine_dup_list (engine, FALSE);
      g_assert_nonnull (strstr (list, "\n2 idle       b  requires 1"));
      g_assert_nonnull (strstr (list, "\n3 idle       a  requires 2"));
      assert_check (engine, JOBS_ERROR_DANGLING, dangling ? "“a” requires “out”" : NULL);

      look_up (engine, "c a", actions);
      jobs_engine_keep_only_between (engine, actions, 1, actions + 1, 1, TRUE, TRUE);
      assert_actions (engine, "c b a");
      g_assert_true (jobs_engine_bypass_and_remove (engine, jobs_engine_lookup (engine, "b")));
      assert_reached (engine, FALSE, FALSE, "a", "c");
      assert_shown (engine, "a", dangling ? "<Action `a' IDLE - [requires [c] [out]]>"
                                          : "<Action `a' IDLE - [requires [c]]>");
      g_assert_cmpuint (jobs_engine_sanitize (engine), ==, dangling);
      assert_reached (engine, FALSE, FALSE, "a", "c");
      assert_check (engine, 0, NULL);

      g_assert_finalize_object (engine);
    }
  g_assert_finalize_object (outside);
}

static void
test_dangling_on_circle (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsAction) outside = g_object_new (TEST_TYPE_NOTHING, "label", "out", NULL);
  JobsAction *a = add (engine, "a", "");
  JobsAction *b = add (engine, "b", "a");
  g_autoptr (GError) error = NULL;

  g_test_summary ("A circle is told beside a requirement that leads out, each of them once");

  jobs_action_requires (a, outside);
  jobs_action_drop_requirement (a, outside);
  jobs_action_requires (a, outside);
  jobs_action_requires (a, b);
  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_cmpstr (error->message, ==,
                   "a -> b -> a: a circle of requirements, drop one of them\n"
                   "“a” requires “out”, which is in no engine: add it, or drop the requirement");

  /* It comes, and goes again */
  jobs_action_drop_requirement (b, a);
  jobs_engine_add (engine, outside);
  assert_check (engine, 0, NULL);
  assert_labels (jobs_engine_dup_order (engine, NULL), "b out a");
  jobs_engine_remove (engine, outside);
  assert_check (engine, JOBS_ERROR_DANGLING, "“a” requires “out”, which is in no engine");
  assert_labels (jobs_engine_dup_order (engine, NULL), "b a");

  g_assert_finalize_object (engine);
}

static void
test_dangling_many (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *all[20000];
  JobsAction *a = add (engine, "a", "");

  g_test_summary ("What an action requires comes into its engine, half of it, at a linear cost");

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      all[i] = g_object_new (TEST_TYPE_NOTHING, NULL);
      jobs_action_requires (a, all[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (all); i += 2)
    jobs_engine_add (engine, all[i]);
  /* One that was said already is looked for among the others */
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_true (jobs_action_requires_full (a, all[i], JOBS_CONDITION_SUCCESS, NULL));

  g_assert_cmpuint (jobs_engine_sanitize (engine), ==, G_N_ELEMENTS (all) / 2);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      JobsCondition condition;

      g_assert_true (jobs_action_get_requirement (a, all[i], &condition) == (i % 2 == 0));
      if (i % 2 == 0)
        g_assert_cmpint (condition, ==, JOBS_CONDITION_SUCCESS);
      g_object_unref (all[i]);
    }

  g_assert_finalize_object (engine);
}

static void
test_check_pools (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  g_autoptr (JobsPool) small = jobs_pool_new ("small", 2);
  g_autoptr (JobsPool) held = jobs_pool_new ("held", 5);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A need that is never met is an error: too much of a pool, or one that is held around");

  jobs_action_add_pool (add (engine, "fits", ""), small, 2);
  inner = add_engine (engine, "in");
  jobs_action_add_pool (JOBS_ACTION (inner), held, 1);
  add (inner, "idle", "");
  jobs_action_add_pool (add (engine, "beside", ""), held, 5);
  assert_check (engine, 0, NULL);

  jobs_action_add_pool (add (engine, "greedy", ""), small, 3);
  jobs_action_add_pool (add (add_engine (inner, "deep"), "stuck", ""), held, 1);

  g_assert_false (jobs_engine_check (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_POOL);
  g_assert_nonnull (strstr (error->message, "“greedy” needs 3 of the pool “small”, which has only 2"));
  g_assert_nonnull (strstr (error->message, "“in/deep/stuck” needs the pool “held”, which “in” around it holds"));
  g_assert_null (strstr (error->message, "beside"));

  g_assert_finalize_object (engine);
}

/* The warnings, a line each, or NULL */
static char *
dup_warnings (JobsEngine *engine)
{
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (jobs_engine_check (engine, &warnings, &error));
  g_assert_no_error (error);

  return warnings != NULL ? g_strjoinv ("\n", warnings) : NULL;
}

#define assert_warned(engine, expected)                  \
  G_STMT_START                                           \
    {                                                    \
      g_autofree char *warned_here = dup_warnings (engine); \
      if ((expected) == NULL)                            \
        g_assert_null (warned_here);                     \
      else                                               \
        g_assert_true (g_str_has_prefix (warned_here, (expected))); \
    }                                                    \
  G_STMT_END

static void
test_check_pool_circles (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsPool *p = jobs_pool_new ("p", 1), *q = jobs_pool_new ("q", 2);
  JobsAction *one = JOBS_ACTION (add_engine (engine, "one"));
  JobsAction *group = JOBS_ACTION (add_engine (engine, "group"));
  JobsAction *two = JOBS_ACTION (add_engine (JOBS_ENGINE (group), "two"));
  JobsAction *deep = JOBS_ACTION (add_engine (JOBS_ENGINE (two), "deep"));

  g_test_summary ("Engines that hold what others want inside are warned of, where they can run at "
                  "once and the pools have no room");

  jobs_action_add_pool (one, p, 1);
  jobs_action_add_pool (two, q, 2);
  jobs_action_add_pool (add (JOBS_ENGINE (deep), "a", ""), p, 1);
  assert_warned (engine, NULL);
  jobs_action_add_pool (add (JOBS_ENGINE (one), "b", ""), q, 1);
  assert_warned (engine, "one -> q -> group/two -> p -> one: these engines may wait for each other forever");

  /* There is room */
  jobs_pool_set_capacity (q, 3);
  assert_warned (engine, NULL);
  jobs_pool_set_capacity (q, 2);

  /* One after the other */
  jobs_engine_set_window (engine, 1);
  assert_warned (engine, NULL);
  jobs_engine_set_window (engine, 0);
  jobs_action_requires (group, one);
  assert_warned (engine, NULL);
  jobs_action_drop_requirement (group, one);
  assert_warned (engine, "one -> q -> group/two -> p -> one");

  /* One that waits for an engine which is inside of it */
  jobs_action_remove_pool (two, q);
  jobs_action_add_pool (deep, q, 2);
  assert_warned (engine, "one -> q -> group/two/deep -> p -> one");

  /* One of the two that hold it may end */
  jobs_action_add_pool (JOBS_ACTION (add_engine (engine, "three")), p, 1);
  assert_warned (engine, NULL);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (p);
  g_assert_finalize_object (q);
}

static void
test_check_warnings (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;
  JobsAction *server, *client, *other;

  g_test_summary ("What waits for the end of an endless one is worth a warning, unless it need not wait");

  server = add (engine, "server", "");
  jobs_action_set_forever (server, TRUE);
  client = add (engine, "client", "");
  jobs_action_requires_full (client, server, JOBS_CONDITION_READY, NULL);
  other = add (engine, "log", "");
  jobs_action_requires_full (other, server, JOBS_CONDITION_AFTER, NULL);
  jobs_action_set_forever (add (engine, "endless too", "server"), TRUE);
  g_assert_true (jobs_engine_check (engine, &warnings, &error));
  g_assert_no_error (error);
  g_assert_null (warnings);

  add (engine, "never", "server");
  g_assert_true (jobs_engine_check (engine, &warnings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "“never” waits for the end of “server”"));

  g_assert_finalize_object (engine);
}

static void
test_deep (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine;
  JobsAction *outside = g_object_new (TEST_TYPE_NOTHING, NULL);
  g_autoptr (GPtrArray) all = NULL;

  g_test_summary ("Nesting of 3000 levels: nothing here recurses");

  for (guint i = 0; i < 3000; i++)
    inner = add_engine (inner, NULL);
  jobs_action_requires (add (inner, "a", ""), outside);

  all = jobs_engine_dup_all (engine, TRUE);
  g_assert_cmpuint (all->len, ==, 3002);
  assert_check (engine, JOBS_ERROR_DANGLING, "“#1/#1/");
  g_assert_cmpuint (jobs_engine_sanitize (engine), ==, 1);
  assert_check (engine, 0, NULL);

  /* Taken apart from the inside: the end of an object is its own affair */
  g_object_unref (outside);
  for (guint i = all->len - 2; i > 0; i--)
    jobs_engine_clear (all->pdata[i]);
  jobs_engine_clear (engine);
  g_object_unref (engine);
}

static void
test_bypass (void)
{
  JobsEngine *engine = make_diamonds ();
  JobsAction *j5;
  JobsCondition condition;
  g_autoptr (JobsAction) j4 = g_object_ref (jobs_engine_lookup (engine, "j4"));

  g_test_summary ("What was behind a bypassed one requires what was before it");

  j5 = jobs_engine_lookup (engine, "j5");
  jobs_action_requires_full (j5, j4, JOBS_CONDITION_SUCCESS, NULL);

  g_assert_true (jobs_engine_bypass_and_remove (engine, j4));
  g_assert_false (jobs_engine_bypass_and_remove (engine, j4));
  g_assert_cmpuint (jobs_engine_sanitize (engine), ==, 0);
  assert_reached (engine, FALSE, FALSE, "j5", "j2 j3");
  assert_reached (engine, FALSE, FALSE, "j6", "j2 j3");
  assert_reached (engine, TRUE, TRUE, "j1", "j2 j3 j5 j6 j7");
  assert_reached (engine, FALSE, TRUE, "j7", "j1 j2 j3 j5 j6");
  g_assert_true (jobs_action_get_requirement (j5, jobs_engine_lookup (engine, "j3"), &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_SUCCESS);
  g_assert_true (jobs_action_get_requirement (jobs_engine_lookup (engine, "j6"),
                                              jobs_engine_lookup (engine, "j3"), &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_DONE);

  g_assert_true (jobs_engine_bypass_and_remove (engine, jobs_engine_lookup (engine, "j1")));
  assert_reached (engine, FALSE, FALSE, "j2 j3", "");
  assert_reached (engine, TRUE, TRUE, "j3", "j5 j6 j7");

  g_assert_true (jobs_engine_bypass_and_remove (engine, jobs_engine_lookup (engine, "j7")));
  assert_reached (engine, TRUE, FALSE, "j5 j6", "");
  assert_actions (engine, "j2 j3 j5 j6");

  g_assert_finalize_object (engine);
}

static void
test_keep_only (void)
{
  JobsEngine *engine = make_diamonds ();
  JobsAction *actions[3];
  guint n = look_up (engine, "j1 j4 j7", actions);

  g_test_summary ("Only what is named is kept, and nothing is bypassed");

  jobs_engine_keep_only (engine, actions, n);
  assert_actions (engine, "j1 j4 j7");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 3);
  assert_reached (engine, TRUE, TRUE, "j1 j4 j7", "");
  assert_reached (engine, FALSE, TRUE, "j1 j4 j7", "");
  add (engine, "j8", "j7");
  assert_labels (jobs_engine_dup_order (engine, NULL), "j1 j4 j7 j8");
  g_assert_null (jobs_engine_lookup (engine, "j2"));

  jobs_engine_keep_only (engine, NULL, 0);
  assert_actions (engine, "");

  g_assert_finalize_object (engine);
}

typedef struct
{
  const char *starts;
  const char *ends;
  gboolean keep_starts;
  gboolean keep_ends;
  const char *expected;
} Between;

static void
test_keep_only_between (void)
{
  static const Between cases[] = {
    { "j2 j3", "j5 j6", TRUE, TRUE, "j2 j3 j4 j5 j6" },
    { "j2 j3", "j8 j9", TRUE, FALSE, "j2 j3 j4 j5 j6 j7 odd" },
    { "j2 j3", "j8 j9", FALSE, FALSE, "j4 j5 j6 j7 odd" },
    { "", "", TRUE, TRUE, "j1 j2 j3 j4 j5 j6 j7 j8 j9 j10 odd" },
    { "", "", FALSE, FALSE, "j1 j2 j3 j4 j5 j6 j7 j8 j9 j10 odd" },
    { "", "j4", TRUE, TRUE, "j1 j2 j3 j4" },
    { "", "j4", TRUE, FALSE, "j1 j2 j3" },
    { "j7", "", TRUE, TRUE, "j7 j8 j9 j10" },
    { "j7", "", FALSE, TRUE, "j8 j9 j10" },
    /* A start that lies between others is on the way, and stays */
    { "j2 j4", "j7", FALSE, FALSE, "j4 j5 j6 odd" },
    { "j10", "j1", FALSE, FALSE, "" },
  };

  g_test_summary ("What is on a way from a start to an end is kept, with the starts and ends or without");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      JobsEngine *engine = make_diamonds ();
      JobsAction *starts[4], *ends[4];
      guint n_starts, n_ends;

      add (engine, "j8", "j7");
      add (engine, "j9", "j7");
      add (engine, "j10", "j8 j9");
      jobs_action_requires (jobs_engine_lookup (engine, "j7"), add (engine, "odd", "j2"));

      n_starts = look_up (engine, cases[i].starts, starts);
      n_ends = look_up (engine, cases[i].ends, ends);
      jobs_engine_keep_only_between (engine, starts, n_starts, ends, n_ends,
                                     cases[i].keep_starts, cases[i].keep_ends);
      assert_actions (engine, cases[i].expected);
      g_assert_cmpuint (jobs_engine_sanitize (engine), ==, 0);
      assert_check (engine, 0, NULL);

      g_assert_finalize_object (engine);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/engine-graph/queries", test_queries);
  g_test_add_func ("/jobs/engine-graph/foreign-starts", test_foreign_starts);
  g_test_add_func ("/jobs/engine-graph/results-own", test_results_own);
  g_test_add_func ("/jobs/engine-graph/all", test_all);
  g_test_add_func ("/jobs/engine-graph/check-cycles", test_check_cycles);
  g_test_add_func ("/jobs/engine-graph/check-long-cycle", test_check_long_cycle);
  g_test_add_func ("/jobs/engine-graph/check-dangling", test_check_dangling);
  g_test_add_func ("/jobs/engine-graph/dangling-beside-others", test_dangling_beside_others);
  g_test_add_func ("/jobs/engine-graph/dangling-on-circle", test_dangling_on_circle);
  g_test_add_func ("/jobs/engine-graph/dangling-many", test_dangling_many);
  g_test_add_func ("/jobs/engine-graph/check-pools", test_check_pools);
  g_test_add_func ("/jobs/engine-graph/check-pool-circles", test_check_pool_circles);
  g_test_add_func ("/jobs/engine-graph/check-warnings", test_check_warnings);
  g_test_add_func ("/jobs/engine-graph/deep", test_deep);
  g_test_add_func ("/jobs/engine-graph/bypass", test_bypass);
  g_test_add_func ("/jobs/engine-graph/keep-only", test_keep_only);
  g_test_add_func ("/jobs/engine-graph/keep-only-between", test_keep_only_between);

  return g_test_run ();
}
