/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "../boards.h"
#include "gtk-support.h"
#include "jobs-gtk-artist.h"
#include "jobs-gtk-draft.h"
#include "jobs-gtk-output.h"

/* What needs no window: where Graphviz puts things, and what text looks like */

/* Many enough for Graphviz to be at work for a while */
#define N_STEPS 400

/* With all its edges, not yet placed */
static JobsGtkPlan *
plan_new (JobsEngine *engine,
          gboolean    collapsed)
{
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  GtkWidget *label = g_object_ref_sink (gtk_label_new (NULL));
  JobsGtkPlan *plan = jobs_gtk_plan_new (board, collapsed, label);
  g_autoptr (GPtrArray) lines = jobs_gtk_plan_dup_lines (plan);
  g_autoptr (GPtrArray) requirements = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_object_unref (label);
  jobs_board_list_requirements_async (board, lines, NULL, take_result, &result);
  spin_until (result != NULL);
  requirements = jobs_board_list_requirements_finish (board, result, &error);
  g_assert_no_error (error);
  jobs_gtk_plan_take_requirements (plan, requirements);

  return plan;
}

static JobsGtkPlan *
draft (JobsEngine *engine,
       gboolean    collapsed,
       GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  jobs_gtk_draft_async (plan_new (engine, collapsed), NULL, take_result, &result);
  spin_until (result != NULL);

  return jobs_gtk_draft_finish (result, error);
}

static gboolean
is_within (const graphene_rect_t *inner,
           const graphene_rect_t *outer)
{
  return graphene_rect_contains_rect (outer, inner);
}

