/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-level.h"

#include "../jobs-graph.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A circle with more names than this is shown in part */
#define MAX_CYCLE_NAMES 30

/* Where in the level names are being looked up */
typedef struct
{
  JobsLevel *level;
  guint32 entry;
  JobsTally *tally;
  JobsProblems *problems;
} Resolver;

JobsLevel *
jobs_level_new (JobsLevel  *parent,
                JobsEngine *engine,
                const char *name)
{
  JobsLevel *self = g_new0 (JobsLevel, 1);

  self->parent = parent;
  self->path = parent != NULL ? g_strconcat (parent->path, name, "/", NULL) : g_strdup ("");
  self->engine = g_object_ref (engine);
  self->entries = g_array_new (FALSE, FALSE, sizeof (JobsEntry));
  self->links = g_array_new (FALSE, FALSE, sizeof (JobsLink));
  self->actions = g_ptr_array_new_with_free_func (g_object_unref);
  self->targets = g_array_new (FALSE, FALSE, sizeof (JobsTarget));
  self->names = g_hash_table_new (g_str_hash, g_str_equal);

  return self;
}

void
jobs_level_free (JobsLevel *self)
{
  g_free (self->path);
  g_free (self->variables);
  g_free (self->defaults);
  g_free (self->order);
  g_clear_pointer (&self->pools, g_hash_table_unref);
  g_clear_pointer (&self->nested, g_ptr_array_unref);
  g_hash_table_unref (self->names);
  g_array_unref (self->targets);
  g_array_unref (self->links);
  g_array_unref (self->entries);
  g_ptr_array_unref (self->actions);
  g_object_unref (self->engine);
  g_free (self);
}

JobsEntry *
jobs_level_get_entry (JobsLevel *self,
                      guint      index)
{
  return &g_array_index (self->entries, JobsEntry, index);
}

JobsAction *
jobs_level_get_action (JobsLevel *self,
                       guint      index)
{
  return g_ptr_array_index (self->actions, index);
}

JobsLink *
jobs_level_get_link (JobsLevel *self,
                     guint      index)
{
  return &g_array_index (self->links, JobsLink, index);
}

const JobsSchemaValue *
jobs_level_get_default (JobsLevel *self,
                        JobsKey    key)
{
  for (; self != NULL; self = self->parent)
    if (self->defaults != NULL && self->defaults[key].node != NULL)
      return &self->defaults[key];

  return NULL;
}

gboolean
jobs_level_add_name (JobsLevel  *self,
                     const char *name,
                     guint32     first,
                     guint32     n_actions)
{
  JobsTarget target = { self->entries->len - 1, first, n_actions };

  if (g_hash_table_contains (self->names, name))
    return FALSE;

  g_array_append_val (self->targets, target);
  g_hash_table_insert (self->names, (gpointer) name, GUINT_TO_POINTER (self->targets->len));

  return TRUE;
}

static const JobsTarget *
find_name (JobsLevel  *self,
           const char *name)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->names, name));

  return place > 0 ? &g_array_index (self->targets, JobsTarget, place - 1) : NULL;
}

JobsEntry *
jobs_level_find_entry (JobsLevel  *self,
                       const char *name)
{
  const JobsTarget *target = find_name (self, name);

  return target != NULL ? jobs_level_get_entry (self, target->entry) : NULL;
}

/* Why a name is unknown. The search looks at many names, so a file full of
 * mistakes gets only so many searches */
static JobsLevel *
find_inside (JobsLevel  *self,
             const char *name,
             JobsTally  *tally)
{
  for (guint i = 0; self->nested != NULL && i < self->nested->len; i++)
    {
      JobsLevel *nested = g_ptr_array_index (self->nested, i);
      JobsLevel *found;

      if (tally->n_lookups++ > JOBS_TALLY_MAX_LOOKUPS)
        return NULL;
      if (find_name (nested, name) != NULL)
        return nested;
      found = find_inside (nested, name, tally);
      if (found != NULL)
        return found;
    }

  return NULL;
}

static char *
dup_suggestion (JobsLevel  *self,
                const char *name,
                JobsTally  *tally)
{
  JobsSuggestion suggestion;

  jobs_suggestion_init (&suggestion, name);
  for (guint i = 0; i < self->entries->len && tally->n_lookups < JOBS_TALLY_MAX_LOOKUPS; i++)
    tally->n_lookups += jobs_suggestion_offer (&suggestion,
                                               jobs_level_get_entry (self, i)->node->key);

  return jobs_schema_dup_hint (&suggestion);
}

/* "sweep[1]" of a sweep that is wrong itself is no mistake of its own */
static gboolean
is_member_of_bad_entry (JobsLevel  *self,
                        const char *name)
{
  const char *bracket = strchr (name, '[');
  g_autofree char *job = NULL;
  const JobsTarget *target;

  if (bracket == NULL)
    return FALSE;

  job = g_strndup (name, bracket - name);
  target = find_name (self, job);

  return target != NULL && jobs_level_get_entry (self, target->entry)->bad;
}

