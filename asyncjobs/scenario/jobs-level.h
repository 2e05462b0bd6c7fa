/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-engine.h"

#include "jobs-keys.h"
#include "jobs-tally.h"

G_BEGIN_DECLS

/* A job as the file has it; with a matrix it is several actions */
typedef struct
{
  const JobsYamlNode *node; /* its key is the name */
  const JobsYamlNode *requires;
  const JobsYamlNode *after;
  const char *capture;
  guint32 first; /* of its actions */
  guint32 n_actions;
  guint32 first_link;
  guint32 n_links;
  guint8 forever : 1;
  guint8 says_ready : 1;
  guint8 bad : 1; /* has a problem, and so perhaps not all of its actions */
} JobsEntry;

/* What a name stands for: actions of one entry, all or one of them */
typedef struct
{
  guint32 entry;
  guint32 first;
  guint32 n_actions;
} JobsTarget;

/* A requirement of an entry */
typedef struct
{
  JobsTarget target;
  JobsCondition condition;
  JobsPlace place;
} JobsLink;

/* One map of jobs, the top one or that of a nested engine, while it is read */
typedef struct _JobsLevel JobsLevel;

struct _JobsLevel
{
  JobsLevel *parent; /* NULL: the top; borrowed */
  char *path;        /* "" at the top, else ends in "/" */
  JobsEngine *engine;
  const JobsYamlNode *jobs;
  const char **variables; /* of a member of a matrix: name, value, ..., NULL */
  const JobsYamlNode *env;
  JobsSchemaValue *defaults; /* by JobsKey; NULL: those of the parent */
  GHashTable *pools;         /* that the engine itself holds, or NULL */

  GArray *entries;    /* of JobsEntry, in the order of the file */
  GArray *links;      /* of JobsLink, those of an entry together */
  GPtrArray *actions; /* of JobsAction */
  GArray *targets;    /* of JobsTarget */
  GHashTable *names;  /* of jobs and of members → 1 + index in targets */
  GPtrArray *nested;  /* of JobsLevel, NULL: none */
  guint32 *order;     /* of entries: each after those that it requires */
};

JobsLevel  *jobs_level_new          (JobsLevel    *parent,
                                     JobsEngine   *engine,
                                     const char   *name);
void        jobs_level_free         (JobsLevel    *self);
JobsEntry  *jobs_level_get_entry    (JobsLevel    *self,
                                     guint         index);
JobsAction *jobs_level_get_action   (JobsLevel    *self,
                                     guint         index);
/* The value of a key, of the innermost defaults that have it; NULL: none has */
const JobsSchemaValue *jobs_level_get_default (JobsLevel *self,
                                               JobsKey    key);
/* A name for actions of the entry that is read just now; FALSE where it is
 * taken. The string is borrowed */
gboolean    jobs_level_add_name     (JobsLevel    *self,
                                     const char   *name,
                                     guint32       first,
                                     guint32       n_actions);

/* That bears the name, or has a member that does; NULL: none */
JobsEntry  *jobs_level_find_entry   (JobsLevel    *self,
                                     const char   *name);
JobsLink   *jobs_level_get_link     (JobsLevel    *self,
                                     guint         index);

/* Once all entries are read: names become links, and circles are found */
void        jobs_level_resolve      (JobsLevel    *self,
                                     JobsTally    *tally,
                                     JobsProblems *problems);
/* Once all is known to be right, here and inside: fills the engines */
void        jobs_level_connect      (JobsLevel    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsLevel, jobs_level_free)

G_END_DECLS
