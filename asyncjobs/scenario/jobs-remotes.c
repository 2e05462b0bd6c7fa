/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../nodes/jobs-slurm-node.h"
#include "../nodes/jobs-ssh-node.h"
#include "jobs-loader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  NODE_CONFIG,
  NODE_CONNECT_TIMEOUT,
  NODE_GATEWAY,
  NODE_OPTIONS,
  NODE_SESSIONS,
  NODE_SLURM,
  NODE_SSH,
  N_NODE_KEYS,
};

static const JobsSchemaKey node_keys[N_NODE_KEYS] = {
  [NODE_CONFIG] = { "config", JOBS_SCHEMA_FILLED, 1 },
  [NODE_CONNECT_TIMEOUT] = { "connect-timeout", JOBS_SCHEMA_DURATION, 1 },
  [NODE_GATEWAY] = { "gateway", JOBS_SCHEMA_FILLED, 1 },
  [NODE_OPTIONS] = { "options", JOBS_SCHEMA_ANY, 1 },
  [NODE_SESSIONS] = { "sessions", JOBS_SCHEMA_AMOUNT, 1 },
  [NODE_SLURM] = { "slurm", JOBS_SCHEMA_MAP, 1 },
  [NODE_SSH] = { "ssh", JOBS_SCHEMA_FILLED, 1 },
};

enum
{
  SLURM_ACCOUNT,
  SLURM_CPUS,
  SLURM_EXTRA,
  SLURM_FOLDER,
  SLURM_GPUS,
  SLURM_MEMORY,
  SLURM_PARTITION,
  SLURM_TIME,
  N_SLURM_KEYS,
};

static const JobsSchemaKey slurm_keys[N_SLURM_KEYS] = {
  [SLURM_ACCOUNT] = { "account", JOBS_SCHEMA_FILLED, 1 },
  [SLURM_CPUS] = { "cpus", JOBS_SCHEMA_AMOUNT, 1 },
  [SLURM_EXTRA] = { "extra", JOBS_SCHEMA_ANY, 1 },
  [SLURM_FOLDER] = { "folder", JOBS_SCHEMA_FILLED, 1 },
  [SLURM_GPUS] = { "gpus", JOBS_SCHEMA_COUNT, 1 },
  [SLURM_MEMORY] = { "memory", JOBS_SCHEMA_FILLED, 1 },
  [SLURM_PARTITION] = { "partition", JOBS_SCHEMA_FILLED, 1 },
  [SLURM_TIME] = { "time", JOBS_SCHEMA_DURATION, 1 },
};

/* On the way to one node; each is a connection through all before it */
#define MAX_GATEWAYS 32

static gboolean
check_extra (JobsLoader         *self,
             const JobsYamlNode *extra)
{
  if (!jobs_schema_check_all (JOBS_YAML_LIST, JOBS_SCHEMA_FILLED, extra, self->problems))
    return FALSE;

  for (const JobsYamlNode *option = extra->first; option != NULL; option = option->next)
    if (*option->text != '-')
      {
        jobs_schema_mismatch (option, _ ("an option of sbatch, such as --qos=long"), self->problems);
        return FALSE;
      }

  return TRUE;
}

static gboolean
read_slurm (JobsLoader         *self,
            const JobsYamlNode *node)
{
  JobsSchemaValue values[N_SLURM_KEYS];
  gboolean good;

  /* Translators: a key of job files, in quotation marks */
  good = jobs_schema_read (slurm_keys, N_SLURM_KEYS, 1, _ ("'slurm'"), node, values,
                           self->problems);
  if (values[SLURM_EXTRA].node != NULL)
    good &= check_extra (self, values[SLURM_EXTRA].node);

  return good;
}

static gboolean
read_ssh (JobsLoader         *self,
          const JobsYamlNode *node)
{
  /* ssh would take it for an option */
  if (*node->text == '-' || strpbrk (node->text, " \t\n") != NULL)
    {
      jobs_schema_mismatch (node, _ ("HOST or USER@HOST"), self->problems);
      return FALSE;
    }

  return TRUE;
}

