/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "monitors/jobs-visible.h"
#include "plan.h"
#include "tool.h"

/* So many jobs of a path fit on a line */
#define N_SHOWN 8

static void
node_free (gpointer data)
{
  PlanNode *self = data;

  g_object_unref (self->action);
  g_free (self->path);
  g_clear_pointer (&self->members, g_ptr_array_unref);
  g_array_unref (self->requirements);
  g_array_unref (self->dependents);
  g_free (self);
}

static PlanNode *
plan_add (Plan       *self,
          JobsAction *action,
          PlanNode   *around)
{
  PlanNode *node = g_new0 (PlanNode, 1);

  node->action = g_object_ref (action);
  node->path = jobs_action_dup_path (action);
  node->index = self->nodes->len;
  node->around = around;
  node->is_done = jobs_action_get_state (action) == JOBS_STATE_FINISHED || (around != NULL && around->is_done);
  node->requirements = g_array_new (FALSE, FALSE, sizeof (PlanEdge));
  node->dependents = g_array_new (FALSE, FALSE, sizeof (PlanEdge));
  g_ptr_array_add (self->nodes, node);

  return node;
}

static void
add_edges (PlanNode   *node,
           GHashTable *by_action)
{
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (node->action);

  for (guint i = 0; i < others->len; i++)
    {
      PlanEdge edge = { g_hash_table_lookup (by_action, g_ptr_array_index (others, i)) };
      PlanEdge back = { node };

      /* AFTER one that is in no engine is no requirement */
      if (edge.to == NULL)
        continue;
      jobs_action_get_requirement (node->action, edge.to->action, &edge.condition);
      back.condition = edge.condition;
      g_array_append_val (node->requirements, edge);
      g_array_append_val (edge.to->dependents, back);
    }
}

