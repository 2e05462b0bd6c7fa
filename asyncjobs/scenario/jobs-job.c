/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../actions/jobs-callback-action.h"
#include "../actions/jobs-delay-action.h"
#include "../jobs-pool.h"
#include "jobs-loader.h"
#include "jobs-matrix.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* With a matrix the name of a job may otherwise make gigabytes */
#define MAX_NAME_LENGTH 255

typedef struct
{
  JobsPool *pool;
  guint amount;
} Need;

/* One job while it is read, for all of its members */
typedef struct
{
  JobsLoader *loader;
  JobsLevel *level;
  const JobsYamlNode *node;
  guint kind; /* JOBS_WHERE_COMMAND, ... */
  gboolean good;
  JobsSchemaValue values[JOBS_N_KEYS];
  GArray *needs; /* of Need */
  GPtrArray *nodes; /* names; NULL: it runs here */
  gboolean is_on_many; /* a member for each of them */
} Job;

static void
check_name (Job *self)
{
  const char *name = self->node->key;
  const char *wrong = NULL;

  if (*name == '\0')
    wrong = _ ("a job needs a name that is not empty");
  else if (strchr (name, '/') != NULL)
    wrong = _ ("the name of a job has no '/': that stands for a job inside of another");
  else if (strlen (name) > MAX_NAME_LENGTH)
    wrong = _ ("the name of a job has 255 bytes at most");

  if (wrong != NULL)
    {
      self->good = FALSE;
      jobs_problems_add (self->loader->problems, self->node->key_place, JOBS_ERROR_SCHEMA, "%s",
                         wrong);
    }
}

/* What is of no use for the kind is told unless the kind is in doubt: one mistake is not
 * to be two */
static void
read_kind (Job     *self,
           gboolean are_keys_good)
{
  static const struct
  {
    JobsKey key;
    guint kind;
  } kinds[] = {
    { JOBS_KEY_RUN, JOBS_WHERE_COMMAND },
    { JOBS_KEY_SLEEP, JOBS_WHERE_DELAY },
    { JOBS_KEY_JOBS, JOBS_WHERE_ENGINE },
  };
  const char *name = NULL;
  gboolean in_doubt = FALSE;

  self->kind = JOBS_WHERE_MILESTONE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const JobsYamlNode *node = self->values[kinds[i].key].node;

      if (node == NULL)
        continue;

      if (name != NULL)
        {
          self->good = FALSE;
          in_doubt = TRUE;
          jobs_problems_add (self->loader->problems, node->key_place, JOBS_ERROR_SCHEMA,
                             /* Translators: two keys of job files */
                             _ ("a job has one of 'run', 'sleep' and 'jobs', not '%s' and '%s'"),
                             name, node->key);
        }
      else
        {
          name = node->key;
          self->kind = kinds[i].kind;
        }
    }

  in_doubt |= name == NULL && !are_keys_good;
  for (guint i = 0; i < JOBS_N_KEYS && !in_doubt; i++)
    {
      const JobsYamlNode *node = self->values[i].node;

      if (node == NULL || (jobs_keys[i].where & self->kind))
        continue;

      self->good = FALSE;
      if (name != NULL)
        jobs_problems_add (self->loader->problems, node->key_place, JOBS_ERROR_SCHEMA,
                           /* Translators: two keys of job files */
                           _ ("'%s' has no meaning for a job with '%s'"), node->key, name);
      else
        jobs_problems_add (self->loader->problems, node->key_place, JOBS_ERROR_SCHEMA,
                           _ ("'%s' has no meaning for a job without 'run', 'sleep' or 'jobs'"),
                           node->key);
    }
}

static JobsPool *
find_pool (Job        *self,
           const char *name,
           JobsPlace   place)
{
  JobsLoader *loader = self->loader;
  JobsPool *pool = g_hash_table_lookup (loader->pools, name);

  if (pool == NULL)
    {
      g_autofree char *hint = jobs_loader_dup_hint (loader, loader->pools, name);

      jobs_problems_add (loader->problems, place, JOBS_ERROR_SCHEMA,
                         /* Translators: a name, a suggestion or nothing */
                         _ ("no pool is named '%s'%s"), name, hint);
    }

  return pool;
}

