/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-problems.h"
#include "jobs-suggest.h"
#include "jobs-yaml.h"

G_BEGIN_DECLS

/* What the value of a key may be */
typedef enum
{
  JOBS_SCHEMA_ANY, /* whoever reads it checks it */
  JOBS_SCHEMA_TEXT,
  JOBS_SCHEMA_FILLED, /* a text that is not empty */
  JOBS_SCHEMA_VARIABLE, /* the name of a variable that a shell can use */
  JOBS_SCHEMA_MAP,
  JOBS_SCHEMA_BOOLEAN,
  JOBS_SCHEMA_INTEGER,
  JOBS_SCHEMA_COUNT,    /* from 0 on */
  JOBS_SCHEMA_AMOUNT,   /* from 1 on */
  JOBS_SCHEMA_DURATION, /* number: ms */
  JOBS_SCHEMA_ON_FAILURE,
  JOBS_SCHEMA_CONDITION,
} JobsSchemaType;

/* A key that a map may have, in which of the places that the caller knows */
typedef struct
{
  const char *name;
  JobsSchemaType type;
  guint where;
} JobsSchemaKey;

typedef struct
{
  const JobsYamlNode *node; /* NULL: the key is not there */
  gint64 number;            /* of a boolean, a number, a duration, an enumeration */
} JobsSchemaValue;

/* Reads a map into values, one per key of the table; FALSE with problems added
 * where it is none, where a key is not one of those for `where`, or a value has
 * the wrong type. What is right is read all the same. `what` is how a message
 * names the map */
gboolean jobs_schema_read      (const JobsSchemaKey *keys,
                                guint                n_keys,
                                guint                where,
                                const char          *what,
                                const JobsYamlNode  *node,
                                JobsSchemaValue     *values,
                                JobsProblems        *problems);
/* One value; number may be NULL */
gboolean jobs_schema_check     (JobsSchemaType      type,
                                const JobsYamlNode *node,
                                gint64             *number,
                                JobsProblems       *problems);
/* A map or a list all of whose values are texts */
gboolean jobs_schema_check_all (JobsYamlKind        kind,
                                JobsSchemaType      type,
                                const JobsYamlNode *node,
                                JobsProblems       *problems);
/* "expected ..., found ..." */
void     jobs_schema_mismatch  (const JobsYamlNode *node,
                                const char         *expected,
                                JobsProblems       *problems);
/* Likewise, of what stands where a job belongs, and how to make one of it */
void     jobs_schema_no_job    (const JobsYamlNode *node,
                                JobsProblems       *problems);
/* "", or "; did you mean 'x'?" */
char    *jobs_schema_dup_hint  (const JobsSuggestion *suggestion);

G_END_DECLS
