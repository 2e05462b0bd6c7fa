/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <string.h>

#include "pngs.h"

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
  assert_part (dot, "n1 [label=\"regular\", tooltip=\"regular: idle, not critical\", style=\"rounded\", "
                    "color=\"#0060a8\", penwidth=0.8, peripheries=2];");
  assert_part (dot, "n2 [label=\"critical\", tooltip=\"critical: idle\", style=\"rounded\", "
                    "color=\"#0060a8\", penwidth=2, peripheries=2];");
  assert_part (dot, "n3 [label=\"forever\", tooltip=\"forever: idle, not critical, forever\", "
                    "style=\"rounded,dashed\", color=\"#808080\", penwidth=0.8];");
  assert_part (dot, "n4 [label=\"f\", tooltip=\"f: idle\", style=\"rounded\", color=\"#202020\", penwidth=2];");
  assert_part (dot, "n6 [label=\"#6\", ");
  assert_part (dot, "n1 -> n2 [color=\"#0060a8\", penwidth=3];\n");
  assert_part (dot, "n2 -> n3 [label=\" success \", ");
  assert_part (dot, "n2 -> n4 [label=\" failure \", ");
  assert_part (dot, "n3 -> n5 [label=\" ready \", ");
  assert_part (dot, "n1 -> n6 [label=\" after \", style=dashed, ");
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
  assert_part (dot, "n1 -> n3 [lhead=cluster_2, color=");
  assert_part (dot, "n3 -> n4 [color=\"#0060a8\", penwidth=3];\n");
  assert_part (dot, "n4 -> n7 [ltail=cluster_2, lhead=cluster_5, color=");
  assert_part (dot, "n7 [label=\"\", style=invis, ");
  assert_part (dot, "n7 -> n8 [ltail=cluster_7, color=");
  assert_part (dot, "n8 -> n9 [ltail=cluster_5, color=");
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
  /* How long it took is told where it is worth a word */
  assert_part (dot, "cluster_1 { label=\"in\\nfinished");
  assert_part (dot, "; tooltip=\"in: finished\"; style=\"solid,filled\"; fillcolor=\"#9adbc560\"; ");
  assert_part (dot, "n2 [label=\"well\\nfinished");
  assert_part (dot, "tooltip=\"well: finished\", style=\"rounded,filled\", fillcolor=\"#9adbc5\", ");
  assert_part (dot, "n3 [label=\"fail\\nfailed");
  assert_part (dot, "tooltip=\"fail: failed: no \\\"luck\\\"\", style=\"rounded,filled\", fillcolor=\"#ee8a55\", ");
  assert_part (dot, "n4 [label=\"behind\\nskipped\", tooltip=\"behind: skipped\", style=\"rounded,filled\", fillcolor=\"#e8e8e8\", ");
  assert_drawn (dot, (const char *[]) { "in", "well", "fail", "behind", NULL });

  g_assert_finalize_object (engine);
}

static void
test_wrapping (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GString) endless = g_string_new (NULL);
  g_autofree char *dot = NULL;

  g_test_summary ("Long labels go over lines, and endless ones end");

  add (engine, "one title that has more words than have room in a line", NULL);
  add (engine, "src/some/where/deep/down/below/there/is/a-file.c", NULL);
  add (engine, "日本語の長い題名は一行に入らないので折り返されます", NULL);
  for (guint i = 0; i < 1000; i++)
    g_string_append (endless, "abcdefghij");
  add (engine, endless->str, NULL);

  dot = jobs_engine_to_dot (engine);
  assert_part (dot, "label=\"one title that has more words\\nthan have room in a line\", tooltip=\"one title that has more words than ");
  assert_part (dot, "label=\"src/some/where/deep/down/below/\\nthere/is/a-file.c\"");
  assert_part (dot, "label=\"日本語の長い題名は一行に入らない\\nので折り返されます\"");
  assert_part (dot, "abcdef…\", tooltip");
  assert_drawn (dot, (const char *[]) { "one title that has more words\n", "than have room in a line\n",
                                        "日本語の長い題名は一行に入らない\n", NULL });

  g_assert_finalize_object (engine);
}

