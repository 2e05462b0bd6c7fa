/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-loader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  NODE_GATEWAY,
  NODE_SLURM,
  NODE_SSH,
  N_NODE_KEYS,
};

static const JobsSchemaKey node_keys[N_NODE_KEYS] = {
  [NODE_GATEWAY] = { "gateway", JOBS_SCHEMA_FILLED, 1 },
  [NODE_SLURM] = { "slurm", JOBS_SCHEMA_MAP, 1 },
  [NODE_SSH] = { "ssh", JOBS_SCHEMA_FILLED, 1 },
};

static const JobsSchemaKey slurm_keys[] = {
  { "account", JOBS_SCHEMA_FILLED, 1 },
  { "cpus", JOBS_SCHEMA_AMOUNT, 1 },
  { "extra", JOBS_SCHEMA_ANY, 1 },
  { "gpus", JOBS_SCHEMA_COUNT, 1 },
  { "memory", JOBS_SCHEMA_FILLED, 1 },
  { "partition", JOBS_SCHEMA_FILLED, 1 },
  { "time", JOBS_SCHEMA_DURATION, 1 },
};

#define SLURM_EXTRA 2

static gboolean
read_slurm (JobsLoader         *self,
            const JobsYamlNode *node)
{
  JobsSchemaValue values[G_N_ELEMENTS (slurm_keys)];
  gboolean good;

  good = jobs_schema_read (slurm_keys, G_N_ELEMENTS (slurm_keys), 1, _ ("'slurm'"), node, values,
                           self->problems);
  if (values[SLURM_EXTRA].node != NULL)
    good &= jobs_schema_check_all (JOBS_YAML_LIST, JOBS_SCHEMA_FILLED, values[SLURM_EXTRA].node,
                                   self->problems);

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
  JobsRemote remote = { NULL, NULL };

  if (*node->key == '\0')
    jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("a node needs a name that is not empty"));

  if (jobs_schema_read (node_keys, N_NODE_KEYS, 1, _ ("a node"), node, values, self->problems) &&
      (values[NODE_SSH].node != NULL) == (values[NODE_SLURM].node != NULL))
    jobs_problems_add (self->problems, node->key_place, JOBS_ERROR_SCHEMA,
                       _ ("node '%s' needs one of 'ssh' and 'slurm'"), node->key);

  remote.kind = values[NODE_SLURM].node != NULL ? "Slurm" : "SSH";
  remote.gateway = values[NODE_GATEWAY].node;
  if (values[NODE_SSH].node != NULL)
    read_ssh (self, values[NODE_SSH].node);
  if (values[NODE_SLURM].node != NULL)
    {
      read_slurm (self, values[NODE_SLURM].node);
      if (remote.gateway != NULL)
        jobs_problems_add (self->problems, remote.gateway->key_place, JOBS_ERROR_SCHEMA,
                           _ ("'gateway' is only for a node with 'ssh'"));
      remote.gateway = NULL;
    }

  g_hash_table_insert (self->nodes, (gpointer) node->key, g_memdup2 (&remote, sizeof remote));
}

static void
check_gateway (JobsLoader       *self,
               const JobsRemote *remote)
{
  JobsRemote *gateway = g_hash_table_lookup (self->nodes, remote->gateway->text);
  g_autofree char *hint = NULL;

  if (gateway != NULL && !g_str_equal (gateway->kind, "SSH"))
    jobs_problems_add (self->problems, remote->gateway->place, JOBS_ERROR_SCHEMA,
                       _ ("the gateway '%s' is no node with 'ssh'"), remote->gateway->text);
  if (gateway != NULL)
    return;

  hint = jobs_loader_dup_hint (self, self->nodes, remote->gateway->text);
  jobs_problems_add (self->problems, remote->gateway->place, JOBS_ERROR_SCHEMA,
                     _ ("no node is named '%s'%s"), remote->gateway->text, hint);
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

void
jobs_loader_read_nodes (JobsLoader         *self,
                        const JobsYamlNode *nodes)
{
  for (const JobsYamlNode *node = nodes->first; node != NULL; node = node->next)
    read_node (self, node);

  for (const JobsYamlNode *node = nodes->first; node != NULL; node = node->next)
    {
      const JobsRemote *remote = g_hash_table_lookup (self->nodes, node->key);

      if (remote->gateway != NULL)
        check_gateway (self, remote);
    }

  check_circles (self, nodes);
}