/* Of a level that may not be read to its end yet */
static gboolean
will_have_name (JobsLevel  *self,
                const char *name,
                JobsTally  *tally)
{
  if (find_name (self, name) != NULL)
    return TRUE;

  for (const JobsYamlNode *job = self->jobs->first; job != NULL; job = job->next)
    {
      if (tally->n_lookups++ > JOBS_TALLY_MAX_LOOKUPS)
        return FALSE;
      if (g_str_equal (job->key, name))
        return TRUE;
    }

  return FALSE;
}

static void
report_unknown (Resolver   *resolver,
                const char *name,
                JobsPlace   place)
{
  JobsLevel *self = resolver->level;
  JobsLevel *other = NULL;
  g_autofree char *hint = NULL;

  if (is_member_of_bad_entry (self, name) || jobs_problems_is_full (resolver->problems))
    return;

  for (JobsLevel *outer = self->parent; outer != NULL && other == NULL; outer = outer->parent)
    if (will_have_name (outer, name, resolver->tally))
      other = outer;

  if (other != NULL)
    {
      jobs_problems_add (resolver->problems, place, JOBS_ERROR_SCHEMA,
                         /* Translators: two names of jobs; the second one ends in a slash */
                         _ ("'%s' is not inside of '%s': requirements stay within one map of jobs; "
                            "let the engine around this job require it"),
                         name, self->path);
      return;
    }

  other = find_inside (self, name, resolver->tally);
  if (other != NULL || strchr (name, '/') != NULL)
    {
      jobs_problems_add (resolver->problems, place, JOBS_ERROR_SCHEMA,
                         /* Translators: the path and the name of a job */
                         _ ("'%s%s' is in another map of jobs: requirements stay within one; "
                            "require the engine that it is in"),
                         other != NULL ? other->path : "", name);
      return;
    }

  hint = dup_suggestion (self, name, resolver->tally);
  jobs_problems_add (resolver->problems, place, JOBS_ERROR_SCHEMA,
                     /* Translators: a name, a suggestion or nothing */
                     _ ("no job is named '%s'%s"), name, hint);
}

static void
check_condition (Resolver        *resolver,
                 const JobsEntry *other,
                 JobsPlace        place,
                 JobsCondition    condition)
{
  const JobsEntry *entry = jobs_level_get_entry (resolver->level, resolver->entry);

  if (condition == JOBS_CONDITION_READY && !other->says_ready)
    jobs_problems_add (resolver->problems, place, JOBS_ERROR_SCHEMA,
                       _ ("'%s' never says that it is ready: give it the key 'ready', or require "
                          "its success"),
                       other->node->key);
  else if (condition <= JOBS_CONDITION_FAILURE && other->forever && !entry->forever)
    jobs_problems_warn (resolver->problems, place,
                        /* Translators: the names of two jobs, the second one twice; what is in
                         * braces is what to write */
                        _ ("'%s' waits for the end of '%s', which runs forever; is {%s: ready} "
                           "meant?"),
                        entry->node->key, other->node->key, other->node->key);
}

static void
add_link (Resolver     *resolver,
          const char   *name,
          JobsPlace     place,
          JobsCondition condition)
{
  JobsLevel *self = resolver->level;
  const JobsEntry *entry = jobs_level_get_entry (self, resolver->entry);
  const JobsTarget *target = find_name (self, name);
  guint64 *n_requirements = &resolver->tally->n_requirements;
  JobsLink link;

  if (target == NULL)
    {
      report_unknown (resolver, name, place);
      return;
    }

  if (target->entry == resolver->entry)
    {
      jobs_problems_add (resolver->problems, place, JOBS_ERROR_CYCLE,
                         _ ("'%s' requires itself"), entry->node->key);
      return;
    }

  check_condition (resolver, jobs_level_get_entry (self, target->entry), place, condition);

  if (*n_requirements <= JOBS_TALLY_MAX_REQUIREMENTS)
    {
      *n_requirements += (guint64) entry->n_actions * target->n_actions;
      if (*n_requirements > JOBS_TALLY_MAX_REQUIREMENTS)
        jobs_problems_add (resolver->problems, place, JOBS_ERROR_SCHEMA,
                           _ ("with this the file has more than 10000000 requirements; a job "
                              "between two matrices makes them few"));
    }

  link.target = *target;
  link.condition = condition;
  link.place = place;
  g_array_append_val (self->links, link);
}

