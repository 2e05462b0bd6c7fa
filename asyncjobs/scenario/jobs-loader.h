/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-keys.h"
#include "jobs-level.h"

G_BEGIN_DECLS

/* What one file is read with, and what comes of it */
typedef struct
{
  JobsProblems *problems; /* borrowed */
  GHashTable *nodes;      /* name → JobsRemote */
  GHashTable *pools;      /* name → JobsPool */
  JobsTally tally;

  JobsEngine *engine;
  char *name;             /* NULL unless the file has one */
  GHashTable *secrets;    /* names of variables */
  GPtrArray *flexible;    /* engines whose on-failure the file leaves open */
  GHashTable *groups;     /* path of a job with a matrix → GPtrArray of its actions */
} JobsLoader;

/* A node that is not this machine; all strings are borrowed */
typedef struct
{
  const char *kind; /* ssh, slurm */
  const JobsYamlNode *gateway;
} JobsRemote;

/* Reads the whole tree; TRUE without any problem, and then there is an engine */
gboolean jobs_loader_load          (JobsLoader         *self,
                                    const JobsYamlNode *root);
void     jobs_loader_clear         (JobsLoader         *self);

/* A suggestion out of the keys of a hash table, as jobs_schema_dup_hint() */
char    *jobs_loader_dup_hint      (JobsLoader         *self,
                                    GHashTable         *names,
                                    const char         *name);

/* The parts, each in a file of its own. What has an error adds it and gives
 * FALSE */

/* What engines have in common, the top and nested ones, with all jobs inside:
 * jobs-loader.c */
void     jobs_loader_read_level    (JobsLoader            *self,
                                    JobsLevel             *level,
                                    const JobsSchemaValue *values);
gboolean jobs_loader_check_env     (JobsLoader         *self,
                                    const JobsYamlNode *env);
/* `nodes`: jobs-remotes.c */
void     jobs_loader_read_nodes    (JobsLoader         *self,
                                    const JobsYamlNode *nodes);
/* One entry of `jobs`, into the level: jobs-job.c */
void     jobs_loader_read_job      (JobsLoader         *self,
                                    JobsLevel          *level,
                                    const JobsYamlNode *node);
/* A job with `run`: jobs-job-command.c. What is checked is sure to be made. The
 * variables are those of a member of a matrix, or NULL */
gboolean jobs_loader_check_command (JobsLoader            *self,
                                    const JobsSchemaValue *values);
JobsAction *
         jobs_loader_make_command  (JobsLoader            *self,
                                    JobsLevel             *level,
                                    const JobsSchemaValue *values,
                                    const char            *label,
                                    const char           **variables);

G_END_DECLS
