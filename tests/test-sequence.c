/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <asyncjobs.h>

static gboolean
note_cb (JobsAction *action,
         gpointer    user_data,
         GError    **error)
{
  g_string_append (user_data, jobs_action_get_label (action));

  return TRUE;
}

static JobsAction *
action_new (const char *label,
            GString    *diary)
{
  return jobs_callback_action_new (label, note_cb, diary, NULL);
}

static gboolean
requires (JobsAction *action,
          JobsAction *other)
{
  JobsCondition condition;

  return jobs_action_get_requirement (action, other, &condition) &&
         condition == JOBS_CONDITION_DONE;
}

static guint
count_requirements (JobsAction *action)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  return requirements->len;
}

static void
changed_cb (GListModel *model,
            guint       position,
            guint       removed,
            guint       added,
            gpointer    user_data)
{
  g_assert_cmpuint (removed, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, position + added);
  g_string_append_printf (user_data, "[%u+%u]", position, added);
}

static void
test_chain (void)
{
  g_autoptr (GString) changes = g_string_new (NULL);
  JobsSequence *sequence = jobs_sequence_new (), *more = jobs_sequence_new ();
  JobsAction *actions[5];

  g_test_summary ("Each action requires the one before it, and that only, also where they come "
                  "from another sequence");

  g_assert_null (jobs_sequence_get_first (sequence));
  g_assert_null (jobs_sequence_get_last (sequence));
  g_assert_null (jobs_sequence_get_engine (sequence));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (sequence)) == JOBS_TYPE_ACTION);
  g_signal_connect (sequence, "items-changed", G_CALLBACK (changed_cb), changes);

  for (guint i = 0; i < 5; i++)
    {
      actions[i] = action_new ("x", NULL);
      g_assert_true (jobs_sequence_append (i < 2 ? sequence : more, actions[i]));
    }
  g_assert_true (jobs_sequence_append_sequence (sequence, more));

  g_assert_true (jobs_sequence_get_first (sequence) == actions[0]);
  g_assert_true (jobs_sequence_get_last (sequence) == actions[4]);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (more)), ==, 3);
  g_assert_cmpstr (changes->str, ==, "[0+1][1+1][2+3]");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (sequence), 5));
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (JobsAction) item = g_list_model_get_item (G_LIST_MODEL (sequence), i);

      g_assert_true (item == actions[i]);
      g_assert_cmpuint (count_requirements (item), ==, i > 0);
      g_assert_true (i == 0 || requires (item, actions[i - 1]));
    }

  g_assert_finalize_object (sequence);
  g_assert_finalize_object (more);
  for (guint i = 5; i > 0; i--)
    g_assert_finalize_object (actions[i - 1]);
}

static void
test_requirements (void)
{
  JobsSequence *sequence = jobs_sequence_new (), *other = jobs_sequence_new ();
  JobsSequence *empty = jobs_sequence_new ();
  JobsAction *a = action_new ("a", NULL), *b = action_new ("b", NULL), *c = action_new ("c", NULL);
  JobsAction *first = action_new ("1", NULL), *second = action_new ("2", NULL);

  g_test_summary ("The first action has the requirements of the sequence, also those from before "
                  "it came; the last one is what is required");

  jobs_sequence_append (other, a);
  jobs_sequence_append (other, b);

  jobs_sequence_requires (sequence, NULL);
  jobs_sequence_requires_sequence (sequence, NULL);
  jobs_sequence_requires_sequence (sequence, empty);
  jobs_sequence_requires_sequence (sequence, sequence);
  jobs_sequence_requires (sequence, c);
  jobs_sequence_requires (sequence, c);
  g_assert_false (jobs_sequence_append (sequence, c));
  g_assert_true (jobs_sequence_append_sequence (sequence, empty));

  g_assert_true (jobs_sequence_append (sequence, first));
  g_assert_true (requires (first, c));
  g_assert_cmpuint (count_requirements (first), ==, 1);

  g_assert_true (jobs_sequence_append (sequence, second));
  jobs_sequence_requires_sequence (sequence, other);
  jobs_sequence_requires_sequence (sequence, sequence);
  g_assert_true (requires (first, b));
  g_assert_false (requires (first, a));
  g_assert_cmpuint (count_requirements (first), ==, 2);
  g_assert_cmpuint (count_requirements (second), ==, 1);

  jobs_action_requires_sequence (c, empty);
  jobs_action_requires_sequence (a, sequence);
  g_assert_cmpuint (count_requirements (c), ==, 0);
  g_assert_true (requires (a, second));

  /* Those that require each other would keep each other */
  jobs_action_drop_requirement (a, second);
  g_assert_finalize_object (sequence);
  g_assert_finalize_object (other);
  g_assert_finalize_object (empty);
  g_assert_finalize_object (second);
  g_assert_finalize_object (first);
  g_assert_finalize_object (c);
  g_assert_finalize_object (b);
  g_assert_finalize_object (a);
}