/* Those of a level in the order of adding, then what they hold */
static gboolean
plan_add_members (Plan      *self,
                  PlanNode  *node,
                  GError   **error)
{
  JobsEngine *engine = JOBS_ENGINE (node->action);
  g_autoptr (GHashTable) by_action = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) order = jobs_engine_dup_order (engine, error);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  if (order == NULL)
    return FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_hash_table_insert (by_action, action, plan_add (self, action, node));
    }

  node->members = g_ptr_array_sized_new (n);
  for (guint i = 0; i < order->len; i++)
    {
      PlanNode *member = g_hash_table_lookup (by_action, g_ptr_array_index (order, i));

      add_edges (member, by_action);
      g_ptr_array_add (node->members, member);
      if (JOBS_IS_ENGINE (member->action) && !plan_add_members (self, member, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_impossible (const PlanEdge *edge)
{
  if (edge->condition == JOBS_CONDITION_FAILURE)
    return TRUE;

  return edge->to->is_skipped && !jobs_action_get_forever (edge->to->action) &&
         (edge->condition == JOBS_CONDITION_SUCCESS || edge->condition == JOBS_CONDITION_READY);
}

/* What would not run when all goes well, and what is not waited for */
static void
skip_members (PlanNode *node)
{
  for (guint i = 0; i < node->members->len; i++)
    {
      PlanNode *member = g_ptr_array_index (node->members, i);

      member->is_skipped = node->is_skipped || jobs_action_get_forever (member->action);
      for (guint j = 0; j < member->requirements->len && !member->is_skipped; j++)
        member->is_skipped = is_impossible (&g_array_index (member->requirements, PlanEdge, j));
      if (member->members != NULL)
        skip_members (member);
    }
}

Plan *
plan_new (JobsEngine *engine,
          GError    **error)
{
  g_autoptr (Plan) self = g_new0 (Plan, 1);

  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->whole = plan_add (self, JOBS_ACTION (engine), NULL);
  if (!plan_add_members (self, self->whole, error))
    return NULL;
  skip_members (self->whole);

  return g_steal_pointer (&self);
}

void
plan_free (Plan *self)
{
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

void
plan_estimate (Plan       *self,
               GHashTable *durations)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (self->nodes, i);
      const gint64 *recorded = durations != NULL ? g_hash_table_lookup (durations, node->path) : NULL;

      node->is_known = node->is_done || recorded != NULL || !JOBS_IS_COMMAND_ACTION (node->action);
      if (node->members != NULL || node->is_skipped || node->is_done)
        node->duration = 0;
      else if (recorded != NULL)
        node->duration = *recorded;
      else if (JOBS_IS_DELAY_ACTION (node->action))
        node->duration = (gint64) jobs_delay_action_get_delay (JOBS_DELAY_ACTION (node->action)) * 1000;
      else
        node->duration = 0;
    }
}

static guint
count (Plan    *self,
       gboolean known_too)
{
  guint n = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (self->nodes, i);

      n += node->members == NULL && !node->is_skipped && !node->is_done && (known_too || !node->is_known);
    }

  return n;
}

guint
plan_count (Plan *self)
{
  return count (self, TRUE);
}

guint
plan_count_unknown (Plan *self)
{
  return count (self, FALSE);
}

/* From where the node around it starts. What is skipped passes on what it waits for: a
 * client behind a server that is never waited for still waits for what that requires */
static void
place (PlanNode *node)
{
  PlanNode *last = NULL;

  for (guint i = 0; i < node->requirements->len; i++)
    {
      const PlanEdge *edge = &g_array_index (node->requirements, PlanEdge, i);
      gint64 met = edge->condition == JOBS_CONDITION_READY ? edge->to->start : edge->to->end;

      if (met > node->start || (met == node->start && node->via == NULL))
        {
          node->start = met;
          node->via = edge->to;
        }
    }

  node->end = node->start + node->duration;
  for (guint i = 0; node->members != NULL && i < node->members->len; i++)
    {
      PlanNode *member = g_ptr_array_index (node->members, i);

      member->start = node->start;
      member->via = NULL;
      place (member);
      if (member->end > node->end || (member->end == node->end && last == NULL))
        {
          node->end = member->end;
          last = member;
        }
    }
}

/* The member that ends with its engine, or the node itself */
static PlanNode *
find_last (PlanNode *node)
{
  guint i = 0;

  while (node->members != NULL && i < node->members->len)
    {
      PlanNode *member = g_ptr_array_index (node->members, i);

      if (member->end == node->end)
        {
          node = member;
          i = 0;
        }
      else
        i++;
    }

  return node;
}

gint64
plan_find_longest (Plan      *self,
                   GPtrArray *path)
{
  g_autoptr (GPtrArray) backwards = g_ptr_array_new ();
  PlanNode *node;

  self->whole->start = 0;
  self->whole->via = NULL;
  place (self->whole);

  for (node = find_last (self->whole); node != NULL;)
    {
      if (node->members == NULL && !node->is_skipped && !node->is_done)
        g_ptr_array_add (backwards, node);
      /* The first of an engine waits for what that waits for */
      while (node != NULL && node->via == NULL)
        node = node->around;
      if (node != NULL)
        node = find_last (node->via);
    }

  for (guint i = backwards->len; i > 0; i--)
    g_ptr_array_add (path, g_ptr_array_index (backwards, i - 1));

  return self->whole->end;
}

void
plan_append_path (GString   *to,
                  GPtrArray *path,
                  gboolean   with_durations)
{
  guint n_first = path->len > N_SHOWN ? N_SHOWN - 1 : path->len;

  for (guint i = 0; i < path->len; i++)
    {
      PlanNode *node = g_ptr_array_index (path, i);

      if (i > 0)
        g_string_append (to, " → ");
      /* The first ones are those that matter now, the last one is the end */
      if (i == n_first)
        {
          /* Translators: of names in a row, those in the middle */
          g_string_append_printf (to, _("(%u more) → "), path->len - N_SHOWN);
          i = path->len - 1;
          node = g_ptr_array_index (path, i);
        }
      jobs_visible_append (to, node->path, -1);
      if (with_durations)
        {
          g_autofree char *duration = tool_format_duration (node->duration);

          g_string_append_printf (to, " (%s)", duration);
        }
    }
}
