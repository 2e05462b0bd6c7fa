/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-loader.h"

#include "../jobs-pool.h"
#include "jobs-captures.h"
#include "jobs-variable-name.h"

#include <glib/gi18n-lib.h>
#include <string.h>

char *
jobs_loader_dup_hint (JobsLoader *self,
                      GHashTable *names,
                      const char *name)
{
  JobsSuggestion suggestion;
  GHashTableIter iter;
  gpointer other;

  jobs_suggestion_init (&suggestion, name);
  g_hash_table_iter_init (&iter, names);
  while (self->tally.n_lookups < JOBS_TALLY_MAX_LOOKUPS &&
         g_hash_table_iter_next (&iter, &other, NULL))
    self->tally.n_lookups += jobs_suggestion_offer (&suggestion, other);

  return jobs_schema_dup_hint (&suggestion);
}

gboolean
jobs_loader_check_env (JobsLoader         *self,
                       const JobsYamlNode *env)
{
  gboolean good = jobs_schema_check_all (JOBS_YAML_MAP, JOBS_SCHEMA_TEXT, env, self->problems);

  for (const JobsYamlNode *variable = env->first; variable != NULL; variable = variable->next)
    if (!jobs_variable_name_is_valid (variable->key, strlen (variable->key)))
      {
        jobs_problems_add (self->problems, variable->key_place, JOBS_ERROR_SCHEMA,
                           _ ("no variable can be named '%s': that takes letters, digits and '_', "
                              "and no digit first"),
                           variable->key);
        good = FALSE;
      }

  return good;
}

static void
read_pools (JobsLoader         *self,
            const JobsYamlNode *pools)
{
  for (const JobsYamlNode *node = pools->first; node != NULL; node = node->next)
    {
      gint64 capacity;

      if (*node->key == '\0')
        jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                           _ ("a pool needs a name that is not empty"));

      /* One of the wrong size is there all the same, for those that draw on it */
      if (!jobs_schema_check (JOBS_SCHEMA_AMOUNT, node, &capacity, self->problems))
        capacity = G_MAXINT;
      g_hash_table_replace (self->pools, (gpointer) node->key, jobs_pool_new (node->key, capacity));
    }
}

static void
read_policy (JobsLoader            *self,
             JobsLevel             *level,
             const JobsSchemaValue *values)
{
  JobsEngine *engine = level->engine;

  if (values[JOBS_KEY_WINDOW].node != NULL)
    jobs_engine_set_window (engine, values[JOBS_KEY_WINDOW].number);
  if (values[JOBS_KEY_GRACE].node != NULL)
    jobs_engine_set_grace (engine, values[JOBS_KEY_GRACE].number);
  if (values[JOBS_KEY_SHUTDOWN_TIMEOUT].node != NULL)
    jobs_engine_set_shutdown_timeout (engine, values[JOBS_KEY_SHUTDOWN_TIMEOUT].number);

  if (values[JOBS_KEY_ON_FAILURE].node != NULL)
    jobs_engine_set_on_failure (engine, values[JOBS_KEY_ON_FAILURE].number);
  else
    g_ptr_array_add (self->flexible, g_object_ref (engine));

  if (values[JOBS_KEY_ENV].node != NULL &&
      jobs_loader_check_env (self, values[JOBS_KEY_ENV].node))
    level->env = values[JOBS_KEY_ENV].node;

  if (values[JOBS_KEY_DEFAULTS].node != NULL)
    {
      level->defaults = g_new (JobsSchemaValue, JOBS_N_KEYS);
      jobs_schema_read (jobs_keys, JOBS_N_KEYS, JOBS_WHERE_DEFAULTS,
                        /* Translators: a key of job files, in quotation marks */
                        _ ("'defaults'"),
                        values[JOBS_KEY_DEFAULTS].node, level->defaults, self->problems);
    }
}

void
jobs_loader_read_level (JobsLoader            *self,
                        JobsLevel             *level,
                        const JobsSchemaValue *values)
{
  const JobsYamlNode *jobs = values[JOBS_KEY_JOBS].node;

  level->jobs = jobs;
  read_policy (self, level, values);

  for (const JobsYamlNode *job = jobs->first; job != NULL; job = job->next)
    jobs_loader_read_job (self, level, job);

  jobs_level_resolve (level, &self->tally, self->problems);
}

