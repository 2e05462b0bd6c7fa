/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../nodes/jobs-node.h"
#include "jobs-keys.h"
#include "jobs-level.h"

G_BEGIN_DECLS

/* What one file is read with, and what comes of it */
typedef struct
{
  JobsProblems *problems; /* borrowed */
  GHashTable *nodes;      /* name → JobsRemote */
  gboolean are_nodes_good;
  GPtrArray *all_nodes;   /* JobsNode */
  GHashTable *node_groups; /* name → JobsYamlNode, a list of names */
  GHashTable *pools;      /* name → JobsPool */
  JobsTally tally;

  JobsEngine *engine;
  char *name;             /* NULL unless the file has one */
  GHashTable *secrets;    /* names of variables */
  GPtrArray *flexible;    /* engines whose on-failure the file leaves open */
  GHashTable *groups;     /* path of a job with a matrix → GPtrArray of its actions */
} JobsLoader;

/* A node that is not this machine; what is of the tree is borrowed */
typedef struct
{
  const char *name;
  const JobsYamlNode *slurm; /* one of these two, where the file is right */
  const JobsYamlNode *ssh;
  const JobsYamlNode *gateway;
  const JobsYamlNode *config;
  const JobsYamlNode *options;
  gint64 sessions;        /* 0: the default */
  gint64 connect_timeout; /* ms; 0: the default */
  JobsNode *node;         /* made for the first job on it */
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
void     jobs_remote_free          (JobsRemote *self);
/* In their order, where no error was found */
void     jobs_loader_make_nodes    (JobsLoader         *self,
                                    const JobsYamlNode *nodes);
/* `groups`: likewise, after the nodes */
void     jobs_loader_read_groups   (JobsLoader         *self,
                                    const JobsYamlNode *groups);
/* The nodes that `on` names, (element-type utf8), borrowed from the tree; NULL with a
 * problem added. Where it is a list, or a group, there is a job for each: @is_many */
GPtrArray *
         jobs_loader_read_on       (JobsLoader         *self,
                                    const JobsYamlNode *on,
                                    gboolean           *is_many);
/* NULL: an error was found */
JobsNode *
         jobs_loader_get_node      (JobsLoader *self,
                                    const char *name);
/* One entry of `jobs`, into the level: jobs-job.c */
void     jobs_loader_read_job      (JobsLoader         *self,
                                    JobsLevel          *level,
                                    const JobsYamlNode *node);
/* A job with `run`: jobs-job-command.c. What is checked is sure to be made, if
 * there is a `run`. The variables are those of a member of a matrix, or NULL */
gboolean jobs_loader_check_command (JobsLoader            *self,
                                    const JobsSchemaValue *values);
/* @on: the name of a node; NULL: here */
JobsAction *
         jobs_loader_make_command  (JobsLoader            *self,
                                    JobsLevel             *level,
                                    const JobsSchemaValue *values,
                                    const char            *label,
                                    const char            *on,
                                    const char           **variables);

G_END_DECLS
