/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-selection.h"

#include "jobs-schema.h"

#include <glib/gi18n-lib.h>

/* How much of an action a selection keeps; of an engine also what is inside */
enum
{
  KEEP_NOTHING,
  KEEP_SOME,
  KEEP_ALL,
};

typedef struct
{
  JobsAction *action;
  guint how;
} Kept;

void
jobs_selection_add_paths (JobsEngine *engine,
                          GHashTable *names)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);

  /* The first one is the engine itself */
  for (guint i = 1; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      GPtrArray *one = g_ptr_array_new_full (1, g_object_unref);

      g_ptr_array_add (one, g_object_ref (action));
      g_hash_table_replace (names, jobs_action_dup_path (action), one);
    }
}

static char *
dup_hint (GHashTable *names,
          const char *name)
{
  JobsSuggestion suggestion;
  GHashTableIter iter;
  gpointer other;

  jobs_suggestion_init (&suggestion, name);
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    jobs_suggestion_offer (&suggestion, other);

  return jobs_schema_dup_hint (&suggestion);
}

static gboolean
is_inside (JobsEngine *engine,
           JobsAction *action)
{
  JobsEngine *around = jobs_action_get_engine (action);

  while (around != NULL && around != engine)
    around = jobs_action_get_engine (JOBS_ACTION (around));

  return around != NULL;
}

GPtrArray *
jobs_selection_find (JobsEngine        *engine,
                     GHashTable        *names,
                     const char *const *wanted,
                     GError           **error)
{
  g_autoptr (GPtrArray) actions = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) unknown = g_string_new (NULL);

  for (guint i = 0; wanted[i] != NULL; i++)
    {
      GPtrArray *named = g_hash_table_lookup (names, wanted[i]);

      if (named == NULL)
        {
          g_autofree char *hint = dup_hint (names, wanted[i]);

          /* Translators: nothing or a new line, a name, a suggestion or nothing */
          g_string_append_printf (unknown, _ ("%sno job is named '%s'%s"),
                                  unknown->len > 0 ? "\n" : "", wanted[i], hint);
          continue;
        }

      /* An earlier selection may have taken it out */
      for (guint j = 0; j < named->len; j++)
        if (is_inside (engine, g_ptr_array_index (named, j)))
          g_ptr_array_add (actions, g_object_ref (g_ptr_array_index (named, j)));
    }

  if (unknown->len > 0)
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_SCHEMA, unknown->str);
      return NULL;
    }

  return g_steal_pointer (&actions);
}

static void
push_kept (GArray     *todo,
           JobsAction *action,
           guint       how)
{
  Kept kept = { action, how };

  g_array_append_val (todo, kept);
}

/* Marks what is to stay: @actions, the engines around them and, where wanted,
 * what any of these requires */
static GHashTable *
mark_kept (JobsEngine *engine,
           GPtrArray  *actions,
           gboolean    with_requirements)
{
  GHashTable *marks = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (Kept));

  for (guint i = 0; i < actions->len; i++)
    push_kept (todo, g_ptr_array_index (actions, i), KEEP_ALL);

  while (todo->len > 0)
    {
      Kept kept = g_array_index (todo, Kept, todo->len - 1);
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (marks, kept.action));
      JobsAction *around = JOBS_ACTION (jobs_action_get_engine (kept.action));

      g_array_set_size (todo, todo->len - 1);
      if (before >= kept.how)
        continue;

      g_hash_table_insert (marks, kept.action, GUINT_TO_POINTER (kept.how));
      if (before != KEEP_NOTHING)
        continue;

      if (around != JOBS_ACTION (engine))
        push_kept (todo, around, KEEP_SOME);

      if (with_requirements)
        {
          g_autoptr (GPtrArray) others = jobs_action_dup_requirements (kept.action);

          for (guint i = 0; i < others->len; i++)
            {
              JobsAction *other = g_ptr_array_index (others, i);
              JobsCondition condition = JOBS_CONDITION_AFTER;

              jobs_action_get_requirement (kept.action, other, &condition);
              if (condition != JOBS_CONDITION_AFTER)
                push_kept (todo, other, KEEP_ALL);
            }
        }
    }

  return marks;
}

static void
trim (JobsEngine *engine,
      GHashTable *marks)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);
      guint how = GPOINTER_TO_UINT (g_hash_table_lookup (marks, action));

      if (how != KEEP_NOTHING)
        g_ptr_array_add (kept, action);
      if (how == KEEP_SOME)
        trim (JOBS_ENGINE (action), marks);
    }

  jobs_engine_keep_only (engine, (JobsAction **) kept->pdata, kept->len);
}

void
jobs_selection_keep (JobsEngine *engine,
                     GPtrArray  *actions,
                     gboolean    with_requirements)
{
  g_autoptr (GHashTable) marks = mark_kept (engine, actions, with_requirements);

  trim (engine, marks);
  jobs_engine_sanitize (engine);
}

void
jobs_selection_drop (JobsEngine *engine,
                     GPtrArray  *actions)
{
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);

      /* One that was named twice, or the engine around it, is gone by now */
      if (is_inside (engine, action))
        jobs_engine_bypass_and_remove (jobs_action_get_engine (action), action);
    }

  jobs_engine_sanitize (engine);
}
