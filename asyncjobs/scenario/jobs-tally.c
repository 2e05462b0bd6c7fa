/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-tally.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What a job is made of, as far as it can become many. NULL: is not there */
typedef struct
{
  const JobsYamlNode *env;
  const JobsYamlNode *jobs;
  const JobsYamlNode *matrix;
  const JobsYamlNode *on;
  const JobsYamlNode *groups;
  const JobsYamlNode *run;
} Parts;

static Parts
find_parts (const JobsYamlNode *map)
{
  Parts parts = { NULL };

  for (const JobsYamlNode *child = map->first; child != NULL; child = child->next)
    {
      if (g_str_equal (child->key, "run"))
        parts.run = child;
      else if (g_str_equal (child->key, "on"))
        parts.on = child;
      else if (child->kind != JOBS_YAML_MAP)
        continue;
      else if (g_str_equal (child->key, "groups"))
        parts.groups = child;
      else if (g_str_equal (child->key, "env"))
        parts.env = child;
      else if (g_str_equal (child->key, "jobs"))
        parts.jobs = child;
      else if (g_str_equal (child->key, "matrix"))
        parts.matrix = child;
    }

  return parts;
}

/* How many members a matrix has, which may be one more than allowed for all
 * that are more; and how long their names are together */
static guint64
measure_matrix (const JobsYamlNode *matrix,
                gsize               name_length,
                guint64            *n_name_bytes)
{
  guint64 n_members = 1, n_bytes = name_length + 1;

  for (const JobsYamlNode *axis = matrix->first; axis != NULL; axis = axis->next)
    {
      guint64 n_values = 0;

      for (const JobsYamlNode *value = axis->first; value != NULL; value = value->next)
        n_values++;

      /* Each name so far once per value, each value once per name so far, and a comma */
      n_bytes = n_bytes * n_values + n_members * (axis->n_bytes + n_values);
      n_members *= n_values;
      if (n_members > JOBS_TALLY_MAX_JOBS)
        return JOBS_TALLY_MAX_JOBS + 1;
    }

  *n_name_bytes = n_bytes;

  return n_members;
}

/* The list of nodes for each of which there is a job; NULL: there is no such */
static const JobsYamlNode *
find_nodes (JobsTally          *self,
            const JobsYamlNode *on)
{
  if (on == NULL || on->kind == JOBS_YAML_LIST)
    return on;
  if (on->kind != JOBS_YAML_MAP || on->first == NULL || on->first->kind != JOBS_YAML_TEXT ||
      self->groups == NULL)
    return NULL;

  for (const JobsYamlNode *group = self->groups->first; group != NULL; group = group->next)
    if (g_str_equal (group->key, on->first->text))
      return group->kind == JOBS_YAML_LIST ? group : NULL;

  return NULL;
}

/* As measure_matrix (), for members that are there already */
static guint64
measure_nodes (const JobsYamlNode *nodes,
               guint64             n_members,
               gsize               name_length,
               guint64            *n_name_bytes)
{
  guint64 n_nodes = 0;

  for (const JobsYamlNode *name = nodes->first; name != NULL; name = name->next)
    n_nodes++;
  *n_name_bytes = MAX (*n_name_bytes, name_length + 1) * n_nodes + n_members * (nodes->n_bytes + n_nodes);

  return MIN (n_members * n_nodes, JOBS_TALLY_MAX_JOBS + 1);
}

static gboolean count_level (JobsTally          *self,
                             const JobsYamlNode *jobs,
                             guint64             n_times,
                             guint64             env_bytes,
                             JobsProblems       *problems);

static gboolean
count_job (JobsTally          *self,
           const JobsYamlNode *job,
           guint64             n_times,
           guint64             env_bytes,
           JobsProblems       *problems)
{
  Parts parts = job->kind == JOBS_YAML_MAP ? find_parts (job) : (Parts){ NULL };
  const JobsYamlNode *nodes = find_nodes (self, parts.on);
  guint64 n_outer = n_times, n_name_bytes = 0, n_members = 1;

  if (parts.matrix != NULL)
    n_members = measure_matrix (parts.matrix, strlen (job->key), &n_name_bytes);
  if (nodes != NULL)
    n_members = measure_nodes (nodes, n_members, strlen (job->key), &n_name_bytes);
  n_times *= n_members;

  self->n_jobs += n_times;
  if (self->n_jobs > JOBS_TALLY_MAX_JOBS)
    {
      jobs_problems_add (problems, job->key_place, JOBS_ERROR_SCHEMA,
                         _ ("with this the file has more than 1000000 jobs"));
      return FALSE;
    }

  /* A command has a copy of all its texts, but not of the matrix itself */
  self->n_bytes += n_outer * n_name_bytes;
  if (parts.run != NULL)
    self->n_bytes += n_times * (job->n_bytes + env_bytes -
                                (parts.matrix != NULL ? parts.matrix->n_bytes : 0));
  if (self->n_bytes > JOBS_TALLY_MAX_BYTES)
    {
      jobs_problems_add (problems, job->key_place, JOBS_ERROR_SCHEMA,
                         _ ("with this the jobs of the file, each with its environment, take more "
                            "than 256 MiB of text"));
      return FALSE;
    }

  if (parts.jobs == NULL || n_times == 0)
    return TRUE;

  return count_level (self, parts.jobs, n_times,
                      env_bytes + (parts.env != NULL ? parts.env->n_bytes : 0), problems);
}

static gboolean
count_level (JobsTally          *self,
             const JobsYamlNode *jobs,
             guint64             n_times,
             guint64             env_bytes,
             JobsProblems       *problems)
{
  for (const JobsYamlNode *job = jobs->first; job != NULL; job = job->next)
    if (!count_job (self, job, n_times, env_bytes, problems))
      return FALSE;

  return TRUE;
}

gboolean
jobs_tally_count (JobsTally          *self,
                  const JobsYamlNode *root,
                  JobsProblems       *problems)
{
  Parts parts = root->kind == JOBS_YAML_MAP ? find_parts (root) : (Parts){ NULL };

  self->groups = parts.groups;

  return parts.jobs == NULL ||
         count_level (self, parts.jobs, 1, parts.env != NULL ? parts.env->n_bytes : 0, problems);
}