static void
read_node (JobsLoader         *self,
           const JobsYamlNode *node)
{
  JobsSchemaValue values[N_NODE_KEYS];
  JobsRemote remote = { .name = node->key };

  if (*node->key == '\0')
    jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("a node needs a name that is not empty"));

  if (jobs_schema_read (node_keys, N_NODE_KEYS, 1, _ ("a node"), node, values, self->problems) &&
      (values[NODE_SSH].node != NULL) == (values[NODE_SLURM].node != NULL))
    jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("node '%s' needs one of 'ssh' and 'slurm'"), node->key);

  if (values[NODE_SSH].node != NULL)
    read_ssh (self, values[NODE_SSH].node);
  remote.slurm = values[NODE_SLURM].node;
  if (remote.slurm != NULL)
    {
      read_slurm (self, values[NODE_SLURM].node);
      for (guint i = 0; i < NODE_SLURM; i++)
        if (values[i].node != NULL)
          jobs_problems_add (self->problems, values[i].node->key_place, JOBS_ERROR_SCHEMA,
                             _ ("'%s' is only for a node with 'ssh'"), node_keys[i].name);
    }
  else
    {
      remote.ssh = values[NODE_SSH].node;
      remote.gateway = values[NODE_GATEWAY].node;
      remote.config = values[NODE_CONFIG].node;
      remote.options = values[NODE_OPTIONS].node;
      remote.sessions = values[NODE_SESSIONS].number;
      remote.connect_timeout = values[NODE_CONNECT_TIMEOUT].number;
      if (remote.options != NULL)
        jobs_schema_check_all (JOBS_YAML_LIST, JOBS_SCHEMA_FILLED, remote.options, self->problems);
    }

  g_hash_table_insert (self->nodes, (gpointer) node->key, g_memdup2 (&remote, sizeof remote));
}

static gboolean
check_node_name (JobsLoader         *self,
                 const JobsYamlNode *name)
{
  g_autofree char *hint = NULL;

  if (!jobs_schema_check (JOBS_SCHEMA_FILLED, name, NULL, self->problems))
    return FALSE;
  if (g_hash_table_contains (self->nodes, name->text))
    return TRUE;

  hint = jobs_loader_dup_hint (self, self->nodes, name->text);
  jobs_problems_add (self->problems, name->place, JOBS_ERROR_SCHEMA,
                     /* Translators: a name, a suggestion or nothing */
                     _ ("no node is named '%s'%s"), name->text, hint);

  return FALSE;
}

static void
check_gateway (JobsLoader       *self,
               const JobsRemote *remote)
{
  JobsRemote *gateway = g_hash_table_lookup (self->nodes, remote->gateway->text);

  if (gateway != NULL && gateway->slurm != NULL)
    jobs_problems_add (self->problems, remote->gateway->place, JOBS_ERROR_SCHEMA,
                       _ ("the gateway '%s' is no node with 'ssh'"), remote->gateway->text);
  check_node_name (self, remote->gateway);
}

/* Each node has one gateway at most, so following them from each node, once, is
 * enough to find all circles */
static void
check_circles (JobsLoader         *self,
               const JobsYamlNode *nodes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const JobsYamlNode *start = nodes->first; start != NULL; start = start->next)
    {
      const char *name = start->key;
      const JobsRemote *remote = g_hash_table_lookup (self->nodes, name);

      while (remote != NULL && remote->gateway != NULL && !g_hash_table_contains (seen, name))
        {
          g_hash_table_insert (seen, (gpointer) name, (gpointer) start);
          name = remote->gateway->text;
          remote = g_hash_table_lookup (self->nodes, name);
        }

      if (g_hash_table_lookup (seen, name) == start)
        {
          g_autoptr (GString) names = g_string_new (name);
          const char *next = name;

          do
            {
              remote = g_hash_table_lookup (self->nodes, next);
              next = remote->gateway->text;
              g_string_append_printf (names, " -> %s", next);
            }
          while (!g_str_equal (next, name));

          jobs_problems_add (self->problems, remote->gateway->place, JOBS_ERROR_CYCLE,
                             _ ("gateways lead in a circle: %s"), names->str);
        }
    }
}

