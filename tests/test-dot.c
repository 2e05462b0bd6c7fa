/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <string.h>

/* An action that fails where its label begins so */
#define TEST_TYPE_DEED (test_deed_get_type ())
G_DECLARE_FINAL_TYPE (TestDeed, test_deed, TEST, DEED, JobsAction)

struct _TestDeed
{
  JobsAction parent_instance;
};

G_DEFINE_FINAL_TYPE (TestDeed, test_deed, JOBS_TYPE_ACTION)

static gboolean
test_deed_perform (JobsAction *action,
                   GError    **error)
{
  const char *label = jobs_action_get_label (action);

  if (label == NULL || !g_str_has_prefix (label, "fail"))
    return TRUE;

  g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_FAILED, "no \"luck\"");
  return FALSE;
}

static void
test_deed_class_init (TestDeedClass *klass)
{
  JOBS_ACTION_CLASS (klass)->perform = test_deed_perform;
}

static void
test_deed_init (TestDeed *self)
{
}

static JobsAction *
add (JobsEngine *engine,
     const char *label,
     JobsAction *requires)
{
  g_autoptr (JobsAction) action = g_object_new (TEST_TYPE_DEED, "label", label, NULL);

  g_assert_true (jobs_engine_add (engine, action));
  jobs_action_requires (action, requires);

  return action;
}

static JobsEngine *
add_engine (JobsEngine *engine,
            const char *label,
            JobsAction *requires)
{
  g_autoptr (JobsEngine) inner = jobs_engine_new ();

  jobs_action_set_label (JOBS_ACTION (inner), label);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));
  jobs_action_requires (JOBS_ACTION (inner), requires);

  return inner;
}

static void
assert_part (const char *text,
             const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("No “%s” in:\n%s", part, text);
}

/* What Graphviz makes of it, or NULL where there is none here */
static char *
draw (const char *dot)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *svg = NULL;
  g_autofree char *complaints = NULL;
  g_autofree char *program = g_find_program_in_path ("dot");

  if (program == NULL)
    return NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, program, "-Tsvg", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, dot, NULL, &svg, &complaints, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_cmpstr (complaints, ==, "");

  return svg;
}

static void
text_cb (GMarkupParseContext *context,
         const char          *text,
         gsize                length,
         gpointer             data,
         GError             **error)
{
  g_string_append_len (data, text, length);
  g_string_append_c (data, '\n');
}

/* That the picture is well-formed and shows these texts */
static void
assert_drawn (const char        *dot,
              const char *const *texts)
{
  const GMarkupParser parser = { .text = text_cb };
  g_autoptr (GString) shown = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *svg = draw (dot);
  const char *begin;

  if (svg == NULL)
    {
      g_test_message ("Graphviz is not installed: only the text was tested");
      return;
    }

  /* GMarkup does not know what a DOCTYPE may hold */
  begin = strstr (svg, "<svg");
  g_assert_nonnull (begin);
  context = g_markup_parse_context_new (&parser, 0, shown, NULL);
  g_markup_parse_context_parse (context, begin, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (GString) wanted = g_string_new (texts[i]);
      g_autoptr (GString) seen = g_string_new (shown->str);

      /* Graphviz lets blanks stand out against XML */
      g_string_replace (seen, "\302\240", " ", 0);
      assert_part (seen->str, wanted->str);
    }
}

static void
test_looks (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "regular", NULL), *b, *c;
  g_autofree char *dot = NULL;

  g_test_summary ("Critical and forever actions and conditions are to be seen");

  jobs_action_set_critical (a, FALSE);
  b = add (engine, "critical", a);
  c = add (engine, "forever", NULL);
  jobs_action_set_forever (c, TRUE);
  jobs_action_set_critical (c, FALSE);
  jobs_action_requires_full (c, b, JOBS_CONDITION_SUCCESS, NULL);
  jobs_action_requires_full (add (engine, "f", NULL), b, JOBS_CONDITION_FAILURE, NULL);
  jobs_action_requires_full (add (engine, "r", NULL), c, JOBS_CONDITION_READY, NULL);
  jobs_action_requires_full (add (engine, NULL, NULL), a, JOBS_CONDITION_AFTER, NULL);

  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "n1 [label=\"regular\", tooltip=\"idle\", style=\"rounded\", color=black, penwidth=0.5];");
  assert_part (dot, "n2 [label=\"critical\", tooltip=\"idle\", style=\"rounded\", color=red, penwidth=2];");
  assert_part (dot, "n3 [label=\"forever\", tooltip=\"idle\", style=\"rounded,dashed\", color=black, penwidth=0.5];");
  assert_part (dot, "n6 [label=\"#6\", ");
  assert_part (dot, "n1 -> n2;\n");
  assert_part (dot, "n2 -> n3 [label=success, ");
  assert_part (dot, "n2 -> n4 [label=failure, ");
  assert_part (dot, "n3 -> n5 [label=ready, ");
  assert_part (dot, "n1 -> n6 [label=after, ");
  assert_drawn (dot, (const char *[]) { "regular", "critical", "success", "failure", "ready", "after", "#6", NULL });

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *s1, *s2, *s3, *empty;
  JobsAction *x, *outside;
  g_autofree char *dot = NULL;

  g_test_summary ("Nested engines are clusters, with edges to their borders, empty ones too");

  jobs_action_set_label (JOBS_ACTION (engine), "whole");
  s1 = add_engine (engine, "s1", add (engine, "top", NULL));
  x = add (s1, "x", NULL);
  add (s1, "y", x);
  s2 = add_engine (engine, "s2", JOBS_ACTION (s1));
  s3 = add_engine (s2, "s3", NULL);
  empty = add_engine (s3, "empty", NULL);
  add (engine, "bottom", JOBS_ACTION (s2));
  outside = add (engine, "askew", JOBS_ACTION (s1));
  jobs_action_requires (outside, x);
  jobs_action_requires (add (s3, "z", NULL), JOBS_ACTION (empty));

  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "subgraph cluster_2 { label=\"s1\"; ");
  assert_part (dot, "n1 -> n3 [lhead=cluster_2];\n");
  assert_part (dot, "n3 -> n4;\n");
  assert_part (dot, "n4 -> n7 [ltail=cluster_2, lhead=cluster_5];\n");
  assert_part (dot, "n7 [label=\"\", style=invis, ");
  assert_part (dot, "n7 -> n8 [ltail=cluster_7];\n");
  assert_part (dot, "n8 -> n9 [ltail=cluster_5];\n");
  g_assert_null (strstr (dot, "n3 -> n10"));
  assert_drawn (dot, (const char *[]) { "whole", "top", "s1", "x", "y", "s2", "s3", "empty", "z", "bottom", NULL });

  g_assert_finalize_object (engine);
}