static gboolean
is_held_around (Job      *self,
                JobsPool *pool)
{
  for (JobsLevel *level = self->level; level != NULL; level = level->parent)
    if (level->pools != NULL && g_hash_table_contains (level->pools, pool))
      return TRUE;

  return FALSE;
}

static void
add_need (Job        *self,
          const char *name,
          JobsPlace   place,
          gint64      amount)
{
  JobsProblems *problems = self->loader->problems;
  Need need = { find_pool (self, name, place), amount };

  self->good &= need.pool != NULL;
  if (need.pool == NULL)
    return;

  for (guint i = 0; i < self->needs->len; i++)
    if (g_array_index (self->needs, Need, i).pool == need.pool)
      {
        self->good = FALSE;
        jobs_problems_add (problems, place, JOBS_ERROR_SCHEMA,
                           /* Translators: the name of a pool, twice; what is in braces is what to write */
                           _ ("pool '%s' stands here twice; is {%s: 2} meant?"), name, name);
      }

  if (need.amount > jobs_pool_get_capacity (need.pool))
    {
      self->good = FALSE;
      jobs_problems_add (problems, place, JOBS_ERROR_POOL,
                         /* Translators: an amount, the name of a pool, its size */
                         _ ("needs %u of pool '%s', which has only %u"), need.amount, name,
                         jobs_pool_get_capacity (need.pool));
    }
  else if (is_held_around (self, need.pool))
    {
      self->good = FALSE;
      jobs_problems_add (problems, place, JOBS_ERROR_POOL,
                         _ ("the engine around this job holds pool '%s' already: the job would "
                            "wait for it forever"),
                         name);
    }

  g_array_append_val (self->needs, need);
}

static void
read_needs (Job *self)
{
  const JobsYamlNode *node = self->values[JOBS_KEY_POOL].node;
  gint64 amount;

  if (node == NULL)
    return;

  if (node->kind == JOBS_YAML_TEXT && *node->text != '\0')
    {
      add_need (self, node->text, node->place, 1);
    }
  else if (node->kind == JOBS_YAML_LIST)
    {
      for (const JobsYamlNode *name = node->first; name != NULL; name = name->next)
        if (jobs_schema_check (JOBS_SCHEMA_FILLED, name, NULL, self->loader->problems))
          add_need (self, name->text, name->place, 1);
        else
          self->good = FALSE;
    }
  else if (node->kind == JOBS_YAML_MAP)
    {
      for (const JobsYamlNode *name = node->first; name != NULL; name = name->next)
        if (jobs_schema_check (JOBS_SCHEMA_AMOUNT, name, &amount, self->loader->problems))
          add_need (self, name->key, name->key_place, amount);
        else
          self->good = FALSE;
    }
  else
    {
      jobs_schema_mismatch (node, _ ("a name, a list of names, or {NAME: AMOUNT}"),
                            self->loader->problems);
      self->good = FALSE;
    }
}

/* The job's own value, or what stands in `defaults`; NULL: neither */
static const JobsSchemaValue *
get_value (Job    *self,
           JobsKey key)
{
  gboolean endless = self->kind == JOBS_WHERE_ENGINE || self->values[JOBS_KEY_FOREVER].number;

  if (self->values[key].node != NULL)
    return &self->values[key];
  if (endless && (key == JOBS_KEY_TIMEOUT || key == JOBS_KEY_RETRIES))
    return NULL;

  return jobs_level_get_default (self->level, key);
}