static void
check_length (JobsLoader       *self,
              const JobsRemote *remote)
{
  const JobsYamlNode *gateway = remote->gateway;

  for (guint n = 0; gateway != NULL; n++)
    {
      const JobsRemote *next = g_hash_table_lookup (self->nodes, gateway->text);

      if (n == MAX_GATEWAYS)
        {
          jobs_problems_add (self->problems, remote->gateway->place, JOBS_ERROR_SCHEMA,
                             _ ("there are more than %d gateways on the way"), MAX_GATEWAYS);
          return;
        }
      gateway = next->gateway;
    }
}

void
jobs_loader_read_nodes (JobsLoader         *self,
                        const JobsYamlNode *nodes)
{
  guint n_problems;

  for (const JobsYamlNode *node = nodes->first; node != NULL; node = node->next)
    read_node (self, node);

  for (const JobsYamlNode *node = nodes->first; node != NULL; node = node->next)
    {
      const JobsRemote *remote = g_hash_table_lookup (self->nodes, node->key);

      if (remote->gateway != NULL)
        check_gateway (self, remote);
    }

  check_circles (self, nodes);
  n_problems = jobs_problems_count (self->problems);
  for (const JobsYamlNode *node = nodes->first; node != NULL && n_problems == 0; node = node->next)
    check_length (self, g_hash_table_lookup (self->nodes, node->key));

  self->are_nodes_good = jobs_problems_count (self->problems) == 0;
}

/* Groups of nodes */

static gboolean
check_names (JobsLoader         *self,
             const JobsYamlNode *list)
{
  gboolean good = TRUE;

  if (list->kind != JOBS_YAML_LIST || list->first == NULL)
    {
      jobs_schema_mismatch (list, _ ("a list of one node or more"), self->problems);
      return FALSE;
    }

  for (const JobsYamlNode *name = list->first; name != NULL; name = name->next)
    good &= check_node_name (self, name);

  return good;
}

void
jobs_loader_read_groups (JobsLoader         *self,
                         const JobsYamlNode *groups)
{
  for (const JobsYamlNode *group = groups->first; group != NULL; group = group->next)
    {
      check_names (self, group);
      g_hash_table_insert (self->node_groups, (gpointer) group->key, (gpointer) group);
    }
}

/* The list that {group: NAME} stands for; NULL with a problem added */
static const JobsYamlNode *
find_group (JobsLoader         *self,
            const JobsYamlNode *on)
{
  const JobsYamlNode *name = on->first;
  const JobsYamlNode *group;
  g_autofree char *hint = NULL;

  if (name == NULL || name->next != NULL || !g_str_equal (name->key, "group") ||
      name->kind != JOBS_YAML_TEXT)
    {
      jobs_schema_mismatch (on, _ ("{group: NAME}"), self->problems);
      return NULL;
    }

  group = g_hash_table_lookup (self->node_groups, name->text);
  if (group != NULL)
    return group;

  hint = jobs_loader_dup_hint (self, self->node_groups, name->text);
  jobs_problems_add (self->problems, name->place, JOBS_ERROR_SCHEMA,
                     /* Translators: a name, a suggestion or nothing */
                     _ ("no group of nodes is named '%s'%s"), name->text, hint);

  return NULL;
}

GPtrArray *
jobs_loader_read_on (JobsLoader         *self,
                     const JobsYamlNode *on,
                     gboolean           *is_many)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const JobsYamlNode *list = on;

  *is_many = on->kind != JOBS_YAML_TEXT;
  if (!*is_many)
    {
      g_ptr_array_add (names, (gpointer) on->text);
      return check_node_name (self, on) ? g_steal_pointer (&names) : NULL;
    }

  if (on->kind == JOBS_YAML_MAP)
    {
      list = find_group (self, on);
      /* What is wrong inside of a group has been said */
      if (list == NULL || list->kind != JOBS_YAML_LIST || list->first == NULL)
        return NULL;
    }
  else if (!check_names (self, list))
    {
      return NULL;
    }

  for (const JobsYamlNode *name = list->first; name != NULL; name = name->next)
    {
      /* Likewise */
      if (name->kind != JOBS_YAML_TEXT)
        return NULL;
      g_ptr_array_add (names, (gpointer) name->text);
    }

  return g_steal_pointer (&names);
}