static void
test_condition (void)
{
  JobsSequence *sequence = jobs_sequence_new ();
  JobsAction *a = action_new ("a", NULL), *b = action_new ("b", NULL);
  JobsCondition condition;

  g_test_summary ("An action that already requires the last one keeps its condition");

  jobs_action_requires_full (b, a, JOBS_CONDITION_SUCCESS, NULL);
  g_assert_true (jobs_sequence_append (sequence, a));
  g_assert_true (jobs_sequence_append (sequence, b));
  g_assert_true (jobs_action_get_requirement (b, a, &condition));
  g_assert_cmpint (condition, ==, JOBS_CONDITION_SUCCESS);

  g_assert_finalize_object (sequence);
  g_assert_finalize_object (b);
  g_assert_finalize_object (a);
}

static guint n_criticals;

static GLogWriterOutput
writer_cb (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  if ((level & G_LOG_LEVEL_CRITICAL) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);

  n_criticals++;

  return G_LOG_WRITER_HANDLED;
}

static void
test_refusal (void)
{
  JobsSequence *sequence = jobs_sequence_new (), *other = jobs_sequence_new ();
  JobsEngine *engine = jobs_engine_new (), *elsewhere = jobs_engine_new ();
  JobsAction *a = action_new ("a", NULL), *b = action_new ("b", NULL), *c = action_new ("c", NULL);

  g_test_summary ("What is in the sequence already, or in another engine, is not appended, and "
                  "nothing has changed then");

  g_assert_true (jobs_sequence_append (sequence, a));
  g_assert_false (jobs_sequence_append (sequence, a));
  g_assert_true (jobs_sequence_append (other, b));
  g_assert_true (jobs_sequence_append (other, c));
  g_assert_true (jobs_sequence_append (other, a));
  g_assert_false (jobs_sequence_append_sequence (sequence, other));
  g_assert_false (jobs_sequence_append_sequence (sequence, sequence));
  g_assert_cmpuint (count_requirements (b), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (sequence)), ==, 1);

  g_assert_true (jobs_engine_add_sequence (engine, sequence));
  g_assert_true (jobs_sequence_get_engine (sequence) == engine);
  g_assert_true (jobs_engine_add (elsewhere, b));
  g_assert_cmpuint (n_criticals, ==, 0);
  g_assert_false (jobs_sequence_append (sequence, b));
  g_assert_cmpuint (n_criticals, ==, 1);
  g_assert_false (requires (b, a));
  g_assert_true (jobs_sequence_get_last (sequence) == a);

  g_object_unref (a);
  g_object_unref (b);
  g_object_unref (c);
  g_assert_finalize_object (other);
  g_assert_finalize_object (engine);
  g_assert_null (jobs_sequence_get_engine (sequence));
  g_assert_finalize_object (elsewhere);
  g_assert_finalize_object (sequence);
}

static void
test_engine (void)
{
  g_autoptr (GString) diary = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  JobsEngine *engine = jobs_engine_new ();
  JobsSequence *sequence = jobs_sequence_new ();
  JobsAction *a = action_new ("a", diary), *b = action_new ("b", diary);
  JobsAction *c = action_new ("c", diary);

  g_test_summary ("A sequence in an engine runs in its order; what is appended later is added to "
                  "the engine, where it is not in it yet");

  jobs_engine_add (engine, c);
  g_assert_true (jobs_engine_add_sequence (engine, sequence));
  g_assert_true (jobs_sequence_append (sequence, a));
  g_assert_true (jobs_engine_contains (engine, a));
  g_assert_true (jobs_sequence_append (sequence, b));
  g_assert_true (jobs_sequence_append (sequence, c));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 3);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (diary->str, ==, "abc");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (sequence);
  g_assert_finalize_object (c);
  g_assert_finalize_object (b);
  g_assert_finalize_object (a);
}

typedef struct
{
  JobsSequence *sequence;
  JobsAction   *late;
} Appending;

static gboolean
append_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  Appending *appending = user_data;

  return jobs_sequence_append (appending->sequence, appending->late);
}

static void
test_running (void)
{
  g_autoptr (GString) diary = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  JobsEngine *engine = jobs_engine_new ();
  Appending appending = { jobs_sequence_new (), action_new ("late", diary) };
  JobsAction *a = jobs_callback_action_new ("a", append_cb, &appending, NULL);
  JobsAction *b = action_new ("b", diary);

  g_test_summary ("What is appended while the engine runs is run, after the one before it");

  jobs_sequence_append (appending.sequence, a);
  jobs_sequence_append (appending.sequence, b);
  jobs_engine_add_sequence (engine, appending.sequence);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (diary->str, ==, "blate");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (appending.sequence);
  g_assert_finalize_object (appending.late);
  g_assert_finalize_object (b);
  g_assert_finalize_object (a);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);
  g_log_set_writer_func (writer_cb, NULL, NULL);

  g_test_add_func ("/jobs/sequence/chain", test_chain);
  g_test_add_func ("/jobs/sequence/requirements", test_requirements);
  g_test_add_func ("/jobs/sequence/condition", test_condition);
  g_test_add_func ("/jobs/sequence/refusal", test_refusal);
  g_test_add_func ("/jobs/sequence/engine", test_engine);
  g_test_add_func ("/jobs/sequence/running", test_running);

  return g_test_run ();
}
