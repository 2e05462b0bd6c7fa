/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-yaml.h"

G_BEGIN_DECLS

/* What a file may have only so much of, however it comes to it: aliases and
 * matrices make much from little */
typedef struct
{
  guint64 n_jobs;
  guint64 n_requirements;
  guint64 n_bytes; /* of text that jobs have copies of */
  guint n_captures;
  guint n_lookups; /* for suggestions */
  const JobsYamlNode *groups; /* of nodes, of the whole file; NULL: none */
} JobsTally;

#define JOBS_TALLY_MAX_JOBS         1000000
#define JOBS_TALLY_MAX_REQUIREMENTS 10000000
#define JOBS_TALLY_MAX_BYTES        (G_GUINT64_CONSTANT (256) * 1024 * 1024)
#define JOBS_TALLY_MAX_LOOKUPS      100000

/* Counts the jobs of a file and their texts before the first is made; FALSE with
 * a problem added where that is too much. Of what is wrong elsewhere it takes
 * what it can read */
gboolean jobs_tally_count (JobsTally          *self,
                           const JobsYamlNode *root,
                           JobsProblems       *problems);

G_END_DECLS