static void
set_policy (Job        *self,
            JobsAction *action)
{
  const JobsYamlNode *label = self->values[JOBS_KEY_LABEL].node;
  const JobsYamlNode *details = self->values[JOBS_KEY_DETAILS].node;
  const JobsSchemaValue *value;

  value = get_value (self, JOBS_KEY_CRITICAL);
  if (value != NULL)
    jobs_action_set_critical (action, value->number);
  value = get_value (self, JOBS_KEY_TIMEOUT);
  if (value != NULL)
    jobs_action_set_timeout (action, value->number);
  value = get_value (self, JOBS_KEY_RETRIES);
  if (value != NULL)
    jobs_action_set_retries (action, value->number);
  value = get_value (self, JOBS_KEY_RETRY_DELAY);
  if (value != NULL)
    jobs_action_set_retry_delay (action, value->number);
  value = get_value (self, JOBS_KEY_PRIORITY);
  if (value != NULL)
    jobs_action_set_priority (action, value->number);
  if (self->values[JOBS_KEY_FOREVER].number)
    jobs_action_set_forever (action, TRUE);
  value = get_value (self, JOBS_KEY_IDEMPOTENT);
  if (value != NULL)
    jobs_action_set_idempotent (action, value->number);

  for (guint i = 0; i < self->needs->len; i++)
    {
      const Need *need = &g_array_index (self->needs, Need, i);

      jobs_action_add_pool (action, need->pool, need->amount);
    }

  /* The label of the action is its name, as paths are made of labels */
  if (label != NULL && details != NULL)
    {
      g_autofree char *both = g_strdup_printf ("%s: %s", label->text, details->text);

      jobs_action_set_details (action, both);
    }
  else if (label != NULL || details != NULL)
    {
      jobs_action_set_details (action, label != NULL ? label->text : details->text);
    }
}

static JobsAction *
make_engine (Job         *self,
             const char  *label,
             const char **variables)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsLevel *parent = self->level;
  JobsLevel *level = jobs_level_new (parent, engine, label);

  jobs_action_set_label (JOBS_ACTION (engine), label);
  level->variables = variables;
  if (self->needs->len > 0)
    level->pools = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->needs->len; i++)
    g_hash_table_add (level->pools, g_array_index (self->needs, Need, i).pool);

  if (parent->nested == NULL)
    parent->nested = g_ptr_array_new_with_free_func ((GDestroyNotify) jobs_level_free);
  g_ptr_array_add (parent->nested, level);

  jobs_loader_read_level (self->loader, level, self->values);

  return JOBS_ACTION (engine);
}

static gboolean
succeed_cb (JobsAction *action,
            gpointer    user_data,
            GError    **error)
{
  return TRUE;
}

static void
add_member (Job        *self,
            JobsMatrix *matrix,
            guint       member)
{
  g_autofree char *name = NULL;
  g_autofree const char **variables = NULL;
  const char *label = self->node->key;
  const char *on = self->nodes != NULL ? g_ptr_array_index (self->nodes, 0) : NULL;
  JobsAction *action;

  if (self->is_on_many)
    on = jobs_matrix_get_node (matrix, member);
  if (matrix != NULL)
    {
      label = name = jobs_matrix_dup_name (matrix, self->node->key, member);
      variables = jobs_matrix_dup_variables (matrix, member);
    }

  if (self->kind == JOBS_WHERE_COMMAND)
    action = jobs_loader_make_command (self->loader, self->level, self->values, label, on, variables);
  else if (self->kind == JOBS_WHERE_DELAY)
    action = jobs_delay_action_new (label, self->values[JOBS_KEY_SLEEP].number);
  else if (self->kind == JOBS_WHERE_ENGINE)
    action = make_engine (self, label, g_steal_pointer (&variables));
  else
    action = jobs_callback_action_new (label, succeed_cb, NULL, NULL);

  set_policy (self, action);
  g_ptr_array_add (self->level->actions, action);

  if (matrix != NULL &&
      !jobs_level_add_name (self->level, jobs_action_get_label (action),
                            self->level->actions->len - 1, 1))
    jobs_problems_add (self->loader->problems, self->node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("the matrix makes a second job named '%s'"), label);
}