void
jobs_remote_free (JobsRemote *self)
{
  g_clear_object (&self->node);
  g_free (self);
}

static JobsNode *
make_ssh (JobsLoader       *self,
          const JobsRemote *remote)
{
  JobsNode *gateway = remote->gateway != NULL ? jobs_loader_get_node (self, remote->gateway->text) : NULL;
  JobsNode *node = jobs_ssh_node_new (remote->name, remote->ssh->text, (JobsSshNode *) gateway);

  if (remote->config != NULL)
    jobs_ssh_node_set_config_file (JOBS_SSH_NODE (node), remote->config->text);
  if (remote->options != NULL)
    for (const JobsYamlNode *option = remote->options->first; option != NULL; option = option->next)
      jobs_ssh_node_add_option (JOBS_SSH_NODE (node), option->text);
  if (remote->sessions > 0)
    jobs_ssh_node_set_max_sessions (JOBS_SSH_NODE (node), (guint) MIN (remote->sessions, G_MAXUINT));
  if (remote->connect_timeout > 0)
    jobs_ssh_node_set_connect_timeout (JOBS_SSH_NODE (node), (guint) remote->connect_timeout);

  return node;
}

static void
add_slurm_option (JobsSlurmNode      *node,
                  const char         *option,
                  const JobsYamlNode *value)
{
  g_autofree char *text = value != NULL ? g_strconcat (option, value->text, NULL) : NULL;

  if (text != NULL)
    jobs_slurm_node_add_option (node, text);
}

static JobsNode *
make_slurm (JobsLoader       *self,
            const JobsRemote *remote)
{
  JobsSchemaValue values[N_SLURM_KEYS];
  JobsNode *made = jobs_slurm_node_new (remote->name);
  JobsSlurmNode *node = JOBS_SLURM_NODE (made);

  /* It was right when the node was read */
  jobs_schema_read (slurm_keys, N_SLURM_KEYS, 1, "", remote->slurm, values, self->problems);
  add_slurm_option (node, "--account=", values[SLURM_ACCOUNT].node);
  add_slurm_option (node, "--cpus-per-task=", values[SLURM_CPUS].node);
  add_slurm_option (node, "--gpus=", values[SLURM_GPUS].node);
  add_slurm_option (node, "--mem=", values[SLURM_MEMORY].node);
  add_slurm_option (node, "--partition=", values[SLURM_PARTITION].node);
  if (values[SLURM_TIME].node != NULL)
    {
      gint64 seconds = (values[SLURM_TIME].number + 999) / 1000;
      g_autofree char *option =
        g_strdup_printf ("--time=%" G_GINT64_FORMAT ":%02d", seconds / 60, (int) (seconds % 60));

      jobs_slurm_node_add_option (node, option);
    }
  if (values[SLURM_FOLDER].node != NULL)
    jobs_slurm_node_set_folder (node, values[SLURM_FOLDER].node->text);
  if (values[SLURM_EXTRA].node != NULL)
    for (const JobsYamlNode *option = values[SLURM_EXTRA].node->first; option != NULL; option = option->next)
      jobs_slurm_node_add_option (node, option->text);

  return made;
}

JobsNode *
jobs_loader_get_node (JobsLoader *self,
                      const char *name)
{
  JobsRemote *remote = g_hash_table_lookup (self->nodes, name);

  /* A group may name one that is not there */
  if (remote == NULL)
    return NULL;

  if (remote->node == NULL && self->are_nodes_good)
    remote->node = remote->slurm != NULL ? make_slurm (self, remote) : make_ssh (self, remote);

  return remote->node;
}

void
jobs_loader_make_nodes (JobsLoader         *self,
                        const JobsYamlNode *nodes)
{
  for (const JobsYamlNode *node = nodes->first; node != NULL; node = node->next)
    {
      JobsNode *made = jobs_loader_get_node (self, node->key);

      if (made != NULL)
        g_ptr_array_add (self->all_nodes, g_object_ref (made));
    }
}