static void
add_links (Resolver           *resolver,
           const JobsYamlNode *node,
           JobsCondition       condition)
{
  gboolean with_conditions = condition == JOBS_CONDITION_DONE;
  gint64 number;

  if (node->kind == JOBS_YAML_TEXT && *node->text != '\0')
    {
      add_link (resolver, node->text, node->place, condition);
    }
  else if (node->kind == JOBS_YAML_LIST)
    {
      for (const JobsYamlNode *name = node->first; name != NULL; name = name->next)
        if (jobs_schema_check (JOBS_SCHEMA_FILLED, name, NULL, resolver->problems))
          add_link (resolver, name->text, name->place, condition);
    }
  else if (node->kind == JOBS_YAML_MAP && with_conditions)
    {
      for (const JobsYamlNode *name = node->first; name != NULL; name = name->next)
        if (jobs_schema_check (JOBS_SCHEMA_CONDITION, name, &number, resolver->problems))
          add_link (resolver, name->key, name->key_place, number);
    }
  else
    {
      jobs_schema_mismatch (node,
                            with_conditions ? _ ("a name, a list of names, or {NAME: CONDITION}")
                                            : _ ("a name or a list of names"),
                            resolver->problems);
    }
}

static void
report_cycle (JobsLevel    *self,
              GArray       *cycle,
              JobsProblems *problems)
{
  g_autoptr (GString) names = g_string_new (NULL);
  const JobsEntry *entry = jobs_level_get_entry (self, g_array_index (cycle, guint32, 0));
  guint32 other = g_array_index (cycle, guint32, 1 % cycle->len);
  const JobsLink *link = jobs_level_get_link (self, entry->first_link);

  for (guint i = 0; i < MIN (cycle->len, MAX_CYCLE_NAMES); i++)
    {
      guint32 index = g_array_index (cycle, guint32, i);

      g_string_append_printf (names, "%s -> ", jobs_level_get_entry (self, index)->node->key);
    }
  if (cycle->len > MAX_CYCLE_NAMES)
    g_string_append (names, "... -> ");
  g_string_append (names, entry->node->key);

  while (link->target.entry != other)
    link++;
  jobs_problems_add (problems, link->place, JOBS_ERROR_CYCLE,
                     /* Translators: a -> b -> a */
                     _ ("jobs require each other in a circle: %s"), names->str);
}

static void
sort_entries (JobsLevel    *self,
              JobsProblems *problems)
{
  g_autoptr (GPtrArray) cycles = NULL;
  guint32 n = self->entries->len;
  JobsGraph *graph = jobs_graph_new ();

  jobs_graph_add_nodes (graph, n);
  for (guint32 i = 0; i < n; i++)
    {
      const JobsEntry *entry = jobs_level_get_entry (self, i);

      for (guint32 j = 0; j < entry->n_links; j++)
        jobs_graph_set_edge (graph, i,
                             jobs_level_get_link (self, entry->first_link + j)->target.entry, 0);
    }

  self->order = g_new (guint32, n);
  if (jobs_graph_sort (graph, self->order) < n)
    {
      cycles = jobs_graph_find_cycles (graph);
      for (guint i = 0; i < cycles->len; i++)
        report_cycle (self, g_ptr_array_index (cycles, i), problems);
    }

  jobs_graph_free (graph);
}

void
jobs_level_resolve (JobsLevel    *self,
                    JobsTally    *tally,
                    JobsProblems *problems)
{
  Resolver resolver = { self, 0, tally, problems };

  for (; resolver.entry < self->entries->len; resolver.entry++)
    {
      JobsEntry *entry = jobs_level_get_entry (self, resolver.entry);

      /* Of two requirements on one job the later one stands: the strong one */
      entry->first_link = self->links->len;
      if (entry->after != NULL)
        add_links (&resolver, entry->after, JOBS_CONDITION_AFTER);
      if (entry->requires != NULL)
        add_links (&resolver, entry->requires, JOBS_CONDITION_DONE);
      entry->n_links = self->links->len - entry->first_link;
    }

  sort_entries (self, problems);
}

static void
connect_entry (JobsLevel       *self,
               const JobsEntry *entry,
               JobsAction      *action)
{
  for (guint i = 0; i < entry->n_links; i++)
    {
      const JobsLink *link = jobs_level_get_link (self, entry->first_link + i);

      for (guint j = 0; j < link->target.n_actions; j++)
        jobs_action_requires_full (action, jobs_level_get_action (self, link->target.first + j),
                                   link->condition, NULL);
    }
}

void
jobs_level_connect (JobsLevel *self)
{
  jobs_engine_add_many (self->engine, (JobsAction **) self->actions->pdata, self->actions->len);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const JobsEntry *entry = jobs_level_get_entry (self, i);

      for (guint j = 0; j < entry->n_actions; j++)
        connect_entry (self, entry, jobs_level_get_action (self, entry->first + j));
    }

  for (guint i = 0; self->nested != NULL && i < self->nested->len; i++)
    jobs_level_connect (g_ptr_array_index (self->nested, i));
}