static void
add_members (Job *self)
{
  const JobsYamlNode *matrix_node = self->values[JOBS_KEY_MATRIX].node;
  g_autoptr (JobsMatrix) matrix = NULL;
  guint n_problems = jobs_problems_count (self->loader->problems);
  guint64 n_members = 1;

  if (matrix_node != NULL || self->is_on_many)
    {
      matrix = jobs_matrix_new (matrix_node, self->loader->problems);
      if (matrix != NULL && self->is_on_many)
        jobs_matrix_add_nodes (matrix, self->nodes);
      if (matrix != NULL)
        n_members = jobs_matrix_count (matrix);
      self->good &= matrix != NULL;
    }

  /* What is inside of a bad one is read too, for its errors, but once is enough */
  if (!self->good && self->kind == JOBS_WHERE_ENGINE && self->values[JOBS_KEY_JOBS].node != NULL)
    {
      g_object_unref (make_engine (self, self->node->key, NULL));
      return;
    }

  for (guint64 i = 0; i < n_members && self->good; i++)
    {
      add_member (self, matrix, i);
      self->good = jobs_problems_count (self->loader->problems) == n_problems;
    }
}

static void
add_to_groups (Job *self,
               guint first)
{
  GPtrArray *group = g_ptr_array_new_with_free_func (g_object_unref);
  char *path = g_strconcat (self->level->path, self->node->key, NULL);

  for (guint i = first; i < self->level->actions->len; i++)
    g_ptr_array_add (group, g_object_ref (jobs_level_get_action (self->level, i)));
  g_hash_table_replace (self->loader->groups, path, group);
}

static gboolean
is_empty (const JobsYamlNode *node)
{
  return node->kind == JOBS_YAML_TEXT && node->plain && *node->text == '\0';
}

static void
read_command (Job *self)
{
  const JobsYamlNode *on = self->values[JOBS_KEY_ON].node;

  self->good &= jobs_loader_check_command (self->loader, self->values);
  if (on == NULL)
    return;

  self->nodes = jobs_loader_read_on (self->loader, on, &self->is_on_many);
  self->is_on_many &= self->nodes != NULL;
  self->good &= self->nodes != NULL;
}

void
jobs_loader_read_job (JobsLoader         *self,
                      JobsLevel          *level,
                      const JobsYamlNode *node)
{
  Job job = { self, level, node, 0, TRUE };
  JobsEntry entry = { .node = node, .first = level->actions->len };
  gboolean are_keys_good = TRUE;

  job.needs = g_array_new (FALSE, FALSE, sizeof (Need));

  check_name (&job);
  /* A name with nothing behind it is a milestone */
  if (node->kind == JOBS_YAML_MAP)
    {
      are_keys_good = jobs_schema_read (jobs_keys, JOBS_N_KEYS, JOBS_WHERE_JOB, _ ("a job"), node,
                                        job.values, self->problems);
    }
  else if (!is_empty (node))
    {
      jobs_schema_no_job (node, self->problems);
      are_keys_good = FALSE;
    }
  job.good &= are_keys_good;
  read_kind (&job, are_keys_good);
  read_needs (&job);
  /* Where no kind is known a mistyped 'run' may be what is wrong */
  if (job.kind == JOBS_WHERE_COMMAND || (job.kind == JOBS_WHERE_MILESTONE && !are_keys_good))
    read_command (&job);

  entry.requires = job.values[JOBS_KEY_REQUIRES].node;
  entry.after = job.values[JOBS_KEY_AFTER].node;
  entry.forever = job.values[JOBS_KEY_FOREVER].number;
  entry.says_ready = job.values[JOBS_KEY_READY].node != NULL;
  if (job.values[JOBS_KEY_CAPTURE].node != NULL)
    {
      entry.capture = job.values[JOBS_KEY_CAPTURE].node->text;
      self->tally.n_captures++;
    }
  g_array_append_val (level->entries, entry);

  add_members (&job);
  entry.n_actions = level->actions->len - entry.first;
  entry.bad = !job.good;
  *jobs_level_get_entry (level, level->entries->len - 1) = entry;

  if (!jobs_level_add_name (level, node->key, entry.first, entry.n_actions) &&
      !g_str_equal (jobs_level_find_entry (level, node->key)->node->key, node->key))
    jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("the matrix of '%s' makes a job of this name already"),
                       jobs_level_find_entry (level, node->key)->node->key);
  if (job.values[JOBS_KEY_MATRIX].node != NULL || job.is_on_many)
    add_to_groups (&job, entry.first);

  g_array_unref (job.needs);
  g_clear_pointer (&job.nodes, g_ptr_array_unref);
}