static gboolean
check_version (JobsLoader         *self,
               const JobsYamlNode *root,
               const JobsYamlNode *version)
{
  if (version == NULL)
    jobs_problems_add (self->problems, root->place, JOBS_ERROR_SCHEMA,
                       _ ("the version is missing: add 'version: 1'"));
  else if (version->kind != JOBS_YAML_TEXT || !version->plain || !g_str_equal (version->text, "1"))
    jobs_schema_mismatch (version, _ ("1, the only version there is"), self->problems);
  else
    return TRUE;

  return FALSE;
}

static gboolean
has_key (const JobsYamlNode *map,
         const char         *key)
{
  for (const JobsYamlNode *child = map->first; child != NULL; child = child->next)
    if (g_str_equal (child->key, key))
      return TRUE;

  return FALSE;
}

static void
read_top (JobsLoader         *self,
          const JobsYamlNode *root)
{
  g_autoptr (JobsLevel) top = jobs_level_new (NULL, self->engine, NULL);
  JobsSchemaValue values[JOBS_N_KEYS];
  const JobsYamlNode *jobs;

  jobs_schema_read (jobs_keys, JOBS_N_KEYS, JOBS_WHERE_TOP, _ ("a job file"), root, values,
                    self->problems);
  jobs = values[JOBS_KEY_JOBS].node;

  /* A file of a later version would only be found full of errors */
  if (root->kind != JOBS_YAML_MAP || !check_version (self, root, values[JOBS_KEY_VERSION].node))
    return;
  if (!jobs_tally_count (&self->tally, root, self->problems))
    return;

  if (values[JOBS_KEY_NAME].node != NULL)
    self->name = g_strdup (values[JOBS_KEY_NAME].node->text);
  if (values[JOBS_KEY_TIMEOUT].node != NULL)
    jobs_action_set_timeout (JOBS_ACTION (self->engine), values[JOBS_KEY_TIMEOUT].number);
  if (values[JOBS_KEY_NODES].node != NULL)
    jobs_loader_read_nodes (self, values[JOBS_KEY_NODES].node);
  if (values[JOBS_KEY_GROUPS].node != NULL)
    jobs_loader_read_groups (self, values[JOBS_KEY_GROUPS].node);
  if (values[JOBS_KEY_POOLS].node != NULL)
    read_pools (self, values[JOBS_KEY_POOLS].node);

  if (jobs != NULL && jobs->first != NULL)
    jobs_loader_read_level (self, top, values);
  else if (jobs != NULL || !has_key (root, "jobs"))
    jobs_problems_add (self->problems, jobs != NULL ? jobs->place : root->place, JOBS_ERROR_SCHEMA,
                       _ ("there is no job: add one to 'jobs', such as 'jobs: {hello: {run: echo "
                          "hello}}'"));

  if (jobs_problems_count (self->problems) == 0 && self->tally.n_captures > 0)
    jobs_captures_hand_on (top, self->problems);
  if (jobs_problems_count (self->problems) == 0)
    jobs_level_connect (top);
  if (jobs_problems_count (self->problems) == 0 && values[JOBS_KEY_NODES].node != NULL)
    jobs_loader_make_nodes (self, values[JOBS_KEY_NODES].node);
}

gboolean
jobs_loader_load (JobsLoader         *self,
                  const JobsYamlNode *root)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) jobs_remote_free);
  self->all_nodes = g_ptr_array_new_with_free_func (g_object_unref);
  self->node_groups = g_hash_table_new (g_str_hash, g_str_equal);
  self->pools = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  self->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_ptr_array_unref);
  self->flexible = g_ptr_array_new_with_free_func (g_object_unref);
  self->engine = jobs_engine_new ();

  read_top (self, root);

  return jobs_problems_count (self->problems) == 0;
}

void
jobs_loader_clear (JobsLoader *self)
{
  g_clear_pointer (&self->nodes, g_hash_table_unref);
  g_clear_pointer (&self->all_nodes, g_ptr_array_unref);
  g_clear_pointer (&self->node_groups, g_hash_table_unref);
  g_clear_pointer (&self->pools, g_hash_table_unref);
  g_clear_pointer (&self->secrets, g_hash_table_unref);
  g_clear_pointer (&self->groups, g_hash_table_unref);
  g_clear_pointer (&self->flexible, g_ptr_array_unref);
  g_clear_pointer (&self->name, g_free);
  g_clear_object (&self->engine);
}
