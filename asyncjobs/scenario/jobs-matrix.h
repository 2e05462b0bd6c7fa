/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-yaml.h"

G_BEGIN_DECLS

/* The members of one job with a matrix: {rate: [10, 100], mode: [a, b]} makes
 * [10,a], [10,b], [100,a], [100,b] */
typedef struct _JobsMatrix JobsMatrix;

/* NULL with problems added where it is no matrix. @node: NULL: of one member, without
 * variables. Borrows from the tree */
JobsMatrix  *jobs_matrix_new           (const JobsYamlNode *node,
                                        JobsProblems       *problems);
/* One more axis, of no variable: the nodes on which all others are run */
void         jobs_matrix_add_nodes     (JobsMatrix *self,
                                        GPtrArray  *names);
/* NULL: there is no such axis */
const char  *jobs_matrix_get_node      (JobsMatrix *self,
                                        guint       member);
void         jobs_matrix_free          (JobsMatrix *self);
/* May be more than there can be jobs; never overflows */
guint64      jobs_matrix_count         (JobsMatrix *self);
char        *jobs_matrix_dup_name      (JobsMatrix *self,
                                        const char *job,
                                        guint       member);
/* Name, value, name, value, NULL; the strings are borrowed */
const char **jobs_matrix_dup_variables (JobsMatrix *self,
                                        guint       member);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsMatrix, jobs_matrix_free)

G_END_DECLS