/* The labels of those on the longest path, in the order of the picture */
static char *
dup_path (JobsPicture *picture)
{
  g_autoptr (GPtrArray) path = jobs_picture_dup_longest_path (picture);
  GString *labels = g_string_new (NULL);

  for (guint i = 0; i < path->len; i++)
    g_string_append_printf (labels, "%s%s", i > 0 ? " " : "", jobs_action_get_label (path->pdata[i]));

  return g_string_free (labels, FALSE);
}

static void
assert_path (JobsPicture *picture,
             const char  *expected)
{
  g_autofree char *path = dup_path (picture);

  g_assert_cmpstr (path, ==, expected);
}

static void
test_longest_path (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a, *b, *c, *d, *x, *server;
  JobsEngine *inner;
  g_autoptr (JobsPicture) picture = NULL;
  g_autofree char *dot = NULL;

  g_test_summary ("The longest path goes by what is known, through nested engines");

  a = add (engine, "a", NULL);
  b = add (engine, "b", a);
  c = add (engine, "c", NULL);
  inner = add_engine (engine, "inner", c);
  x = add (inner, "x", NULL);
  add (inner, "y", x);
  add (inner, "beside", NULL);
  d = add (engine, "d", JOBS_ACTION (inner));
  jobs_action_requires_full (add (engine, "mourner", d), b, JOBS_CONDITION_FAILURE, NULL);
  server = add (engine, "server", d);
  jobs_action_set_forever (server, TRUE);

  picture = jobs_picture_new (engine);
  assert_path (picture, "c x y d");
  dot = jobs_picture_to_dot (picture);
  assert_part (dot, "cluster_4 { label=\"inner\"; tooltip=\"inner: idle\"; style=\"solid\"; color=\"#0060a8\"; ");
  assert_part (dot, "n1 -> n2;\n");
  assert_part (dot, "n5 -> n6 [color=\"#0060a8\", penwidth=3];\n");

  jobs_picture_set_estimate (picture, b, 10);
  assert_path (picture, "a b");
  jobs_picture_set_estimate (picture, c, 20);
  assert_path (picture, "c x y d");
  /* What a run has shown counts for more than what was expected */
  jobs_picture_set_state (picture, c, JOBS_STATE_FINISHED, NULL, 5);
  assert_path (picture, "a b");
  jobs_picture_set_state (picture, b, JOBS_STATE_SKIPPED, NULL, -1);
  assert_path (picture, "c x y d");
  /* What is not waited for */
  jobs_picture_set_estimate (picture, server, 1000);
  assert_path (picture, "c x y d");
  /* A client that waits for no more than that the other one serves */
  jobs_action_requires_full (d, JOBS_ACTION (inner), JOBS_CONDITION_READY, NULL);
  g_clear_object (&picture);
  picture = jobs_picture_new (engine);
  jobs_picture_set_estimate (picture, d, 100);
  assert_path (picture, "c d");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static void
test_no_path (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL), *b, *c;
  g_autoptr (JobsPicture) none = NULL;
  g_autoptr (JobsPicture) circle = NULL;

  g_test_summary ("Of what stands side by side nothing is longest, and in a circle neither");

  add (engine, "beside", NULL);
  none = jobs_picture_new (engine);
  assert_path (none, "");
  jobs_picture_set_estimate (none, a, 1);
  assert_path (none, "a");

  b = add (engine, "b", a);
  c = add (engine, "c", b);
  jobs_action_requires (b, c);
  jobs_action_requires (add (engine, "d", a), a);
  circle = jobs_picture_new (engine);
  assert_path (circle, "a d");

  g_assert_finalize_object (g_steal_pointer (&none));
  g_assert_finalize_object (g_steal_pointer (&circle));
  g_assert_finalize_object (engine);
}