static void
test_places (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *inner;
  JobsAction *first, *last;
  g_autoptr (JobsGtkPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  const JobsGtkEdge *into, *out;
  graphene_rect_t border;

  g_test_summary ("What is in an engine is within it, arrows lead down and end at its border");

  first = add (engine, "first", NULL);
  inner = add_engine (engine, "inner \"quoted\" \\ [x] {y}; z");
  last = add (engine, "last", NULL);
  jobs_action_requires (add (inner, "b", NULL), add (inner, "a", NULL));
  jobs_action_requires (JOBS_ACTION (inner), first);
  jobs_action_requires_full (last, JOBS_ACTION (inner), JOBS_CONDITION_FAILURE, NULL);

  plan = draft (engine, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->n_nodes, ==, 5);
  g_assert_cmpuint (plan->edges->len, ==, 3);
  g_assert_true (plan->nodes[1].is_cluster);
  g_assert_true (is_within (&plan->nodes[2].area, &plan->nodes[1].area));
  g_assert_true (is_within (&plan->nodes[3].area, &plan->nodes[1].area));
  g_assert_cmpfloat (plan->nodes[0].area.origin.y, <, plan->nodes[1].area.origin.y);
  g_assert_cmpfloat (plan->nodes[1].area.origin.y, <, plan->nodes[4].area.origin.y);
  g_assert_true (is_within (&plan->nodes[4].area, &GRAPHENE_RECT_INIT (0, 0, plan->size.width, plan->size.height)));

  into = &g_array_index (plan->edges, JobsGtkEdge, 0);
  g_assert_cmpuint (into->to, ==, 1);
  g_assert_true (into->has_tip);
  g_assert_cmpfloat_with_epsilon (into->tip.y, plan->nodes[1].area.origin.y, 0.5);
  out = &g_array_index (plan->edges, JobsGtkEdge, 2);
  g_assert_cmpuint (out->from, ==, 1);
  g_assert_cmpint (out->condition, ==, JOBS_CONDITION_FAILURE);
  border = plan->nodes[1].area;
  g_assert_cmpfloat_with_epsilon (out->points[0].y, border.origin.y + border.size.height, 0.5);

  /* The innermost one is what is pointed at */
  g_assert_cmpuint (jobs_gtk_plan_find (plan, border.origin.x + 2, border.origin.y + 2), ==, 1);
  g_assert_cmpuint (jobs_gtk_plan_find (plan, plan->nodes[2].area.origin.x + 2, plan->nodes[2].area.origin.y + 2), ==,
                    2);
  g_assert_cmpuint (jobs_gtk_plan_find (plan, -50, -50), ==, JOBS_GTK_PLAN_NONE);
  g_assert_cmpuint (jobs_gtk_plan_find_next (plan, 2, 0, 1), ==, 3);
}

static void
test_collapsed (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  g_autoptr (JobsBoard) board = NULL;
  g_autoptr (JobsGtkPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A collapsed engine is one node, and so is one that is empty; a circle is drawn too");

  jobs_action_requires (add (inner, "b", NULL), add (inner, "a", NULL));
  add_engine (engine, "empty");
  jobs_action_requires (add (engine, "c", NULL), JOBS_ACTION (inner));
  board = jobs_engine_board_new (engine);
  g_assert_cmpuint (jobs_gtk_plan_count (G_LIST_MODEL (board), FALSE, 100), ==, 5);
  g_assert_cmpuint (jobs_gtk_plan_count (G_LIST_MODEL (board), TRUE, 100), ==, 3);
  g_assert_cmpuint (jobs_gtk_plan_count (G_LIST_MODEL (board), FALSE, 4), ==, 4);

  plan = draft (engine, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->n_nodes, ==, 3);
  g_assert_false (plan->nodes[0].is_cluster);
  g_assert_false (plan->nodes[1].is_cluster);
  g_clear_pointer (&plan, jobs_gtk_plan_free);

  jobs_action_requires (g_list_model_get_item (G_LIST_MODEL (inner), 0), g_list_model_get_item (G_LIST_MODEL (inner), 1));
  g_object_unref (g_list_model_get_item (G_LIST_MODEL (inner), 0));
  g_object_unref (g_list_model_get_item (G_LIST_MODEL (inner), 1));
  plan = draft (engine, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->edges->len, ==, 3);
}

static void
test_deep (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *outer = add_engine (engine, "outer");
  JobsEngine *first = add_engine (outer, "first");
  JobsEngine *last = add_engine (outer, "last");
  JobsAction *before = add (engine, "before", NULL);
  JobsAction *after = add (engine, "after", NULL);
  g_autoptr (JobsGtkPlan) plan = NULL;

  g_test_summary ("Arrows lead to the first and from the last of what is in engines in an engine");

  jobs_action_requires (add (first, "b", NULL), add (first, "a", NULL));
  jobs_action_requires (add (last, "d", NULL), add (last, "c", NULL));
  jobs_action_requires (JOBS_ACTION (last), JOBS_ACTION (first));
  jobs_action_requires (JOBS_ACTION (outer), before);
  jobs_action_requires (after, JOBS_ACTION (outer));

  plan = plan_new (engine, FALSE);
  g_assert_cmpuint (plan->n_nodes, ==, 9);
  g_assert_cmpuint (plan->edges->len, ==, 5);
  g_assert_cmpstr (plan->nodes[0].name, ==, "outer");
  g_assert_cmpstr (plan->nodes[plan->nodes[0].head].name, ==, "a");
  g_assert_cmpstr (plan->nodes[plan->nodes[0].tail].name, ==, "d");
  g_assert_cmpstr (plan->nodes[plan->nodes[1].head].name, ==, "a");
  g_assert_cmpstr (plan->nodes[plan->nodes[1].tail].name, ==, "b");
}

static void
test_big (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsGtkPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  JobsAction *actions[150];

  g_test_summary ("Each of many nodes has a place of its own, and each edge its curve");

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *label = g_strdup_printf ("a job with a name of some length %u", i);

      actions[i] = add (engine, label, NULL);
      for (guint j = 1; j <= 3 && i > 10; j++)
        jobs_action_requires (actions[i], actions[i - 10 + (i * j) % 7]);
    }

  plan = draft (engine, FALSE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < plan->n_nodes; i++)
    for (guint j = 0; j < i; j++)
      g_assert_false (graphene_rect_intersection (&plan->nodes[i].area, &plan->nodes[j].area, NULL));
  for (guint i = 0; i < plan->edges->len; i++)
    g_assert_cmpuint (g_array_index (plan->edges, JobsGtkEdge, i).n_points, >=, 4);
}

/* The same job comes and goes */
static gboolean
change_cb (gpointer data)
{
  JobsEngine *engine = data;
  g_autoptr (JobsAction) last = g_list_model_get_item (G_LIST_MODEL (engine), N_STEPS);

  if (last != NULL)
    jobs_engine_remove (engine, last);
  else
    add (engine, "comes and goes", NULL);

  return G_SOURCE_CONTINUE;
}

static void
count_plans_cb (guint         *n,
                JobsGtkArtist *artist)
{
  *n += jobs_gtk_artist_get_plan (artist) != NULL;
}

static void
test_without_a_pause (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  g_autoptr (JobsLine) line = NULL;
  GtkWidget *label = g_object_ref_sink (gtk_label_new (NULL));
  JobsGtkArtist *artist = jobs_gtk_artist_new (label);
  JobsAction *actions[N_STEPS];
  guint n_plans = 0, source;

  g_test_summary ("What changes faster than it can be drawn is drawn all the same, and in the end as it is");

  for (guint i = 0; i < N_STEPS; i++)
    {
      actions[i] = add (engine, "one of those that make it slow", NULL);
      for (guint j = 7; j <= 14 && j <= i; j += 7)
        jobs_action_requires (actions[i], actions[i - j + j / 7 - 1]);
    }
  board = jobs_engine_board_new (engine);
  g_signal_connect_swapped (artist, "drawn", G_CALLBACK (count_plans_cb), &n_plans);
  source = g_timeout_add (5, change_cb, engine);
  jobs_gtk_artist_draw (artist, board, FALSE);
  spin_until (n_plans == 3);

  g_source_remove (source);
  line = jobs_engine_board_dup_line (JOBS_ENGINE_BOARD (board), add (engine, "last", NULL));
  spin_until (jobs_gtk_plan_find_line (jobs_gtk_artist_get_plan (artist), line) != JOBS_GTK_PLAN_NONE);

  jobs_gtk_artist_draw (artist, NULL, FALSE);
  g_assert_finalize_object (artist);
  g_object_unref (label);
}

static void
test_no_graphviz (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;

  g_test_summary ("Without Graphviz there is a message that names it");

  add (engine, "one", NULL);
  g_setenv ("PATH", "/nowhere", TRUE);
  g_assert_null (draft (engine, FALSE, &error));
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "Graphviz"));
}