static void
test_circle (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "in", NULL);
  JobsAction *a = add (inner, "a", NULL), *b = add (inner, "b", a);
  g_autofree char *dot = NULL;
  g_autofree char *nothing = NULL;

  g_test_summary ("A circle can be drawn, and so can nothing");

  jobs_action_requires (a, b);
  add (engine, "c", JOBS_ACTION (inner));
  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "n2 -> n4 [ltail=cluster_1];\n");
  assert_drawn (dot, (const char *[]) { "a", "b", "c", NULL });

  jobs_engine_clear (inner);
  jobs_engine_clear (engine);
  nothing = jobs_engine_to_dot (engine);
  assert_drawn (nothing, (const char *[]) { NULL });

  g_assert_finalize_object (engine);
}

static void
test_escapes (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *dot = NULL;

  g_test_summary ("Any label is shown as it is");

  add (engine, "say \"hi\"\\n \\N \\", NULL);
  add (engine, "<b>bold</b> &amp; &lt; &#65;", NULL);
  add (engine, "zwei\nZeilen\ttab", NULL);
  add (engine, "dünn Ω 日本 🙂", NULL);
  add (engine, "bell\a\033[1m\302\205\357\277\277", NULL);
  add (engine, "", NULL);
  add (engine, "];}", NULL);

  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "[label=\"say \\\"hi\\\"\\\\n \\\\N \\\\\", ");
  assert_part (dot, "zwei\\nZeilen tab");
  g_assert_true (g_utf8_validate (dot, -1, NULL));
  assert_drawn (dot, (const char *[]) { "say \"hi\"\\n \\N \\\n", "<b>bold</b> &amp; &lt; &#65;\n", "zwei\n",
                                        "Zeilen tab\n", "dünn Ω 日本 🙂\n",
                                        "bell\357\277\275\357\277\275[1m\357\277\275\357\277\275\n", "];}\n", NULL });

  g_assert_finalize_object (engine);
}

static void
test_states (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *fail;
  g_autofree char *dot = NULL;

  g_test_summary ("After a run the colours tell the states, and the tooltips why");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  inner = add_engine (engine, "in", NULL);
  add (inner, "well", NULL);
  fail = add (engine, "fail", JOBS_ACTION (inner));
  add (engine, "behind", fail);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));

  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "cluster_1 { label=\"in\"; tooltip=\"finished\"; style=\"solid,filled\"; fillcolor=palegreen; ");
  assert_part (dot, "n2 [label=\"well\", tooltip=\"finished\", style=\"rounded,filled\", fillcolor=palegreen, ");
  assert_part (dot, "n3 [label=\"fail\", tooltip=\"failed: no \\\"luck\\\"\", style=\"rounded,filled\", fillcolor=salmon, ");
  assert_part (dot, "n4 [label=\"behind\", tooltip=\"skipped\", style=\"rounded,filled\", fillcolor=gainsboro, ");
  assert_drawn (dot, (const char *[]) { "in", "well", "fail", "behind", NULL });

  g_assert_finalize_object (engine);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/dot/looks", test_looks);
  g_test_add_func ("/jobs/dot/nested", test_nested);
  g_test_add_func ("/jobs/dot/circle", test_circle);
  g_test_add_func ("/jobs/dot/escapes", test_escapes);
  g_test_add_func ("/jobs/dot/states", test_states);

  return g_test_run ();
}