static void
test_given_states (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL), *b = add (engine, "b", a), *c = add (engine, "c", b);
  g_autoptr (JobsPicture) picture = NULL;
  g_autofree char *dot = NULL;
  g_autofree char *mermaid = NULL;

  g_test_summary ("States of a run that was elsewhere can be shown");

  jobs_action_set_label (JOBS_ACTION (engine), "whole");
  picture = jobs_picture_new (engine);
  jobs_picture_set_state (picture, JOBS_ACTION (engine), JOBS_STATE_FAILED, NULL, 61 * G_USEC_PER_SEC);
  jobs_picture_set_state (picture, a, JOBS_STATE_FINISHED, NULL, 1250000);
  jobs_picture_set_state (picture, b, JOBS_STATE_CANCELLED, "interrupted", -1);
  jobs_picture_set_state (picture, c, JOBS_STATE_RUNNING, NULL, 7250 * (gint64) G_USEC_PER_SEC);

  dot = jobs_picture_to_dot (picture);
  assert_part (dot, "label=\"whole\\nfailed, 1 min 1 s\"");
  assert_part (dot, "n1 [label=\"a\\nfinished, 1.2 s\"");
  assert_part (dot, "n2 [label=\"b\\ninterrupted\", tooltip=\"b: interrupted\"");
  assert_part (dot, "n3 [label=\"c\\nrunning\"");
  assert_drawn (dot, (const char *[]) { "whole", "a", "b", "interrupted", "c", NULL });
  mermaid = jobs_picture_to_mermaid (picture);
  assert_part (mermaid, "  n2[\"b<br/>interrupted\"]\n");
  assert_part (mermaid, "  class n3 running\n");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static void
