/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-captures.h"

#include "../actions/jobs-command-action.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Each of n jobs in a chain that captures reaches all behind it: n² / 2 */
#define MAX_HANDED_ON 2000000

typedef struct
{
  const char *name;
  JobsAction *action;
} Capture;

typedef struct
{
  JobsProblems *problems;
  GHashTable *captures; /* JobsAction → Capture */
  GHashTable *levels;   /* JobsAction, an engine → JobsLevel */
  GHashTable *gathered; /* JobsLevel → sorted GPtrArray of Capture: all inside */
  guint n_handed_on;
} Walk;

static int
compare_captures (gconstpointer a,
                  gconstpointer b)
{
  const Capture *one = *(const Capture *const *) a, *two = *(const Capture *const *) b;

  return strcmp (one->name, two->name);
}

static gboolean
is_too_much (Walk *self)
{
  return self->n_handed_on > MAX_HANDED_ON;
}

static void
index_level (Walk      *self,
             JobsLevel *level)
{
  for (guint i = 0; i < level->entries->len; i++)
    {
      const JobsEntry *entry = jobs_level_get_entry (level, i);

      for (guint j = 0; entry->capture != NULL && j < entry->n_actions; j++)
        {
          Capture *capture = g_new (Capture, 1);

          capture->name = entry->capture;
          capture->action = jobs_level_get_action (level, entry->first + j);
          g_hash_table_insert (self->captures, capture->action, capture);
        }
    }

  for (guint i = 0; level->nested != NULL && i < level->nested->len; i++)
    {
      JobsLevel *nested = g_ptr_array_index (level->nested, i);

      g_hash_table_insert (self->levels, nested->engine, nested);
      index_level (self, nested);
    }
}

static GPtrArray *
gather_level (Walk      *self,
              JobsLevel *level)
{
  GPtrArray *all = g_hash_table_lookup (self->gathered, level);

  if (all != NULL)
    return all;

  all = g_ptr_array_new ();
  for (guint i = 0; i < level->actions->len; i++)
    {
      Capture *capture = g_hash_table_lookup (self->captures, jobs_level_get_action (level, i));

      if (capture != NULL)
        g_ptr_array_add (all, capture);
    }

  for (guint i = 0; level->nested != NULL && i < level->nested->len; i++)
    {
      GPtrArray *inside = gather_level (self, g_ptr_array_index (level->nested, i));

      for (guint j = 0; j < inside->len; j++)
        g_ptr_array_add (all, g_ptr_array_index (inside, j));
    }

  g_ptr_array_sort (all, compare_captures);
  g_hash_table_insert (self->gathered, level, all);

  return all;
}

static void
take (Walk            *self,
      const JobsEntry *entry,
      GPtrArray       *set,
      Capture         *capture)
{
  Capture *last = set->len > 0 ? g_ptr_array_index (set, set->len - 1) : NULL;

  if (last == capture)
    return;

  if (last == NULL || !g_str_equal (last->name, capture->name))
    {
      g_ptr_array_add (set, capture);
      return;
    }

  jobs_problems_add (self->problems, entry->node->key_place, JOBS_ERROR_SCHEMA,
                     /* Translators: a name, then three names of jobs */
                     _ ("two captures named '%s' reach '%s', from '%s' and from '%s': give one of "
                        "them another name"),
                     capture->name, entry->node->key, jobs_action_get_label (last->action),
                     jobs_action_get_label (capture->action));
}

/* Sets are not changed once made, so that a chain of jobs shares one. NULL is the
 * empty set */