static void
test_nonsense (void)
{
  static const char *const texts[] = {
    "", "digraph {", "}}}}", "\"", "[[[[", "n0 [pos=", "digraph { graph [bb=\"0,0\"]; }",
    "digraph { graph [bb=\"0,0,10,10\"]; n99 [pos=\"1,1\"]; n0 -> n1 [id=e77, pos=\"e,1,1 2,2\"]; subgraph cluster_500 { "
    "graph [bb=\"1,1,2,2\"]; } }",
    "digraph { graph [bb=\"0,0,9,9\"]; n0 -> n1 [id=e0, pos=\"1,1 2,2 3,3\"]; n0 [pos=\"x\"]; }",
  };
  g_autoptr (JobsEngine) engine = jobs_engine_new ();

  g_test_summary ("Whatever calls itself dot and writes something else does no harm");

  jobs_action_requires (add (engine, "two", NULL), add (engine, "one", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JobsGtkPlan) plan = plan_new (engine, FALSE);

      g_assert_cmpint (jobs_gtk_plan_place (plan, texts[i]), ==, i >= 7);
    }
}

static void
test_clean (void)
{
  static const struct
  {
    const char *text;
    const char *clean;
  } cases[] = {
    { "plain\ntext\n", "plain\ntext\n" },
    { "\033[1;31mred\033[0m and \033[Kmore", "red and more" },
    { " 10%\r 50%\r100%\n", "100%\n" },
    { "dos\r\n", "dos\n" },
    { "\033[2J\033]0;title\007", "^[[2J^[]0;title^G" },
    { "\033[", "^[[" },
    { "\033[31", "^[[31" },
    { "tab\there", "tab\there" },
    { "", "" },
  };

  g_test_summary ("Colours are left out, what was written over is gone, and what does harm is seen");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = jobs_gtk_output_clean (cases[i].text);

      g_assert_cmpstr (clean, ==, cases[i].clean);
    }
}

int
main (int argc, char *argv[])
{
  setup (&argc, &argv);

  g_test_add_func ("/jobs/gtk-plan/places", test_places);
  g_test_add_func ("/jobs/gtk-plan/collapsed", test_collapsed);
  g_test_add_func ("/jobs/gtk-plan/deep", test_deep);
  g_test_add_func ("/jobs/gtk-plan/big", test_big);
  g_test_add_func ("/jobs/gtk-plan/without-a-pause", test_without_a_pause);
  g_test_add_func ("/jobs/gtk-plan/no-graphviz", test_no_graphviz);
  g_test_add_func ("/jobs/gtk-plan/nonsense", test_nonsense);
  g_test_add_func ("/jobs/gtk-plan/clean", test_clean);

  return g_test_run ();
}