test_mermaid (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *a, *z;
  g_autoptr (JobsPicture) picture = NULL;
  g_autofree char *mermaid = NULL;

  g_test_summary ("As a flowchart of Mermaid, with any labels");

  a = add (engine, "say \"hi\" <b>#1</b> & </script>`\\*", NULL);
  inner = add_engine (engine, "in\nside", a);
  add_engine (inner, "empty", NULL);
  z = add (engine, "- no list\n12. neither", JOBS_ACTION (inner));
  jobs_action_set_critical (z, FALSE);
  jobs_action_requires_full (add (engine, "", NULL), z, JOBS_CONDITION_AFTER, NULL);
  jobs_action_requires_full (add (engine, "end\a", NULL), z, JOBS_CONDITION_FAILURE, NULL);

  picture = jobs_picture_new (engine);
  jobs_picture_set_state (picture, JOBS_ACTION (inner), JOBS_STATE_FINISHED, NULL, 1500);
  mermaid = jobs_picture_to_mermaid (picture);
  g_assert_cmpstr (mermaid, ==,
                   "flowchart TD\n"
                   "  n1[\"say #34;hi#34; #60;b#62;#35;1#60;/b#62; #38; #60;/<br/>script#62;#96;#92;#42;\"]\n"
                   "  subgraph n2[\"in side: finished, 1 ms\"]\n"
                   "    subgraph n3[\"empty\"]\n"
                   "    end\n"
                   "  end\n"
                   "  n4[\"#45; no list<br/>12#46; neither\"]\n"
                   "  n5[\" \"]\n"
                   "  n6[\"end\357\277\275\"]\n"
                   "  n1 ==> n2\n"
                   "  n2 ==> n4\n"
                   "  n4 ==>|after| n5\n"
                   "  n4 -->|failure| n6\n"
                   "  classDef finished fill:#9adbc5,color:#000,stroke:#202020\n"
                   "  class n2 finished\n"
                   "  classDef critical stroke-width:2px\n"
                   "  class n1,n2,n3,n5,n6 critical\n"
                   "  classDef uncritical stroke-width:0.8px\n"
                   "  class n4 uncritical\n"
                   "  classDef longest stroke:#0060a8,stroke-width:4px\n"
                   "  class n1,n2,n3,n4,n5 longest\n");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static gboolean
has_dot (void)
{
  g_autofree char *program = g_find_program_in_path ("dot");

  if (program == NULL)
    g_test_skip ("Graphviz is not installed");

  return program != NULL;
}

static void
flag_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
test_render (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsPicture) picture = NULL;
  g_autoptr (GBytes) svg = NULL;
  g_autoptr (GBytes) png = NULL;
  g_autoptr (GError) error = NULL;
  gboolean was_iterated = FALSE;
  JobsAction *action;
  guint idle;

  g_test_summary ("Dot makes files of it, and our caller's context stands still");

  if (!has_dot ())
    {
      g_object_unref (engine);
      return;
    }

  action = add (engine, "tea </script>", NULL);
  picture = jobs_picture_new (engine);
  jobs_picture_set_state (picture, action, JOBS_STATE_FINISHED, NULL, -1);
  g_assert_true (jobs_picture_can_render (picture, &error));
  g_assert_no_error (error);

  idle = g_idle_add_once (flag_cb, &was_iterated);
  svg = jobs_picture_render (picture, "svg", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (svg, NULL), (gssize) g_bytes_get_size (svg), "&lt;/script&gt;"));
  png = jobs_picture_render (picture, "png", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (png_count (png, 0x9adbc5), >, 100);
  g_assert_cmpuint (png_count (png, 0xee8a55), ==, 0);
  g_assert_false (was_iterated);
  g_source_remove (idle);

  g_assert_null (jobs_picture_render (picture, "nosuchformat", NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_FAILED);
  assert_part (error->message, "nosuchformat");
  g_clear_error (&error);
  g_assert_finalize_object (g_steal_pointer (&picture));

  /* More than fits in a pipe, for a dot that reads nothing */
  for (guint i = 0; i < 3000; i++)
    add (engine, "more", NULL);
  picture = jobs_picture_new (engine);
  g_assert_null (jobs_picture_render (picture, "nosuchformat", NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_FAILED);
  assert_part (error->message, "nosuchformat");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_render_cancelled (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsPicture) picture = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Who waits for a picture can give up");

  if (!has_dot ())
    {
      g_object_unref (engine);
      return;
    }

  add (engine, "a", NULL);
  picture = jobs_picture_new (engine);
  jobs_picture_render_async (picture, "svg", cancellable, result_cb, &result);
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (jobs_picture_render_finish (picture, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (jobs_picture_render (picture, "svg", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_clear_object (&result);
  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static void
test_render_refused (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsPicture) picture = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (g_getenv ("PATH"));

  g_test_summary ("Where no picture can be drawn it is said what to do");

  for (guint i = 0; i < 4001; i++)
    add (engine, "a", NULL);
  picture = jobs_picture_new (engine);
  if (jobs_picture_can_render (picture, &error))
    g_assert_not_reached ();
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  if (has_dot ())
    {
      g_assert_null (jobs_picture_render (picture, "svg", NULL, &error));
      g_assert_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED);
      assert_part (error->message, "sfdp");
      g_clear_error (&error);
    }

  g_setenv ("PATH", "/nowhere", TRUE);
  g_assert_null (jobs_picture_render (picture, "svg", NULL, &error));
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED);
  assert_part (error->message, "graphviz");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_assert_finalize_object (engine);
}

static void
test_big (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *deep = engine;
  JobsAction *last = NULL;
  g_autoptr (JobsPicture) picture = NULL;
  g_autoptr (GPtrArray) path = NULL;
  g_autofree char *dot = NULL;
  g_autofree char *mermaid = NULL;

  g_test_summary ("Long chains and deep nesting need no deep stack");

  for (guint i = 0; i < 20000; i++)
    last = add (engine, NULL, last);
  for (guint i = 0; i < 1000; i++)
    {
      deep = add_engine (deep, "deeper", last);
      last = NULL;
    }
  add (deep, "deepest", NULL);

  picture = jobs_picture_new (engine);
  path = jobs_picture_dup_longest_path (picture);
  g_assert_cmpuint (path->len, ==, 20001);
  dot = jobs_picture_to_dot (picture);
  mermaid = jobs_picture_to_mermaid (picture);
  assert_part (dot, "n19999 -> n20000 [");
  assert_part (mermaid, "  n20000 ==> n20001\n");

  g_assert_finalize_object (g_steal_pointer (&picture));
  g_clear_pointer (&path, g_ptr_array_unref);
  g_assert_finalize_object (engine);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/picture/looks", test_looks);
  g_test_add_func ("/jobs/picture/nested", test_nested);
  g_test_add_func ("/jobs/picture/circle", test_circle);
  g_test_add_func ("/jobs/picture/escapes", test_escapes);
  g_test_add_func ("/jobs/picture/states", test_states);
  g_test_add_func ("/jobs/picture/wrapping", test_wrapping);
  g_test_add_func ("/jobs/picture/longest-path", test_longest_path);
  g_test_add_func ("/jobs/picture/no-path", test_no_path);
  g_test_add_func ("/jobs/picture/given-states", test_given_states);
  g_test_add_func ("/jobs/picture/mermaid", test_mermaid);
  g_test_add_func ("/jobs/picture/render", test_render);
  g_test_add_func ("/jobs/picture/render-cancelled", test_render_cancelled);
  g_test_add_func ("/jobs/picture/render-refused", test_render_refused);
  g_test_add_func ("/jobs/picture/big", test_big);

  return g_test_run ();
}