static GPtrArray *
join (Walk            *self,
      const JobsEntry *entry,
      GPtrArray       *set,
      GPtrArray       *more)
{
  GPtrArray *joined;
  guint i = 0, j = 0;

  if (more == NULL || more->len == 0 || more == set || is_too_much (self))
    return set;

  joined = g_ptr_array_sized_new (more->len + (set != NULL ? set->len : 0));
  while (j < more->len || (set != NULL && i < set->len))
    {
      Capture **one = set != NULL && i < set->len ? (Capture **) &set->pdata[i] : NULL;
      Capture **two = j < more->len ? (Capture **) &more->pdata[j] : NULL;

      if (two == NULL || (one != NULL && compare_captures (one, two) <= 0))
        {
          take (self, entry, joined, *one);
          i++;
        }
      else
        {
          take (self, entry, joined, *two);
          j++;
        }
    }

  self->n_handed_on += joined->len;
  g_clear_pointer (&set, g_ptr_array_unref);

  return joined;
}

static GPtrArray *
join_target (Walk             *self,
             JobsLevel        *level,
             const JobsEntry  *entry,
             GPtrArray        *set,
             const JobsTarget *target)
{
  for (guint i = 0; i < target->n_actions; i++)
    {
      JobsAction *action = jobs_level_get_action (level, target->first + i);
      Capture *capture = g_hash_table_lookup (self->captures, action);
      JobsLevel *nested = g_hash_table_lookup (self->levels, action);

      if (capture != NULL)
        {
          g_autoptr (GPtrArray) one = g_ptr_array_new ();

          g_ptr_array_add (one, capture);
          set = join (self, entry, set, one);
        }
      if (nested != NULL)
        set = join (self, entry, set, gather_level (self, nested));
    }

  return set;
}

static void walk_level (Walk      *self,
                        JobsLevel *level,
                        GPtrArray *incoming);

static void
give (Walk       *self,
      JobsAction *action,
      GPtrArray  *set)
{
  JobsLevel *nested = g_hash_table_lookup (self->levels, action);

  if (nested != NULL)
    walk_level (self, nested, set);

  if (JOBS_IS_COMMAND_ACTION (action) && set != NULL)
    {
      self->n_handed_on += set->len;
      for (guint i = 0; i < set->len && !is_too_much (self); i++)
        {
          const Capture *capture = g_ptr_array_index (set, i);

          jobs_command_action_add_input (JOBS_COMMAND_ACTION (action), capture->name,
                                         capture->action);
        }
    }
}

static void
walk_level (Walk      *self,
            JobsLevel *level,
            GPtrArray *incoming)
{
  guint n = level->entries->len;
  g_autofree GPtrArray **sets = g_new0 (GPtrArray *, n);

  for (guint i = 0; i < n; i++)
    {
      const JobsEntry *entry = jobs_level_get_entry (level, level->order[i]);
      GPtrArray *set = incoming != NULL ? g_ptr_array_ref (incoming) : NULL;

      for (guint j = 0; j < entry->n_links; j++)
        {
          const JobsLink *link = jobs_level_get_link (level, entry->first_link + j);
          GPtrArray *behind = sets[link->target.entry];

          if (link->condition == JOBS_CONDITION_AFTER)
            continue;

          if (set == NULL && behind != NULL)
            set = g_ptr_array_ref (behind);
          else
            set = join (self, entry, set, behind);
          set = join_target (self, level, entry, set, &link->target);
        }

      for (guint j = 0; j < entry->n_actions; j++)
        give (self, jobs_level_get_action (level, entry->first + j), set);
      sets[level->order[i]] = set;
    }

  for (guint i = 0; i < n; i++)
    g_clear_pointer (&sets[i], g_ptr_array_unref);
}

void
jobs_captures_hand_on (JobsLevel    *top,
                       JobsProblems *problems)
{
  Walk self = { .problems = problems };

  self.captures = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self.levels = g_hash_table_new (NULL, NULL);
  self.gathered = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  index_level (&self, top);
  walk_level (&self, top, NULL);

  if (is_too_much (&self))
    jobs_problems_add (problems, (JobsPlace){ 1, 1 }, JOBS_ERROR_SCHEMA,
                       _ ("captured values reach jobs more than 2000000 times: let fewer jobs "
                          "capture, or require them by fewer"));

  g_hash_table_unref (self.gathered);
  g_hash_table_unref (self.levels);
  g_hash_table_unref (self.captures);
}
